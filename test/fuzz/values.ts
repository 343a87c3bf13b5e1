/** Values of a type: what somebody might well say, and now and then what nobody should. */
import { type GraphQLInputType, getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { fillers } from '../sweep/fillers.ts';
import { fillerOf, type Input, inputsOf, isList } from '../sweep/inputs.ts';
import { ownedTypes, type World } from '../sweep/world.ts';
import type { Dice } from './dice.ts';

export interface Pool {
  readonly worlds: readonly World[];
  /** That earlier answers had, by the name of their list. */
  readonly cursors: Map<string, string[]>;
  /** Where earlier answers said that something can be fetched: paths. */
  readonly links: string[];
}

const instants = [
  '2026-09-01T00:00:00Z',
  '2026-11-27T07:00:00.123Z',
  '1999-12-31T23:59:59+14:00',
  '2030-01-01T00:00:00-11:30',
];
const texts = ['Amberlight', 'mber light', 'a', 'Zoë Åkesson', '%_\\', '🦉', "o'neill", 'x y z'];

/** In a list. */
export const mostIds = 3;

/** @param depth of objects, so that they come to an end. */
export function valueFor(input: Input, pool: Pool, dice: Dice, depth = 0): unknown {
  const { type, required } = input;
  if (!required && dice.chance(0.05)) return null;
  if (isList(input)) return Array.from({ length: 1 + dice.below(mostIds) }, () => single(input, pool, dice, depth));

  return single({ ...input, type: isNonNullType(type) ? type.ofType : type }, pool, dice, depth);
}

function single(input: Input, pool: Pool, dice: Dice, depth: number): unknown {
  const named = getNamedType(input.type);
  if (isEnumType(named)) return dice.of(named.getValues()).name;
  if (isInputObjectType(named)) {
    const fields = inputsOf(named.name, Object.values(named.getFields()));
    const given = fields.filter(
      ({ required, type }) => required || (depth < 3 && dice.chance(0.3) && !isListType(type)) || dice.chance(0.2),
    );
    return Object.fromEntries(given.map((field) => [field.name, valueFor(field, pool, dice, depth + 1)]));
  }
  const world = dice.of(pool.worlds);
  switch (named.name) {
    case 'ID':
      return dice.chance(0.8) ? idFor(input, world, dice) : dice.of([world.ids[dice.of(ownedTypes)], 'garbage', '']);
    case 'Int':
      return input.name === 'first' ? dice.of([1, 2, 3, 5, 20, 50]) : dice.of([0, 1, 2, 7, -1, 2_147_483_647]);
    case 'Float':
      return dice.of([0, 0.5, 1, -1]);
    case 'Boolean':
      return dice.chance(0.5);
    case 'DateTime':
      return dice.of(instants);
    case 'String':
      return textFor(input, world, pool, dice);
    default:
      return { a: [1, 'b', null, { c: true }] };
  }
}

function idFor(input: Input, world: World, dice: Dice): unknown {
  if (input.name === 'id' || input.name === 'ids') {
    const known = fillers.byPlace[input.place];
    return known ? known.own(world) : world.ids[dice.of(ownedTypes)];
  }

  return fillerOf(input, fillers)?.own(world) ?? 'nothing';
}

function textFor(input: Input, world: World, { cursors }: Pool, dice: Dice): unknown {
  if (input.name === 'after') {
    const known = cursors.get(input.place.split('.')[1] ?? '');
    return known && dice.chance(0.9) ? dice.of(known) : 'no cursor';
  }

  return dice.chance(0.5) ? (fillerOf(input, fillers)?.own(world) ?? dice.of(texts)) : dice.of(texts);
}

/** Keeps what an answer offers for the questions to come. */
export function keepOffers({ cursors, links }: Pool, answer: string): void {
  for (const [, url = ''] of answer.matchAll(/"url":"(http[^"]+)"/g))
    if (links.length < 50) links.push(new URL(url).pathname);
  for (const [, cursor = ''] of answer.matchAll(/"(?:cursor|endCursor)":"([^"]+)"/g)) {
    const [list = ''] = Buffer.from(cursor, 'base64url').toString().split(/[:/]/);
    const known = cursors.get(list) ?? [];
    cursors.set(list, known);
    if (known.length < 50) known.push(cursor);
  }
}

/** The value as it stands in a document. */
export function literalOf(type: GraphQLInputType, value: unknown): string {
  const inner = isNonNullType(type) ? type.ofType : type;
  if (value === null || value === undefined) return 'null';
  if (isListType(inner) && Array.isArray(value))
    return `[${value.map((each) => literalOf(inner.ofType, each)).join(', ')}]`;
  if (isEnumType(inner)) return value as string;
  if (isInputObjectType(inner)) {
    const fields = inner.getFields();
    const parts = Object.entries(value).map(
      ([name, each]) => `${name}: ${literalOf(fields[name]?.type as GraphQLInputType, each)}`,
    );
    return `{ ${parts.join(', ')} }`;
  }
  if (typeof value === 'object') return jsonLiteral(value);

  return JSON.stringify(value);
}

function jsonLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonLiteral).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${name}: ${jsonLiteral(each)}`)
      .join(', ')} }`;

  return JSON.stringify(value);
}

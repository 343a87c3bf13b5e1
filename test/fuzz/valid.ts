/** Random queries that are valid and within the limits: fields, aliases, fragments, directives, variables, pages, filters, orders. */
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isUnionType,
  Kind,
  parse,
  validate,
} from 'graphql';
import { type DocumentLimits, defaultLimits } from '../../src/server/limits.ts';
import { fragmentsOf, shapeOf } from '../../src/server/measure.ts';
import { priceOf } from '../../src/server/toll.ts';
import { type Input, inputsOf } from '../sweep/inputs.ts';
import type { Dice } from './dice.ts';
import { literalOf, type Pool, valueFor } from './values.ts';

export interface Query {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

interface Draft {
  readonly schema: GraphQLSchema;
  readonly pool: Pool;
  readonly dice: Dice;
  readonly variables: Record<string, unknown>;
  readonly declared: string[];
  /** By name: type and text. */
  readonly fragments: Map<string, { readonly on: string; readonly text: string }>;
  /** Fields that may still be drawn. */
  left: number;
  aliases: number;
}

/** Draws until one is within the limits. */
export function validQuery(schema: GraphQLSchema, pool: Pool, dice: Dice): Query {
  for (;;) {
    const drawn = draw(schema, pool, dice);
    if (fits(schema, drawn)) return drawn;
  }
}

/** Whether it is what it is meant to be: valid, small enough, cheap enough. */
function fits(schema: GraphQLSchema, { query, variables }: Query): boolean {
  const document = parse(query, { maxTokens: 5_000 });
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION || validate(schema, document).length > 0) return false;
  const { document: limits, operationPoints } = defaultLimits;
  if (document.loc !== undefined && tokensOf(query) > limits.tokens) return false;

  return (
    within(shapeOf(operation, fragmentsOf(document)), limits) &&
    priceOf({ schema, document, variableValues: variables }) <= operationPoints
  );
}

function within(shape: ReturnType<typeof shapeOf>, limits: DocumentLimits): boolean {
  return (['depth', 'introspectionDepth', 'rootFields', 'aliases', 'directives'] as const).every(
    (name) => shape[name] <= limits[name],
  );
}

/** More than the parser counts, never fewer. */
function tokensOf(query: string): number {
  return (query.match(/"(?:[^"\\]|\\.)*"|[\w-]+|[^\s\w]/g) ?? []).length;
}

function draw(schema: GraphQLSchema, pool: Pool, dice: Dice): Query {
  const variables: Record<string, unknown> = {};
  const left = 5 + dice.below(120);
  const draft: Draft = { schema, pool, dice, variables, declared: [], fragments: new Map(), left, aliases: 0 };
  const root = schema.getQueryType() as GraphQLCompositeType;
  const body = selection(draft, root, 1 + dice.below(8), 1 + dice.below(4));
  const head =
    draft.declared.length > 0 ? `query Drawn(${draft.declared.join(', ')})` : dice.of(['query', 'query Drawn', '']);
  const fragments = [...draft.fragments].map(([name, { on, text }]) => `fragment ${name} on ${on} ${text}`);

  return { query: [`${head} ${body}`, ...fragments].join('\n'), variables };
}

function selection(draft: Draft, type: GraphQLCompositeType, depth: number, width: number): string {
  const { dice, schema } = draft;
  const parts: string[] = [];
  if (isAbstractType(type)) {
    parts.push('__typename');
    const possible = schema.getPossibleTypes(type);
    for (let count = 1 + dice.below(3); count > 0; count -= 1) {
      const one = dice.of(possible);
      parts.push(`... on ${one.name}${directive(draft)} ${selection(draft, one, depth, width)}`);
    }
    if (isUnionType(type)) return `{ ${parts.join(' ')} }`;
  }
  const fields = Object.values((type as { getFields(): Record<string, Field> }).getFields());
  const names = new Set<string>();
  for (let count = 0; count < width && draft.left > 0; count += 1) {
    const field = dice.of(fields);
    const text = fieldText(draft, type, field, depth, names);
    if (text !== null) parts.push(text);
  }
  if (parts.length === 0) parts.push('__typename');
  const text = `{ ${parts.join(' ')} }`;

  return type === schema.getQueryType() ? text : asFragment(draft, type, text);
}

type Field = GraphQLField<unknown, unknown>;

function fieldText(
  draft: Draft,
  parent: GraphQLCompositeType,
  field: Field,
  depth: number,
  names: Set<string>,
): string | null {
  const { dice } = draft;
  const type = getNamedType(field.type);
  if (isCompositeType(type) && depth <= 0) return null;
  const again = names.has(field.name);
  if (again && draft.aliases >= 15) return null;
  const alias = again || (draft.aliases < 15 && dice.chance(0.08)) ? `a${draft.aliases++}: ` : '';
  names.add(field.name);
  draft.left -= 1;
  const given = argumentsOf(draft, `${parent.name}.${field.name}`, field);
  const below = isCompositeType(type) ? ` ${selection(draft, type, depth - 1, 1 + dice.below(6))}` : '';

  return `${alias}${field.name}${given}${directive(draft)}${below}`;
}

function argumentsOf(draft: Draft, place: string, field: Field): string {
  const { dice, pool } = draft;
  const inputs = inputsOf(place, field.args);
  const share = (name: string) => (name === 'first' ? 0.7 : name === 'after' ? 0.15 : 0.35);
  const drawn = inputs.filter((input) => input.required || dice.chance(share(input.name)));
  const given = place === 'Integration.explain' ? oneOf(inputs, dice) : drawn;
  const parts = given.map((input) => {
    const value = valueFor(input, pool, dice);
    if (dice.chance(0.5)) return `${input.name}: ${literalOf(input.type, value)}`;
    const name = `v${draft.declared.length}`;
    const fallback = !isNonNullType(input.type) && dice.chance(0.3) ? ` = ${literalOf(input.type, value)}` : '';
    draft.declared.push(`$${name}: ${String(input.type)}${fallback}`);
    if (fallback === '' || dice.chance(0.5)) draft.variables[name] = value;
    return `${input.name}: $${name}`;
  });

  return parts.length > 0 ? `(${parts.join(', ')})` : '';
}

/** It wants the one or the other. */
function oneOf(inputs: readonly Input[], dice: Dice): Input[] {
  const names = dice.of([['recordId'], ['recordId', 'classId'], ['externalId']]);

  return inputs.filter(({ name }) => names.includes(name)).map((input) => ({ ...input, required: true }));
}

/** The selection itself, or a spread of it; a fragment that is there already may come again. */
function asFragment(draft: Draft, type: GraphQLCompositeType, text: string): string {
  const { dice, fragments } = draft;
  if (dice.chance(0.06)) return `{ ... ${text} }`;
  if (dice.chance(0.08)) {
    const name = `F${fragments.size}`;
    fragments.set(name, { on: type.name, text });
    return `{ ...${name}${directive(draft)} }`;
  }
  const known = [...fragments].filter(([, { on }]) => on === type.name);
  if (known.length > 0 && dice.chance(0.3)) return text.replace(/ \}$/, ` ...${dice.of(known)[0]} }`);

  return text;
}

function directive(draft: Draft): string {
  const { dice, declared, variables } = draft;
  if (!dice.chance(0.03)) return '';
  const name = `v${declared.length}`;
  if (dice.chance(0.5)) return dice.of([' @include(if: true)', ' @skip(if: false)', ' @skip(if: true)']);
  declared.push(`$${name}: Boolean!`);
  variables[name] = dice.chance(0.7);

  return ` @include(if: $${name})`;
}

/** What is given to an operation: the variables that a world fills, and the places among them where another's could be given. */
import {
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import type { Filler, Fillers } from './fillers.ts';
import type { World } from './world.ts';

/** An argument of a field, or a field of an input. */
export interface Input {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly required: boolean;
  /** `School.people.first`, `PersonFilter.role`. */
  readonly place: string;
}

interface Defined {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly defaultValue?: unknown;
}

export function inputsOf(of: string, fields: readonly Defined[]): Input[] {
  return fields.map((field) => ({
    name: field.name,
    type: field.type,
    required: isRequiredArgument(field as never) || isRequiredInputField(field as never),
    place: `${of}.${field.name}`,
  }));
}

/** What lies below an input: the fields of its object; undefined for a value. */
export function below({ type }: Input): Input[] | undefined {
  const named = getNamedType(type);

  return isInputObjectType(named) ? inputsOf(named.name, Object.values(named.getFields())) : undefined;
}

export function isList({ type }: Input): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** Of a value; undefined when there is none. */
export function fillerOf({ name, type, place }: Input, fillers: Fillers): Filler | undefined {
  const named = getNamedType(type);
  const known = fillers.byPlace[place] ?? fillers.byName[`${name}: ${named.name}`] ?? fillers.byType[named.name];
  if (known !== undefined) return known;
  const [first] = isEnumType(named) ? named.getValues() : [];

  return first && { own: () => first.name };
}

/** How much is given: what has to be, everything, or what has to be and what lies on a path, with its company. */
export type Wanted = 'base' | 'everything' | readonly string[];

type Variables = Record<string, unknown>;

/** @param always names that are given in the base as well. */
export function variablesOf(
  inputs: readonly Input[],
  world: World,
  fillers: Fillers,
  wanted: Wanted,
  always: readonly string[] = [],
): Variables {
  const names = new Set(inputs.filter(({ required }) => required).map(({ name }) => name));
  if (wanted === 'everything') for (const { name } of inputs) if (!special.has(name)) names.add(name);
  if (wanted === 'base') for (const name of always) names.add(name);
  if (typeof wanted === 'object' && wanted[0] !== undefined) names.add(wanted[0]);
  for (const name of names) {
    const place = inputs.find((input) => input.name === name)?.place ?? '';
    for (const companion of fillers.company[place] ?? []) names.add(companion);
  }
  const given = inputs.filter(({ name }) => names.has(name));

  return Object.fromEntries(given.map((input) => [input.name, valueOf(input, world, fillers, inside(wanted, input))]));
}

/** Found out while the sweep runs. */
export const special: ReadonlySet<string> = new Set(['after', 'idempotencyKey']);

function inside(wanted: Wanted, { name }: Input): Wanted {
  if (typeof wanted === 'string') return wanted;

  return wanted[0] === name ? wanted.slice(1) : 'base';
}

function valueOf(input: Input, world: World, fillers: Fillers, wanted: Wanted): unknown {
  const fields = below(input);
  const value = fields
    ? variablesOf(fields, world, fillers, wanted)
    : special.has(input.name)
      ? null
      : fillerOf(input, fillers)?.own(world);

  return isList(input) ? [value] : value;
}

/** The same variables with another value at the path; a list on the way is looked into at its beginning. */
export function withValue(variables: Variables, path: readonly string[], value: unknown): Variables {
  const [name = '', ...rest] = path;
  const here = variables[name];
  if (rest.length === 0) return { ...variables, [name]: value };
  if (Array.isArray(here)) return { ...variables, [name]: [withValue(here[0] as Variables, rest, value)] };

  return { ...variables, [name]: withValue((here ?? {}) as Variables, rest, value) };
}

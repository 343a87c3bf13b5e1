/** What the sweep would pass over, a sentence each: arguments that nobody filled, what fills nothing, and fields that no operation selects. */
import {
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Fillers } from './fillers.ts';
import { below, fillerOf, type Input, inputsOf, special } from './inputs.ts';
import type { Operation } from './operations.ts';
import { ownedTypes } from './world.ts';

export function complaints(schema: GraphQLSchema, fillers: Fillers, operations: readonly Operation[]): string[] {
  return [
    ...unfilled(schema, fillers),
    ...leftovers(schema, fillers),
    ...unowned(schema),
    ...invalid(schema, operations),
    ...unselected(schema, operations),
  ];
}

/** `node` and `nodes` are filled with each type's ids. */
const lookups = new Set(['Query.node.id', 'Query.nodes.ids']);

function valuesOf(schema: GraphQLSchema): Input[] {
  const all = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isInputObjectType(type)) return inputsOf(type.name, Object.values(type.getFields()));
    const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
    return fields.flatMap((field) => inputsOf(`${type.name}.${field.name}`, field.args));
  });

  return all.filter((input) => below(input) === undefined && !special.has(input.name) && !lookups.has(input.place));
}

function unfilled(schema: GraphQLSchema, fillers: Fillers): string[] {
  const missing = valuesOf(schema).filter((input) => fillerOf(input, fillers) === undefined);

  return missing.map(
    ({ place, name, type }) =>
      `Nothing is known to fill ${place} with: say so of "${name}: ${getNamedType(type).name}".`,
  );
}

function leftovers(schema: GraphQLSchema, fillers: Fillers): string[] {
  const inputs = valuesOf(schema);
  const places = new Set(inputs.map(({ place }) => place));
  const names = new Set(
    inputs
      .filter(({ place }) => !(place in fillers.byPlace))
      .map(({ name, type }) => `${name}: ${getNamedType(type).name}`),
  );
  const types = new Set(inputs.map(({ type }) => getNamedType(type).name));
  const gone = (kind: string, keys: object, known: ReadonlySet<string>) =>
    Object.keys(keys).flatMap((key) => (known.has(key) ? [] : [`The ${kind} "${key}" fills nothing any more.`]));
  const fields = new Set([...places].map((place) => place.slice(0, place.lastIndexOf('.'))));

  return [
    ...gone('name', fillers.byName, names),
    ...gone('place', fillers.byPlace, places),
    ...gone('type', fillers.byType, types),
    ...gone('company of', fillers.company, new Set([...places, ...fields])),
  ];
}

/** What can be found by an id belongs to somebody, but for the providers, which are everybody's. */
function unowned(schema: GraphQLSchema): string[] {
  const node = schema.getType('Node');
  const types = schema.getPossibleTypes(node as never).map(({ name }) => name);
  const owned: readonly string[] = ownedTypes;

  return types
    .filter((name) => name !== 'Provider' && !owned.includes(name))
    .map((name) => `No world has a ${name}: give it one.`);
}

function invalid(schema: GraphQLSchema, operations: readonly Operation[]): string[] {
  return operations.flatMap(({ name, document }) =>
    validate(schema, parse(document)).map(({ message }) => `${name} is no operation of this schema: ${message}`),
  );
}

function unselected(schema: GraphQLSchema, operations: readonly Operation[]): string[] {
  const seen = new Set<string>();
  const info = new TypeInfo(schema);
  for (const { document } of operations)
    visit(
      parse(document),
      visitWithTypeInfo(info, { Field: (node) => void seen.add(`${info.getParentType()?.name}.${node.name.value}`) }),
    );
  const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)
      : [],
  );

  return fields.filter((field) => !seen.has(field)).map((field) => `No operation selects ${field}.`);
}

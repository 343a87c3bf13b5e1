/**
 * The operations of the sweep, made from the schema: one for each field of the three roots, and one for each field of each type
 * that has an id, reached by that id. Nothing here is written for one field: a new one is swept because it is there.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  type OperationTypeNode,
} from 'graphql';
import type { Filler, Fillers } from './fillers.ts';
import {
  below,
  fillerOf,
  type Input,
  inputsOf,
  isList,
  special,
  variablesOf,
  type Wanted,
  withValue,
} from './inputs.ts';
import { selectionOf } from './selection.ts';
import { type OwnedType, ownedTypes, type World } from './world.ts';

/** A place among an operation's variables where another's value could be given. */
export interface Slot {
  /** In the schema. */
  readonly place: string;
  /** Among the variables. */
  readonly path: readonly string[];
  readonly list: boolean;
  readonly kind: 'value' | 'page cursor' | 'live cursor' | 'idempotency key';
  /** Of a value. */
  readonly filler?: Filler;
}

export interface Operation {
  readonly name: string;
  readonly kind: `${OperationTypeNode}`;
  readonly document: string;
  readonly slots: readonly Slot[];
  variables(world: World, wanted: Wanted): Record<string, unknown>;
}

/** Objects below what an operation is about. */
const levels = 2;

export function operationsOf(schema: GraphQLSchema, fillers: Fillers): Operation[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const ofRoots = roots.flatMap((root) =>
    root ? Object.values(root.getFields()).flatMap((field) => ofRoot(schema, root, field, fillers)) : [],
  );

  return [...ofRoots, ...ownedTypes.flatMap((type) => ofNode(schema, type, fillers))];
}

type Field = GraphQLField<unknown, unknown>;

/** `node` and `nodes`, which find everything, are tried with each type. */
const lookups: Readonly<Record<string, string>> = { 'Query.node': 'id', 'Query.nodes': 'ids' };

function ofRoot(schema: GraphQLSchema, root: GraphQLObjectType, field: Field, fillers: Fillers): Operation[] {
  const place = `${root.name}.${field.name}`;
  const kind = root.name.toLowerCase() as Operation['kind'];
  const argument = lookups[place];
  const call = `${field.name}${argumentsOf(field)}`;
  const document = `${kind}${declared(field)} { ${call} ${selectionOf(schema, field.type, levels)} }`;
  if (argument === undefined) return listed(field, { name: place, kind, document, field, place, fillers });

  return ownedTypes.map((type) => {
    const filler = idOf(type, fillers);
    const id: Slot = { place, path: [argument], list: argument === 'ids', kind: 'value', filler };
    const variables = (world: World) => ({ [argument]: id.list ? [filler.own(world)] : filler.own(world) });
    return { name: `${place} of ${type}`, kind, document, slots: [id], variables };
  });
}

/** Its values in one operation, and each of its lists and objects in one of its own. */
function ofNode(schema: GraphQLSchema, type: OwnedType, fillers: Fillers): Operation[] {
  const fields = Object.values((schema.getType(type) as GraphQLObjectType).getFields());
  const objects = fields.filter((field) => isCompositeType(getNamedType(field.type)) || field.args.length > 0);
  const leaves = fields.filter((field) => !objects.includes(field)).map(({ name }) => name);
  const filler = idOf(type, fillers);
  const id: Slot = { place: `node of ${type}`, path: ['id'], list: false, kind: 'value', filler };
  const whole: Operation = {
    name: type,
    kind: 'query',
    document: `query($id: ID!) { node(id: $id) { ... on ${type} { ${leaves.join(' ')} } } }`,
    slots: [id],
    variables: (world) => ({ id: filler.own(world) }),
  };

  return [
    whole,
    ...objects.flatMap((field) => {
      const place = `${type}.${field.name}`;
      const call = `${field.name}${argumentsOf(field)}`;
      const inner = `{ ... on ${type} { id ${call} ${selectionOf(schema, field.type, levels)} } }`;
      const document = `query${declared(field, '$id: ID!')} { node(id: $id) ${inner} }`;
      return listed(field, { name: place, kind: 'query', document, field, place, fillers, id });
    }),
  ];
}

/** Of each type that somebody owns, whatever the argument is called. */
function idOf(type: OwnedType, { byPlace, byName }: Fillers): Filler {
  const { nobodys } = byPlace['Query.school.id'] ?? byName['schoolId: ID'] ?? {};

  return { own: ({ ids }) => ids[type], ...(nobodys && { nobodys }) };
}

interface Making {
  readonly name: string;
  readonly kind: Operation['kind'];
  readonly document: string;
  readonly field: Field;
  readonly place: string;
  readonly fillers: Fillers;
  readonly id?: Slot;
}

/** The operation, and the same in each order in which its list can be asked for: each has cursors of its own. */
function listed(field: Field, making: Making): Operation[] {
  const ordered = ordersOf(field).flatMap((value) =>
    ['ASC', 'DESC'].map((direction) =>
      made({ ...making, name: `${making.name} by ${value} ${direction}` }, { field: value, direction }),
    ),
  );

  return [made(making), ...ordered];
}

/** What a list can be ordered by. */
function ordersOf(field: Field): string[] {
  const order = field.args.find(({ name }) => name === 'orderBy');
  const input = order && getNamedType(order.type);
  const by = isInputObjectType(input) ? input.getFields().field : undefined;
  const values = by && getNamedType(by.type);

  return isEnumType(values) ? values.getValues().map(({ name }) => name) : [];
}

function made({ name, kind, document, field, place, fillers, id }: Making, orderBy?: object): Operation {
  const inputs = inputsOf(place, field.args);
  const always = fillers.company[place] ?? [];
  const slots = slotsOf(inputs, kind, fillers);

  return {
    name,
    kind,
    document,
    slots: orderBy ? slots.filter((slot) => slot.kind === 'page cursor') : id ? [id, ...slots] : slots,
    variables: (world, wanted) => ({
      ...(id && { id: id.filler?.own(world) }),
      ...variablesOf(inputs, world, fillers, wanted, always),
      ...(orderBy && { orderBy }),
    }),
  };
}

function slotsOf(inputs: readonly Input[], kind: Operation['kind'], fillers: Fillers, path: string[] = []): Slot[] {
  return inputs.flatMap((input): Slot[] => {
    const here = { place: input.place, path: [...path, input.name], list: isList(input) };
    const fields = below(input);
    if (fields) return slotsOf(fields, kind, fillers, here.path);
    if (input.name === 'after') return [{ ...here, kind: kind === 'subscription' ? 'live cursor' : 'page cursor' }];
    if (special.has(input.name)) return [{ ...here, kind: 'idempotency key' }];
    const filler = fillerOf(input, fillers);

    return filler?.nobodys ? [{ ...here, kind: 'value', filler }] : [];
  });
}

/** The same variables, with a value in the slot. */
export function filled(slot: Slot, variables: Record<string, unknown>, values: readonly unknown[]) {
  return withValue(variables, slot.path, slot.list ? values : values[0]);
}

function declared(field: Field, ...more: string[]): string {
  const all = [...more, ...field.args.map(({ name, type }) => `$${name}: ${String(type)}`)];

  return all.length > 0 ? `(${all.join(', ')})` : '';
}

function argumentsOf(field: Field): string {
  return field.args.length > 0 ? `(${field.args.map(({ name }) => `${name}: $${name}`).join(', ')})` : '';
}

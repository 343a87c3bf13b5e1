/** Documents and variables that nobody sends in good faith: too deep, too wide, too long, in circles, of the wrong kind. */
import { type GraphQLSchema, getNamedType } from 'graphql';
import { inputsOf } from '../sweep/inputs.ts';
import type { Dice } from './dice.ts';
import type { Query } from './valid.ts';
import { type Pool, valueFor } from './values.ts';

export type Body = Record<string, unknown>;

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** What breaks texts, numbers, dates and objects. */
const evils: readonly unknown[] = [
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\uFEFF\u202E\u0000',
  'é'.repeat(5_000),
  '🦉'.repeat(2_000),
  'x'.repeat(70_000),
  "'; drop table person; --",
  '%_\\%',
  '$1',
  '{{7*7}}',
  '__proto__',
  '',
  ' ',
  '\n\t\r',
  '2026-02-30',
  '0000-01-01',
  '9999-12-31',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59.999999999-23:59',
  '2026-09-01T24:00:00Z',
  '2026-12-31T23:59:60Z',
  'infinity',
  'NaN',
  0,
  -1,
  1.5,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_649,
  Number.MAX_SAFE_INTEGER + 2,
  1e308,
  -1e308,
  5e-324,
  true,
  null,
  [],
  {},
  [[[[[]]]]],
  { toString: 'x', constructor: { prototype: {} } },
  { length: -1 },
];

export function evil(dice: Dice): unknown {
  return dice.chance(0.1) ? deepValue(10 + dice.below(3_000), dice) : dice.of(evils);
}

function deepValue(depth: number, dice: Dice): unknown {
  const list = dice.chance(0.5);
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = list ? [value] : { a: value };

  return value;
}

const documents: readonly ((dice: Dice) => string)[] = [
  (dice) => `{ ${'schools { nodes { '.repeat(1 + dice.below(2_000))}`,
  (dice) => {
    const depth = 1 + dice.below(900);
    return `{ schools { nodes { ${'integrations { school { '.repeat(depth)}id${' } }'.repeat(depth)} } } }`;
  },
  (dice) => `{ ${repeat(1 + dice.below(3_000), () => '__typename')} }`,
  (dice) => `{ ${repeat(1 + dice.below(600), (index) => `a${index}: schools { totalCount }`)} }`,
  (dice) => `{ ${repeat(1 + dice.below(40), (index) => `a${index}: liveCursor`)} }`,
  () => '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  () => '{ ...A } fragment A on Query { viewer { id } ...A }',
  (dice) => {
    const depth = 2 + dice.below(60);
    const doubling = repeat(depth, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`);
    return `{ ...F0 } ${doubling} fragment F${depth} on Query { viewer { id } }`;
  },
  (dice) => {
    const depth = 2 + dice.below(40);
    const doubling = repeat(
      depth,
      (index) =>
        `fragment F${index} on School { a${index}: name integrations { school { ...F${index + 1} } } ...F${index + 1} }`,
    );
    return `{ schools { nodes { ...F0 } } } ${doubling} fragment F${depth} on School { id }`;
  },
  (dice) => `{ school(id: "${'x'.repeat(1 + dice.below(100_000))}") { id } }`,
  (dice) => `{ schools(first: ${'9'.repeat(1 + dice.below(400))}) { totalCount } }`,
  (dice) =>
    `{ schools(first: ${dice.of(['-1', '0', '201', '1.5', '1e3', 'true', '"3"', '[3]', '{a: 1}', 'ASC', '$x', '-0', '007'])}) { totalCount } }`,
  (dice) => `{ nodes(ids: [${repeat(1 + dice.below(400), (index) => `"${index}"`)}]) { id } }`,
  (dice) => `{ viewer { id ${'@include(if: true) '.repeat(1 + dice.below(60))} } }`,
  (dice) => `{ viewer { id ${'@skip(if: false) '.repeat(1 + dice.below(5))} } }`,
  () => '{ viewer { id @defer } ... @defer { liveCursor } schools { nodes @stream(initialCount: 1) { id } } }',
  () => 'query A { viewer { id } } query B { liveCursor } mutation C { __typename }',
  () => '',
  () => '# nothing',
  () => 'fragment A on Query { viewer { id } }',
  () => 'type Query { x: Int }',
  () => 'subscription { schoolActivity { __typename } rosterChanged(after: "x") { __typename } }',
  () => 'subscription { __typename }',
  () => 'mutation { __typename }',
  () => 'subscription { schoolActivity(after: "\\u0000") { __typename } }',
  () => '{ node(id: "\\ud800") { id } }',
  () => '{ node(id: """block \\u0000 " string""") { id } }',
  () => '\uFEFF{ viewer { id } }',
  () => '{ viewer { \u202Eid } }',
  () => '{ viewer { id } }\0',
  (dice) => `{ ${'{'.repeat(1 + dice.below(5_000))}`,
  (dice) => '"'.repeat(1 + dice.below(5_000)),
  (dice) => `query(${repeat(1 + dice.below(500), (index) => `$v${index}: Int`)}) { viewer { id } }`,
  (dice) => `query($v: ${'['.repeat(dice.below(800))}Int${']'.repeat(dice.below(800))}) { viewer { id } }`,
  (dice) => `{ school(id: ${'['.repeat(1 + dice.below(1_500))}) { id } }`,
  (dice) =>
    `mutation { testConnection(input: { settings: ${'{ a: '.repeat(1 + dice.below(400))}1${' }'.repeat(1 + dice.below(400))} }) { __typename } }`,
  () => 'mutation { testConnection(input: { settings: { __proto__: { a: 1 }, constructor: 1 } }) { __typename } }',
  (dice) =>
    `{ __schema { types { fields { type { ${'ofType { '.repeat(1 + dice.below(40))}name${' }'.repeat(1 + dice.below(40))} } } } }`,
  (dice) => `{ __schema { types { ${'fields { type { '.repeat(1 + dice.below(12))}name${' } }'.repeat(12)} } } }`,
  (dice) =>
    `{ ${repeat(1 + dice.below(30), (index) => `t${index}: __type(name: "School") { fields { name type { name } } }`)} }`,
  () => '{ __type(name: "__proto__") { name fields { name } } }',
  () => '{ __schema { queryType { fields { args { type { ofType { ofType { ofType { name } } } } } } } } }',
  (dice) => `{ schools { nodes { people(filter: { search: "${'a '.repeat(dice.below(300))}" }) { totalCount } } } }`,
  (dice) => `{ schools { nodes { people(filter: { search: ${literal(dice, 120)} }) { totalCount } } } }`,
  (dice) => `{ schools { nodes { terms(filter: { on: ${literal(dice, 50)} }) { totalCount } } } }`,
];

/** A text for a document. */
function literal(dice: Dice, longest: number): string {
  const value = dice.of(evils);

  return JSON.stringify((typeof value === 'string' ? value : JSON.stringify(value)).slice(0, longest));
}

/** One of those documents, alone or with variables that make it worse. */
export function hostileDocument(dice: Dice): Body {
  const query = dice.of(documents)(dice);

  return dice.chance(0.8)
    ? { query }
    : { query, variables: evil(dice), operationName: dice.of([evil(dice), 'A', 'constructor', undefined]) };
}

/** A good query with variables that are not what it declares. */
export function wrongVariables({ query, variables }: Query, dice: Dice): Body {
  const names = Object.keys(variables);
  const wrong = Object.fromEntries(names.map((name) => [name, dice.chance(0.6) ? evil(dice) : variables[name]]));

  return {
    query,
    variables: dice.chance(0.2)
      ? evil(dice)
      : { ...wrong, [dice.of(['x', '__proto__', 'constructor', 'v0'])]: evil(dice) },
  };
}

/** A field or a mutation with arguments of the right types, whose texts, numbers and dates are the worst of their kind. */
export function evilArguments(schema: GraphQLSchema, pool: Pool, dice: Dice): Body {
  const root = dice.chance(0.7) ? schema.getMutationType() : schema.getQueryType();
  const field = dice.of(Object.values(root?.getFields() ?? {}));
  const declared = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const given = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const inputs = inputsOf(`${root?.name}.${field.name}`, field.args);
  const variables = Object.fromEntries(
    inputs.map((input) => [input.name, spoiled(valueFor({ ...input, required: true }, pool, dice), dice)]),
  );
  const kind = root === schema.getQueryType() ? 'query' : 'mutation';
  const leaf =
    'getFields' in getNamedType(field.type) || 'getTypes' in getNamedType(field.type) ? ' { __typename }' : '';

  return {
    query: `${kind}${declared === '' ? '' : `(${declared})`} { ${field.name}${given === '' ? '' : `(${given})`}${leaf} }`,
    variables,
  };
}

/** One value in four becomes an evil one of its own type. */
function spoiled(value: unknown, dice: Dice): unknown {
  if (Array.isArray(value)) return value.map((each) => spoiled(each, dice));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, spoiled(each, dice)]));
  if (!dice.chance(0.25)) return value;

  return dice.of(evils.filter((each) => typeof each === typeof value));
}

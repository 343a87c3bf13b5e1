import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { buildSchema, type GraphQLSchema, getIntrospectionQuery, getOperationAST, parse, validate } from 'graphql';
import { schema } from '../schema/index.ts';
import { defaultLimits } from './limits.ts';
import { fragmentsOf, objectsAskedFor, shapeOf } from './measure.ts';
import { priceOf } from './toll.ts';

const folder = resolve(import.meta.dirname, '../../examples/operations');

function shape(text: string) {
  const document = parse(text);
  const operation = getOperationAST(document, undefined);
  assert.ok(operation);

  return shapeOf(operation, fragmentsOf(document));
}

function objects(text: string, variables: Record<string, unknown> = {}, of: GraphQLSchema = schema): number {
  const document = parse(text);
  assert.deepEqual(validate(of, document), []);
  const operation = getOperationAST(document, undefined);
  assert.ok(operation);

  return objectsAskedFor(of, document, operation, variables);
}

const price = (text: string, variables: Record<string, unknown> = {}) =>
  priceOf({ schema, document: parse(text), variableValues: variables });

describe('the shape of a document', () => {
  test('counts levels of fields, not of fragments', () => {
    const text = `query { schools { ...a } } fragment a on SchoolConnection { nodes { ... on School { id } } }`;
    assert.deepEqual(shape(text), { depth: 3, introspectionDepth: 0, rootFields: 1, aliases: 0, directives: 0 });
  });

  test('counts aliases and directives as often as their fragment is spread', () => {
    const text = `query @a { x: viewer { ...f ...f } y: viewer { ...f } } fragment f on Viewer { n: name @skip(if: true) }`;
    assert.deepEqual(shape(text), { depth: 2, introspectionDepth: 0, rootFields: 2, aliases: 5, directives: 4 });
  });

  test('counts an introspection apart', () => {
    const { depth, introspectionDepth } = shape(getIntrospectionQuery());
    assert.equal(depth, 0);
    assert.equal(introspectionDepth, defaultLimits.document.introspectionDepth);
  });

  test('of fragments that double at each level is found in a moment, and of one that spreads itself at all', () => {
    const doubling = Array.from(
      { length: 60 },
      (_, level) => `fragment f${level} on Query { ...f${level + 1} ...f${level + 1} }`,
    );
    const { aliases } = shape(`query { ...f0 } ${doubling.join(' ')} fragment f60 on Query { a: liveCursor }`);
    assert.equal(aliases, 2 ** 60);
    assert.equal(shape('query { ...f } fragment f on Query { liveCursor ...f }').depth, 1);
  });
});

describe('the objects a document asks for', () => {
  test('a connection counts its first, below nodes and edges, and nothing else of itself', () => {
    assert.equal(objects('{ schools { totalCount pageInfo { hasNextPage } nodes { id } } }'), 20);
    assert.equal(objects('{ schools(first: 7) { edges { cursor node { id } } } }'), 7);
    assert.equal(objects('{ schools(first: 7) { nodes { id } edges { node { id } } } }'), 14);
    assert.equal(objects('{ schools(first: 7) { totalCount } }'), 0);
  });

  test('a variable counts as it was sent, else as it is declared, else as the field has it', () => {
    const text = 'query ($n: Int = 5) { schools(first: $n) { nodes { id } } }';
    assert.equal(objects(text, { n: 9 }), 9);
    assert.equal(objects(text), 5);
    assert.equal(objects('query ($n: Int) { schools(first: $n) { nodes { id } } }'), 20);
    assert.equal(objects(text, { n: null }), 20);
    // The resolver refuses these.
    assert.equal(objects(text, { n: -1_000_000 }), 20);
    assert.equal(objects(text, { n: 1e9 }), 20);
  });

  test('a plain list counts ten, one that is asked for by ids counts those', () => {
    assert.equal(objects('{ providers { id capabilities { entity } } }'), 10 + 100);
    assert.equal(objects('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }), 3);
    assert.equal(objects('{ nodes(ids: ["a", "b"]) { id } }'), 2);
  });

  test('of several types only the largest counts', () => {
    const union = buildSchema(`
      type Query { pets: [Pet!]! }
      interface Named { name: String! friend: Dog }
      type Cat implements Named { name: String! friend: Dog kittens: [Cat!]! }
      type Dog implements Named { name: String! friend: Dog puppies: [Dog!]! toys: [Dog!]! }
      union Pet = Cat | Dog`);
    const text = `{ pets { ... on Named { friend { name } } ... on Cat { kittens { name } } ... on Dog { puppies { name } toys { name } } } }`;
    assert.equal(objects(text, {}, union), 10 * (1 + 1 + 20));
  });
});

describe('what an operation costs', () => {
  test('a point for each hundred objects, at least one', () => {
    assert.equal(price('{ liveCursor }'), 1);
    assert.equal(price('{ schools(first: 200) { nodes { id } } }'), 2);
  });

  test('ten more for each mutation', () => {
    const text = readFileSync(resolve(folder, 'CancelSyncRun.graphql'), 'utf8');
    assert.equal(price(text), 11);
    assert.equal(price('mutation { a: __typename b: __typename }'), 20);
  });

  test('about 65 for the dashboard', () => {
    assert.equal(price(readFileSync(resolve(folder, 'Dashboard.graphql'), 'utf8')), 65);
  });

  test('the standard introspection and every example may be asked', () => {
    const texts = readdirSync(folder).map((file) => readFileSync(resolve(folder, file), 'utf8'));
    for (const text of [...texts, getIntrospectionQuery(), getIntrospectionQuery({ inputValueDeprecation: true })]) {
      const { depth, introspectionDepth, aliases, rootFields, directives } = shape(text);
      const { document: most } = defaultLimits;
      assert.ok(depth <= most.depth && introspectionDepth <= most.introspectionDepth, text);
      assert.ok(aliases <= most.aliases && rootFields <= most.rootFields && directives <= most.directives, text);
      assert.ok(price(text) <= defaultLimits.operationPoints, `${price(text)} for ${text}`);
    }
  });
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  validateSchema,
} from 'graphql';
import { assertRetryable, assertScoped, printedSchema, schema } from './index.ts';
import { nodeTypeNames } from './node.ts';

const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type));
const fields = withFields.flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));

const isNode = (type: GraphQLNamedType) =>
  (isObjectType(type) || isInterfaceType(type)) &&
  (type.name === 'Node' || type.getInterfaces().some(({ name }) => name === 'Node'));

/** Does it hold more than one record: a list of nodes, or a page of them? */
function listsNodes(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  if (isObjectType(named) && named.name.endsWith('Connection')) return true;
  const inner = isNonNullType(type) ? type.ofType : type;

  return isListType(inner) && isNode(named);
}

describe('the schema', () => {
  test('is valid, and schema.graphql says what it is', async () => {
    assert.deepEqual(validateSchema(schema), []);
    const file = resolve(import.meta.dirname, '../../schema.graphql');
    assert.equal(await readFile(file, 'utf8'), printedSchema(), 'run `npm run generate:schema`');
  });

  test('describes every type, field, argument and value in sentences', () => {
    const described: [string, string | null | undefined][] = [];
    for (const type of types) {
      if (!isSpecifiedScalarType(type)) described.push([type.name, type.description]);
      if (isEnumType(type)) {
        for (const value of type.getValues()) described.push([`${type.name}.${value.name}`, value.description]);
      }
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          described.push([`${type.name}.${field.name}`, field.description]);
        }
      }
    }
    for (const { type, field } of fields) {
      described.push([`${type.name}.${field.name}`, field.description]);
      for (const arg of field.args) described.push([`${type.name}.${field.name}(${arg.name}:)`, arg.description]);
    }

    assert.deepEqual(
      described.filter(([, text]) => !text || !/^[A-Z`].*[.…?)]$/s.test(text)).map(([name]) => name),
      [],
    );
  });

  test('says of every nullable field when it is null, and has no nullable list', () => {
    const nullable = fields.filter(({ field }) => !isNonNullType(field.type));
    const untold = nullable.filter(({ field }) => !/null/i.test(field.description ?? ''));
    assert.deepEqual(
      untold.map(({ type, field }) => `${type.name}.${field.name}`),
      [],
    );

    const lists = fields.filter(({ field }) => isListType(isNonNullType(field.type) ? field.type.ofType : field.type));
    const loose = lists.filter(({ field }) => !/^\[\w+!\]!$/.test(String(field.type)));
    // The one list that answers null for what it does not find.
    assert.deepEqual(
      loose.map(({ type, field }) => `${type.name}.${field.name}`),
      ['Query.nodes'],
    );
  });

  test('gives an `id` to nodes, and to nothing else', () => {
    const withId = withFields.filter((type) => type.getFields().id !== undefined);
    assert.deepEqual(
      withId.filter((type) => !isNode(type)).map(({ name }) => name),
      [],
    );

    const nodes = types.filter((type) => isObjectType(type) && isNode(type)).map(({ name }) => name);
    assert.deepEqual(nodes.sort(), nodeTypeNames().sort());
  });

  test('answers every mutation with a payload or named errors that share one interface', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const noun = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
      assert.equal(String(field.type), `${noun}Result!`);
      assert.deepEqual(
        field.args.map(({ name, type }) => `${name}: ${String(type)}`),
        [`input: ${noun}Input!`],
      );

      const union = getNamedType(field.type);
      assert.ok(isUnionType(union));
      const errors = union.getTypes().filter((type) => type.getInterfaces().some(({ name }) => name === 'Error'));
      const payloads = union.getTypes().filter((type) => !errors.includes(type));
      assert.deepEqual(
        payloads.map(({ name }) => name),
        [`${noun}Payload`],
      );
      const names = errors.map(({ name }) => name);
      assert.ok(names.includes('IdempotencyKeyReusedError') && names.includes('ValidationError'), noun);
      const input = schema.getType(`${noun}Input`);
      assert.ok(isInputObjectType(input));
      assert.equal(String(input.getFields().idempotencyKey?.type), 'String', noun);
    }
    assert.throws(
      () => assertRetryable(buildSchema('type Query { a: Int } type Mutation { reckless: Int }')),
      /reckless/,
    );
  });

  test('asks for a scope at its root, and wherever it lists records', () => {
    assertScoped(schema);
    assert.throws(() => assertScoped(buildSchema('type Query { everything: Int }')), /Query\.everything/);

    const roots = ['Query', 'Mutation', 'Subscription'];
    const open = fields.filter(({ type, field }) => {
      const options = field.extensions.pothosOptions as { authScopes?: unknown } | undefined;

      return !roots.includes(type.name) && listsNodes(field.type) && !options?.authScopes;
    });
    // Inside a page, an event or a payload, whose field has asked already.
    const inside = /^(\w+Connection\.(nodes|edges)|SyncLogAdded\.logs|\w+Payload\.\w+)$/;
    assert.deepEqual(
      open.map(({ type, field }) => `${type.name}.${field.name}`).filter((name) => !inside.test(name)),
      [],
    );
  });
});

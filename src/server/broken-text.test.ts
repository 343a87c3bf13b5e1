import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type ArgumentNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLNamedType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { schema } from '../schema/index.ts';
import { openTestProduct, type TestProduct } from './test-product.ts';
import { openAccepted } from './test-socket.ts';

const broken = [
  ['NUL', 'a\0b'],
  ['half a surrogate pair', 'a\ud83db'],
] as const;

/** An argument somewhere in the schema, with the way to it. */
interface Place {
  readonly name: string;
  readonly argument: GraphQLArgument;
  /** The document with the argument's value in it. */
  document(value: string, variable?: string): string;
}

type AnyField = GraphQLField<unknown, unknown>;

/** Every argument of every field that a document can reach, each by one way. */
function* places(): Generator<Place> {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  const seen = new Set<string>();
  for (const [operation, root] of roots) {
    const rest = [{ type: root as GraphQLNamedType, around: (inner: string) => inner }];
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const { type, around } = next;
      if (seen.has(type.name)) continue;
      seen.add(type.name);
      if (isAbstractType(type)) {
        for (const each of schema.getPossibleTypes(type)) {
          rest.push({ type: each, around: (inner) => around(`... on ${each.name} { ${inner} }`) });
        }
      }
      if (!isObjectType(type)) continue;
      for (const field of Object.values(type.getFields()) as AnyField[]) {
        const inside = getNamedType(field.type);
        const below = (inner: string) => (isCompositeType(inside) ? ` { ${inner} }` : '');
        for (const argument of field.args) {
          yield {
            name: `${type.name}.${field.name}(${argument.name})`,
            argument,
            document: (value, variable = '') =>
              `${operation} ${variable} { ${around(`${field.name}${args(field, argument.name, value)}${below('__typename')}`)} }`,
          };
        }
        rest.push({ type: inside, around: (inner) => around(`${field.name}${args(field)}${below(inner)}`) });
      }
    }
  }
}

function args(field: AnyField, name?: ArgumentNode['name']['value'], value?: string): string {
  const given = field.args.flatMap((argument) => {
    if (argument.name === name) return [`${name}: ${value}`];
    return isRequiredArgument(argument) ? [`${argument.name}: ${literal(sound(argument.type))}`] : [];
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

/** A value in which nothing is broken, with no more in it than there has to be. */
function sound(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sound(type.ofType);
  if (isListType(type)) return [];
  return soundNamed(type);
}

function soundNamed(type: GraphQLNamedInputType): unknown {
  if (isEnumType(type)) return new Name(type.getValues()[0]?.name ?? '');
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(required.map((field) => [field.name, sound(field.type)]));
  }
  const values: Record<string, unknown> = {
    Int: 1,
    Float: 1,
    Boolean: true,
    DateTime: '2026-09-01T07:30:00Z',
    JSON: {},
  };
  return values[type.name] ?? 'x';
}

/** Of an enum: no string when it is written into a document. */
class Name {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  toJSON(): string {
    return this.name;
  }
}

function literal(value: unknown): string {
  if (value instanceof Name) return value.name;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${name}: ${literal(each)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}

/** Values with the text at each place where the type takes one; each input type is entered once on the way down. */
function* breakings(type: GraphQLInputType, text: string, within: readonly string[] = []): Generator {
  if (isNonNullType(type)) yield* breakings(type.ofType, text, within);
  else if (isListType(type)) for (const value of breakings(type.ofType, text, within)) yield [value];
  else if (isInputObjectType(type)) {
    if (within.includes(type.name)) return;
    for (const field of Object.values(type.getFields())) {
      for (const value of breakings(field.type, text, [...within, type.name])) {
        yield { ...(sound(type) as object), [field.name]: value };
      }
    }
  } else if (type.name === 'JSON') yield* [text, { deep: [{ er: text }] }, { [text]: 1 }];
  else if (!['Int', 'Float', 'Boolean'].includes(type.name)) yield text;
}

describe('text that cannot be kept', () => {
  let open: TestProduct;

  before(async () => {
    open = await openTestProduct({ name: 'broken-text' });
  });
  after(() => open.close());

  interface Answer {
    readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
  }

  async function assertRefused(body: object, what: string): Promise<void> {
    const { errors = [] } = (await (await open.post(body)).json()) as Answer;
    assert.ok(
      errors.some(({ message, extensions }) => /is broken/.test(message) && extensions.code === 'BAD_USER_INPUT'),
      `${what}: ${JSON.stringify(errors)}`,
    );
  }

  for (const [name, text] of broken) {
    test(`${name} is a mistake in the input, wherever the schema takes text`, async () => {
      let tried = 0;
      for (const place of places()) {
        const { type } = place.argument;
        for (const value of breakings(type, text)) {
          const query = place.document('$value', `($value: ${String(type)})`);
          await assertRefused({ query, variables: { value } }, `${place.name} ${JSON.stringify(value)}`);
          tried += 1;
        }
      }
      assert.ok(tried > 150, `only ${tried} places were found`);
      assert.deepEqual(open.logged, []);
    });
  }

  test('NUL written into the document is refused alike; half a pair is none that a document can hold', async () => {
    let tried = 0;
    for (const place of places()) {
      for (const value of breakings(place.argument.type, 'a\0b')) {
        if (isEnumType(getNamedType(place.argument.type))) continue;
        const written = literal(value);
        if (!written.includes(String.raw`"a\u0000b"`)) continue;
        await assertRefused({ query: place.document(written) }, `${place.name} ${written}`);
        tried += 1;
      }
    }
    assert.ok(tried > 100, `only ${tried} places were found`);

    const { errors } = (await (await open.post({ query: String.raw`{ node(id: "\ud83d") { id } }` })).json()) as Answer;
    assert.equal(errors?.[0]?.extensions.code, 'BAD_USER_INPUT');
  });

  test('is refused over WebSocket too, and sound text of all planes is taken', async () => {
    const socket = await openAccepted(open.server.url, open.key);
    socket.subscribe('1', 'query ($id: ID!) { node(id: $id) { id } }', { id: 'a\0' });
    assert.match((await socket.next()).payload?.errors?.[0]?.message ?? '', /\$id is broken/);
    assert.equal((await socket.next()).type, 'complete');
    socket.subscribe('2', 'subscription ($id: ID!) { syncRunUpdated(id: $id) { id } }', { id: '\ud83d' });
    assert.match((await socket.next()).payload?.errors?.[0]?.message ?? '', /\$id is broken/);
    socket.subscribe('3', 'query ($id: ID!) { node(id: $id) { id } }', { id: 'é\u{1f600}\u0001' });
    await socket.next();
    assert.deepEqual((await socket.next()).payload?.data, { node: null });
    socket.socket.close();
  });

  test('is found however deep the variables go', async () => {
    const deep = `${'['.repeat(50_000)}"\\u0000"${']'.repeat(50_000)}`;
    const answer = await fetch(`${open.server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${open.key}`, 'content-type': 'application/json' },
      body: `{"query":"query ($id: ID!) { node(id: $id) { id } }","variables":{"id":${deep}}}`,
    });
    const { errors } = (await answer.json()) as Answer;
    assert.equal(errors?.[0]?.extensions.code, 'BAD_USER_INPUT');
  });
});

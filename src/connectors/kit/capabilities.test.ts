import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { authMethodOf, capabilitiesOf, credentialsSchemaOf, directionOf, settingsSchemaOf } from './capabilities.ts';
import type { Connector, Stream } from './contract.ts';
import { webhook } from './webhook.ts';

async function* nothing() {}
const read = { all: nothing };
const write = async () => ({ wire: {} });

function stream(part: Partial<Stream>): Stream {
  return {
    entity: 'class',
    born: 'there',
    action: 'sis.class',
    wire: z.unknown(),
    key: String,
    fields: {},
    pull: read,
    ...part,
  };
}

function connector(streams: Record<string, Stream>, part: Partial<Connector> = {}): Connector {
  return {
    id: 'sis',
    name: 'SIS',
    description: 'A SIS.',
    docs: 'https://sis.example',
    settings: z.object({
      url: z.url().meta({ title: 'Address', description: 'Where it is.' }),
      size: z.int().min(1).default(100).meta({ title: 'Size', description: 'How many.' }),
      level: z.enum(['1', '2']).default('1').meta({ title: 'Level', description: 'Which one.' }),
      token: z
        .string()
        .trim()
        .optional()
        .transform((text) => text || undefined)
        .meta({ title: 'T', description: 'D' }),
    }),
    credentials: z.object({ secret: z.string().meta({ title: 'Secret', description: 'Hush.', writeOnly: true }) }),
    auth: ['apiKey'],
    limits: [],
    quotaKeys: () => ({}),
    concurrency: 1,
    connect: async () => undefined,
    probe: async () => [],
    streams,
    ...part,
  };
}

describe('what a connector can do', () => {
  test('follows from the functions it has', () => {
    const source = connector({ a: stream({}), b: stream({ entity: 'person' }), c: stream({ entity: 'person' }) });
    assert.equal(directionOf(source), 'SOURCE');
    assert.deepEqual(capabilitiesOf(source), [
      { entity: 'class', action: 'PULL' },
      { entity: 'person', action: 'PULL' },
    ]);

    const destination = connector({
      a: stream({ born: 'here', push: { update: write, create: write } }),
      b: stream({ born: 'here', push: { remove: async () => undefined } }),
    });
    assert.equal(directionOf(destination), 'DESTINATION');
    assert.deepEqual(
      capabilitiesOf(destination).map(({ action }) => action),
      ['PULL', 'CREATE', 'UPDATE', 'DELETE'],
    );

    assert.equal(
      directionOf(connector({ a: stream({}), b: stream({ born: 'here', push: { create: write } }) })),
      'BOTH',
    );
    assert.equal(directionOf(connector({ a: stream({ born: 'both', push: { update: write } }) })), 'BOTH');
  });

  test('includes which records a webhook tells about', () => {
    const bell = webhook({
      setup: 'Enter it there.',
      secretOf: () => undefined,
      verify: () => [],
      message: z.unknown(),
      hints: { b: () => 'any' },
    });
    const source = connector({ a: stream({}), b: stream({ entity: 'person' }) }, { webhook: bell });
    assert.deepEqual(
      capabilitiesOf(source).map(({ entity, action }) => `${entity} ${action}`),
      ['class PULL', 'person PULL', 'person WEBHOOK'],
    );
  });

  test('includes how a school signs in', () => {
    assert.equal(authMethodOf(connector({})), 'CREDENTIALS');
    const consent = connector({}, { auth: ['oauth2'] });
    assert.equal(authMethodOf(consent), 'OAUTH2');
    assert.equal(credentialsSchemaOf(consent), null);
  });
});

describe('a form', () => {
  test('is JSON Schema 2020-12 of what a person enters, in order, with defaults', () => {
    const schema = settingsSchemaOf(connector({}));
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
    const properties = schema.properties as Record<string, Record<string, unknown>>;
    assert.deepEqual(Object.keys(properties), ['url', 'size', 'level', 'token']);
    assert.deepEqual(schema.required, ['url']);
    assert.deepEqual(
      [properties.size?.title, properties.size?.description, properties.size?.default],
      ['Size', 'How many.', 100],
    );
    assert.deepEqual(properties.level?.enum, ['1', '2']);
    assert.equal(properties.token?.type, 'string');
    assert.equal(properties.token?.title, 'T');
  });

  test('marks secrets as something to be written and never read', () => {
    const properties = credentialsSchemaOf(connector({}))?.properties as Record<string, Record<string, unknown>>;
    assert.equal(properties.secret?.writeOnly, true);
  });
});

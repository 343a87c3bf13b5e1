/** What a connector states about itself is complete and fits the school's words. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { entities } from '../../../model/entities.ts';
import { credentialsSchemaOf, settingsSchemaOf } from '../capabilities.ts';
import type { Connector, Stream } from '../contract.ts';
import type { Fixtures } from '../examination.ts';
import { examineWith } from './sitting.ts';

interface FormField {
  title?: string;
  description?: string;
  writeOnly?: boolean;
}

export function examineDeclarations(connector: Connector, fixtures: Fixtures): void {
  void test('it is named as its folder and says what it is', () => {
    assert.equal(connector.id, basename(fixtures.folder));
    assert.match(connector.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(connector.name.trim() !== '');
    assert.match(connector.description, /^[A-Z].*\.$/, 'the description is a sentence');
    assert.match(connector.docs, /^https:\/\//);
    assert.ok(connector.auth.length > 0);
    assert.ok(Number.isInteger(connector.concurrency) && connector.concurrency > 0);
  });

  void test('every field of its forms has a title and a description', () => {
    const fields = { ...fieldsOf(settingsSchemaOf(connector)), ...fieldsOf(credentialsSchemaOf(connector)) };
    for (const [name, field] of Object.entries(fields)) {
      assert.ok(field.title, `${name} has a title`);
      assert.ok(field.description, `${name} has a description`);
    }
  });

  examineWith(
    'its forms take what the fixtures enter, and secrets can only be written',
    connector,
    fixtures,
    async ({ stage, context }) => {
      assert.deepEqual(
        connector.settings.parse(context.settings),
        context.settings,
        'parsed settings parse to themselves',
      );
      assert.deepEqual(connector.credentials.parse(context.credentials), context.credentials);

      const fields = fieldsOf(credentialsSchemaOf(connector));
      const isSecret = (value: unknown) => stage.secrets.some((secret) => String(value).includes(secret));
      const secret = Object.keys(fields).filter((name) => isSecret(stage.credentials[name]));
      assert.ok(secret.length > 0 || credentialsSchemaOf(connector) === null, 'the fixtures name the secrets');
      for (const name of secret) assert.equal(fields[name]?.writeOnly, true, `${name} is writeOnly`);
      for (const [name, value] of Object.entries(stage.settings))
        assert.ok(!isSecret(value), `${name} is no credential`);
    },
  );

  examineWith(
    'every limit cites its source and counts for somebody',
    connector,
    fixtures,
    async ({ stage, context }) => {
      const keys = connector.quotaKeys(context.settings, context.credentials);
      for (const { name, source, calls, seconds, per } of connector.limits) {
        assert.match(source, /https:\/\/\S+/, `${name} names the page that states it`);
        assert.ok(calls > 0 && seconds > 0, name);
        assert.ok(keys[per], `${name} is counted for a ${per}`);
      }
      for (const secret of stage.secrets)
        assert.ok(!JSON.stringify(keys).includes(secret), 'quota keys are no secrets');
    },
  );

  for (const [name, stream] of Object.entries(connector.streams)) {
    void test(`the stream ${name} fits the school's words`, () => assertFits(connector, stream));
  }
}

function assertFits({ streams }: Connector, stream: Stream): void {
  const { entity, action, fields, refs = {}, match = [], pull, push, born, ours } = stream;
  const shape = entities[entity];
  const [known, knownRefs] = [Object.keys(shape.fields), Object.keys(shape.refs)];
  assert.match(action, /^[a-z0-9_]+(\.[a-z0-9_]+)+$/);
  for (const name of Object.keys(fields)) assert.ok(known.includes(name), `${entity} has a field ${name}`);
  for (const [name, { stream: target }] of Object.entries(refs)) {
    const ref = shape.refs[name];
    assert.ok(ref, `${entity} has a reference ${name}`);
    assert.equal(streams[target]?.entity, ref.entity, `${name} refers to a stream of ${ref.entity}`);
  }
  const nameable = [...known, ...knownRefs];
  for (const name of match.flatMap(({ by }) => by)) assert.ok(nameable.includes(name), `match by ${name}`);

  assert.ok('all' in pull || pull.within, 'it can be read whole');
  if (typeof pull.covers === 'object') {
    assert.equal((shape.fields as Record<string, string>)[pull.covers.field], 'instant', 'it covers a span of time');
  }
  if (pull.within) {
    assert.ok('all' in (streams[pull.within.stream]?.pull ?? {}), 'its carrier can be read whole');
    assert.ok(refs[pull.within.carrier], 'it refers to its carrier');
  }
  if (born === 'here') return;
  if (born === 'both' && push?.create) assert.ok(ours, 'what we make there can be told from what is new there');

  for (const name of shape.required) assert.ok(name in fields || name in (shape.defaults ?? {}), `it brings ${name}`);
  for (const [name, { required }] of Object.entries(shape.refs))
    assert.ok(!required || name in refs, `it brings ${name}`);
}

function fieldsOf(schema: Readonly<Record<string, unknown>> | null): Record<string, FormField> {
  return (schema?.properties ?? {}) as Record<string, FormField>;
}

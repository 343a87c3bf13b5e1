import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { UnexpectedShape } from './errors.ts';
import { readJson } from './read-json.ts';

const asked = { provider: 'sis', name: 'the SIS', doing: 'read classes' };
const read = (
  body: string | Uint8Array<ArrayBuffer>,
  type: string | null = 'application/json',
  schema: z.ZodType = z.unknown(),
) => {
  const response = new Response(body);
  response.headers.delete('content-type');
  if (type !== null) response.headers.set('content-type', type);
  return readJson(response, schema, asked);
};
const unexpected = (code: string) => (error: unknown) =>
  error instanceof UnexpectedShape && error.code === `sis_${code}`;

describe('an answer in JSON', () => {
  test('is read whatever its JSON type is called, with a byte order mark too', async () => {
    for (const type of [
      'application/json',
      'application/json; charset=utf-8',
      'Application/JSON',
      'application/hal+json',
      'text/json',
      null,
    ]) {
      assert.deepEqual(await read('\ufeff{"a":["ü"]}', type), { a: ['ü'] });
    }
  });

  test('is refused when it says that it is something else', async () => {
    for (const type of ['text/html', 'text/html; charset=utf-8', 'text/plain', 'application/jsonx', 'image/png']) {
      await assert.rejects(read('{"a":1}', type), unexpected('not_json'), type);
    }
  });

  test('is refused when it is cut off, empty or a web page after all', async () => {
    for (const body of ['', ' ', '{"a":[1,', '{"a":1}}', '<html>', 'undefined', '{"a":1']) {
      await assert.rejects(read(body), unexpected('broken_json'), body);
    }
  });

  test('is refused when it is nested deeper than any roster, or carries keys that poison objects', async () => {
    assert.ok(await read(`${'['.repeat(64)}${']'.repeat(64)}`));
    for (const body of [
      `${'['.repeat(65)}${']'.repeat(65)}`,
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      '{"users":[{"__proto__":{"admin":true}}]}',
      String.raw`{"users":[{"\u005f_proto__":1}]}`,
      '{"a":{"constructor":1}}',
    ]) {
      await assert.rejects(read(body), unexpected('dangerous_json'), body.slice(0, 40));
    }
  });

  test('is refused when the schema refuses it', async () => {
    const schema = z.object({ users: z.array(z.unknown()) });
    assert.deepEqual(await read('{"users":[1],"more":2}', 'application/json', schema), { users: [1] });
    await assert.rejects(read('{"users":null}', 'application/json', schema), unexpected('unexpected_shape'));
  });

  test('quotes nothing of a body it refuses', async () => {
    const schema = z.object({ users: z.array(z.never()) });
    for (const body of ['{"users":["Zoë Ørsted"]}', '["Zoë Ørsted", Zoë]', 'Zoë Ørsted']) {
      await assert.rejects(read(body, 'application/json', schema), (error: Error) => {
        assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /Zoë|Ørsted/);
        return true;
      });
    }
  });

  test('is either the value or an UnexpectedShape, whatever the bytes', async () => {
    const text = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((json) => json.slice(0, -1)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        const value = await read(body).catch((error: unknown) => error);
        if (!(value instanceof UnexpectedShape)) assert.deepEqual(value, JSON.parse(body));
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        await read(new Uint8Array(bytes)).catch((error: unknown) => assert.ok(error instanceof UnexpectedShape));
      }),
    );
  });
});

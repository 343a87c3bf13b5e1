import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { parseValue } from 'graphql';
import { newId } from '../model/ids.ts';
import { encodeId, rawId, splitId } from './ids.ts';
import { parseDateTime, parseJson, parseJsonLiteral, serializeDateTime } from './scalars.ts';

describe('global ids', () => {
  test('hold a type and a raw id, and give back both', () => {
    const id = newId();
    const globalId = encodeId('SyncRun', id);

    assert.deepEqual(splitId(globalId), { type: 'SyncRun', id });
    assert.equal(rawId('SyncRun', globalId), id);
    assert.equal(rawId('SyncLog', globalId), undefined);
    assert.deepEqual(splitId(encodeId('Provider', 'a:b')), { type: 'Provider', id: 'a:b' });
  });

  test('are taken in one spelling only, and never trip over another', () => {
    const globalId = encodeId('SyncRun', newId());
    for (const other of [`${globalId}=`, ` ${globalId}`, globalId.slice(0, -1), globalId.toUpperCase()]) {
      assert.equal(rawId('SyncRun', other), undefined);
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (text) => {
        const parts = splitId(text);
        assert.ok(parts === undefined || encodeId(parts.type, parts.id) === text);
      }),
    );
  });
});

describe('DateTime', () => {
  test('takes RFC 3339 and gives it back in UTC', () => {
    assert.equal(serializeDateTime(parseDateTime('2026-09-01T09:30:00+02:00')), '2026-09-01T07:30:00.000Z');
    assert.equal(serializeDateTime(new Date(0)), '1970-01-01T00:00:00.000Z');
  });

  test('takes nothing else', () => {
    for (const value of [
      '0000-01-01T00:00:00Z',
      '0001-01-01T00:00:00+23:59',
      '9999-12-31T23:59:59-23:59',
      '2026-09-01',
      'tomorrow',
      '2026-13-01T00:00:00Z',
      '2026-09-01T09:30:00',
      0,
      null,
      {},
    ]) {
      assert.throws(() => parseDateTime(value), /RFC 3339/);
    }
  });
});

describe('JSON', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

  test('takes what JSON can say, from variables and from the document alike', () => {
    const value = { a: [1, 2.5, 'x', true, null], b: { c: {} } };

    assert.deepEqual(parseJson(value), value);
    const literal = parseJsonLiteral(parseValue('{ a: [1, 2.5, "x", true, null], b: { c: {} } }'));
    assert.deepEqual(JSON.parse(JSON.stringify(literal)), value);
  });

  test('has bounds in size and in depth', () => {
    assert.throws(() => parseJson('x'.repeat(70_000)), /64 KiB/);
    assert.ok(parseJson(nested(9)));
    assert.throws(() => parseJson(nested(10)), /levels/);
  });

  test('refuses keys that JavaScript treats as more than data', () => {
    for (const text of ['{"__proto__": {}}', '{"a": [{"constructor": 1}]}', '{"prototype": null}']) {
      assert.throws(() => parseJson(JSON.parse(text)), /no key/);
    }
    assert.throws(() => parseJsonLiteral(parseValue('{ __proto__: { x: 1 } }')), /no key/);
  });
});

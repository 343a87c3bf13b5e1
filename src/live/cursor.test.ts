import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assert as assertProperty, bigInt, constant, date, integer, oneof, property } from 'fast-check';
import { createCursors, InvalidCursor } from './cursor.ts';

const cursors = createCursors('a server:16384');
const tenantId = '0197a000-0000-7000-8000-000000000001';
const bookmark = { place: { xid: 812_345n, seq: 77n }, at: new Date('2026-11-23T10:00:00.123Z') };

describe('a cursor', () => {
  test('gives back any place it was made from', () => {
    const number = bigInt({ min: 0n, max: 2n ** 63n - 1n });
    const instant = date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });
    const part = oneof(constant(undefined), constant('presentState' as const), integer({ min: 1, max: 1_000 }));

    assertProperty(
      property(number, number, instant, part, (xid, seq, at, told) => {
        const made = { place: { xid, seq }, at, ...(told !== undefined && { part: told }) };
        assert.deepEqual(cursors.decode(tenantId, cursors.encode(tenantId, made)), made);
      }),
    );
  });

  test('of one place is the same text on every gateway', () => {
    assert.equal(cursors.encode(tenantId, bookmark), createCursors('a server:16384').encode(tenantId, bookmark));
  });

  test('of another tenant or another database is refused', () => {
    const cursor = cursors.encode(tenantId, bookmark);

    assert.throws(() => cursors.decode('0197a000-0000-7000-8000-000000000002', cursor), InvalidCursor);
    assert.throws(() => createCursors('a server:16385').decode(tenantId, cursor), InvalidCursor);
  });

  test('that was made up or changed in any character is refused', () => {
    const cursor = cursors.encode(tenantId, bookmark);
    const changed = Array.from(
      cursor,
      (letter, index) => cursor.slice(0, index) + (letter === 'A' ? 'B' : 'A') + cursor.slice(index + 1),
    );

    // The last character has bits to spare: there the same bytes may come out.
    for (const made of ['', 'x', '🦊', cursor.slice(1), `${cursor}AAAA`, ...changed.slice(0, -1)]) {
      assert.throws(() => cursors.decode(tenantId, made), InvalidCursor, made);
    }
  });
});

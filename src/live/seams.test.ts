import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeams } from './seams.ts';

const place = (seq: number) => ({ xid: 7n, seq: BigInt(seq) });

test('what lies on both sides of a seam is kept apart, whatever the order in which seams were added', () => {
  const seams = createSeams();
  for (const seq of [5, 2, 9, 5]) seams.add(place(seq));
  const between = (first: number, next: number) => seams.between(place(first), place(next));

  assert.equal(between(1, 2), false);
  assert.equal(between(1, 3), true);
  assert.equal(between(2, 3), true);
  assert.equal(between(3, 5), false);
  assert.equal(between(5, 6), true);
  assert.equal(between(6, 9), false);
  assert.equal(between(8, 10), true);
  assert.equal(between(10, 20), false);
});

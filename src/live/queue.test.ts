import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Activity } from '../db/queries/activity.ts';
import type { ActivityKind } from '../db/tables/activity.ts';
import { createQueue, type Queue } from './queue.ts';

let seq = 0n;

function row(kind: ActivityKind, ...ids: string[]): Activity {
  seq += 1n;
  return {
    place: { xid: 1n, seq },
    tenantId: 't',
    schoolId: null,
    kind,
    entity: null,
    parentId: null,
    ids,
    allIds: ids,
    at: new Date(0),
  };
}

function drain(queue: Queue): (string | readonly string[])[] {
  const told: (string | readonly string[])[] = [];
  for (let waiting = queue.shift(); waiting !== undefined; waiting = queue.shift()) {
    told.push(waiting.type === 'row' ? waiting.row.ids : `dropped to ${waiting.to.place.seq - base}`);
  }
  return told;
}

let base = 0n;

describe('the queue of a subscriber', () => {
  test('hands rows on in the order in which they came', () => {
    const queue = createQueue(10);
    for (const id of ['a', 'b', 'c']) queue.push(row('record', id));

    assert.deepEqual(drain(queue), [['a'], ['b'], ['c']]);
    assert.equal(queue.shift(), undefined);
  });

  test('keeps one waiting change of a record, the newest, in its newest place', () => {
    const queue = createQueue(10);
    for (const id of ['a', 'b', 'a', 'a']) queue.push(row('run', id));

    const first = queue.shift();
    const second = queue.shift();

    assert.deepEqual(first?.type === 'row' && first.row.ids, ['b']);
    assert.deepEqual(second?.type === 'row' && second.row.place.seq, seq);
    assert.equal(queue.shift(), undefined);
  });

  test('takes only what is told again out of a row about several records', () => {
    const queue = createQueue(10);
    queue.push(row('record', 'a', 'b', 'c'));
    queue.push(row('record', 'b', 'd'));
    queue.push(row('record', 'd', 'c'));

    assert.deepEqual(drain(queue), [['a'], ['b'], ['d', 'c']]);
  });

  test('tells the same id of two kinds apart', () => {
    const queue = createQueue(10);
    queue.push(row('run', 'a'));
    queue.push(row('conflict', 'a'));

    assert.deepEqual(drain(queue), [['a'], ['a']]);
  });

  test('never merges log entries', () => {
    const queue = createQueue(10);
    queue.push(row('log', 'a', 'b'));
    queue.push(row('log', 'a', 'b'));

    assert.deepEqual(drain(queue), [
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('does not merge a change with one that was handed on already', () => {
    const queue = createQueue(10);
    queue.push(row('run', 'a'));
    queue.push(row('run', 'b'));
    queue.shift();
    queue.push(row('run', 'a'));

    assert.deepEqual(drain(queue), [['b'], ['a']]);
  });

  test('drops all that waits when it overflows, says up to where once, and goes on behind it', () => {
    base = seq;
    const queue = createQueue(3);
    for (const id of ['a', 'b', 'c', 'd', 'e']) queue.push(row('log', id));

    assert.deepEqual(drain(queue), ['dropped to 4', ['e']]);

    base = seq;
    for (let number = 0; number < 9; number += 1) queue.push(row('log', String(number)));

    assert.deepEqual(drain(queue), ['dropped to 8', ['8']]);
  });

  test('does not overflow by the changes of few records', () => {
    const queue = createQueue(3);
    for (let number = 0; number < 1_000; number += 1) queue.push(row('run', String(number % 3)));

    assert.deepEqual(
      drain(queue),
      [['1'], ['2'], ['0']].map(([id]) => [id]),
    );
  });

  test('holds a hundred ids for each row that may wait, and a single row whatever its length', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `${seq} ${index}`);
    base = seq;
    const queue = createQueue(2);
    queue.push(row('record', ...ids(150)));
    queue.push(row('record', ...ids(50)));
    queue.push(row('record', 'one too many'));
    queue.push(row('record', ...ids(1_000)));

    assert.deepEqual(
      drain(queue).map((told) => (typeof told === 'string' ? told : told.length)),
      ['dropped to 3', 1_000],
    );

    base = seq;
    for (let number = 0; number < 10; number += 1) queue.push(row('record', ...Array.from({ length: 150 }, String)));
    assert.equal(drain(queue).length, 1, 'what is told anew makes room');
  });
});

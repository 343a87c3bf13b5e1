import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { guard, type Tally } from './guard.ts';

const tally = (given: Partial<Tally>): Tally => ({
  stream: 'enrollments',
  title: 'enrollments',
  mirrored: 100,
  readWhole: true,
  pulled: 100,
  removals: 0,
  changed: 0,
  keyChanged: 0,
  ...given,
});

describe('the guards', () => {
  it('let an ordinary run pass', () => assert.deepEqual(guard([tally({ removals: 10, changed: 40 })]), []));

  it('hold removals above a tenth of what is mirrored', () => {
    assert.deepEqual(guard([tally({ removals: 11 })]), [
      { stream: 'enrollments', what: 'removals', reason: '11 of 100 enrollments would be removed.' },
    ]);
  });

  it('hold more than 500 removals, however many are mirrored', () => {
    assert.equal(guard([tally({ mirrored: 100_000, pulled: 99_000, removals: 500 })]).length, 0);
    assert.equal(guard([tally({ mirrored: 100_000, pulled: 99_000, removals: 501 })]).length, 1);
  });

  it('let three go where ten are mirrored, and none where fewer are', () => {
    assert.equal(guard([tally({ mirrored: 10, pulled: 7, removals: 3 })]).length, 0);
    assert.equal(guard([tally({ mirrored: 9, pulled: 8, removals: 1 })]).length, 1);
  });

  it('stop the whole run when a complete list comes back empty', () => {
    const holds = guard([tally({ pulled: 0, removals: 100 }), tally({ stream: 'classes', title: 'classes' })]);
    assert.deepEqual(
      holds.map((hold) => [hold.stream, hold.what]),
      [
        ['enrollments', 'everything'],
        ['classes', 'everything'],
      ],
    );
    assert.match(holds[0]?.reason ?? '', /came back empty, while 100 are mirrored/);
  });

  it('think nothing of an empty list of changes', () =>
    assert.deepEqual(guard([tally({ readWhole: false, pulled: 0 })]), []));

  it('hold everything when all of twenty or more have changed, or three in ten addresses', () => {
    assert.equal(guard([tally({ mirrored: 20, pulled: 20, changed: 20 })])[0]?.what, 'everything');
    assert.equal(guard([tally({ mirrored: 19, pulled: 19, changed: 19 })]).length, 0);
    assert.equal(guard([tally({ changed: 31, keyChanged: 31 })])[0]?.what, 'everything');
    assert.equal(guard([tally({ changed: 30, keyChanged: 30 })]).length, 0);
  });

  it('take a school’s own numbers', () => {
    assert.equal(guard([tally({ removals: 30 })], { removalShare: 0.5, removalMax: 500 }).length, 0);
    assert.equal(guard([tally({ removals: 30 })], { removalShare: 0.5, removalMax: 20 }).length, 1);
  });

  it('never let more removals pass than they hold for fewer', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(50), (mirrored, removals, more) => {
        const at = (count: number) => guard([tally({ mirrored, pulled: 1, removals: count })]).length;
        assert.ok(at(removals + more) >= at(removals));
      }),
    );
  });
});

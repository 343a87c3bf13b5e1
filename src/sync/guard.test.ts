import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { defaultSettings } from '../model/school-settings.ts';
import { guard, replaces, type Tally } from './guard.ts';

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

/** What waits of one stream, by its numbers and by what it lost in the last 24 hours. */
const waits = (given: Partial<Tally>, removed = 0) =>
  guard([tally(given)], defaultSettings, new Map([['enrollments', removed]]))[0]?.what ?? 'nothing';

describe('the guards', () => {
  const table: [given: Partial<Tally>, removedBefore: number, waits: string, because: string][] = [
    [{ removals: 10, changed: 40 }, 0, 'nothing', 'an ordinary run passes'],
    [{ removals: 11 }, 0, 'removals', 'more than a tenth of what is mirrored'],
    [{ mirrored: 100_000, pulled: 99_000, removals: 500 }, 0, 'nothing', '500 of many pass'],
    [{ mirrored: 100_000, pulled: 99_000, removals: 501 }, 0, 'removals', 'more than 500, however many are mirrored'],
    [{ mirrored: 10, pulled: 7, removals: 3 }, 0, 'nothing', 'three of ten pass'],
    [{ mirrored: 9, pulled: 8, removals: 1 }, 0, 'removals', 'none passes where fewer than ten are mirrored'],
    [{ mirrored: 97, removals: 8 }, 3, 'removals', 'three went already: eleven of a hundred'],
    [{ mirrored: 97, removals: 7 }, 3, 'nothing', 'three went already: ten of a hundred'],
    [{ mirrored: 7, pulled: 4, removals: 3 }, 3, 'removals', 'the small number is one of 24 hours, not of each run'],
    [{ mirrored: 8, pulled: 7, removals: 1 }, 2, 'nothing', 'ten were mirrored 24 hours ago'],
    [{ mirrored: 90, removals: 0 }, 50, 'nothing', 'nothing is removed now'],
    [{ pulled: 0, removals: 100 }, 0, 'everything', 'a complete list that came back empty'],
    [{ pulled: 0, readWhole: false }, 0, 'nothing', 'an empty list of changes'],
    [{ pulled: 50, removals: 50 }, 0, 'removals', 'a source that answers half'],
    [{ mirrored: 9_000, atStake: 60, pulled: 6, removals: 54 }, 0, 'removals', 'a tenth of next week is left'],
    [{ mirrored: 9_000, atStake: 0, pulled: 0 }, 0, 'nothing', 'all of it is over and drops off the list'],
    [{ mirrored: 90, atStake: 20, pulled: 90, changed: 40 }, 0, 'nothing', 'what is over counts among what changed'],
    [{ mirrored: 20, pulled: 20, changed: 20 }, 0, 'everything', 'all of twenty have changed'],
    [{ mirrored: 20, pulled: 20, changed: 19 }, 0, 'nothing', 'all but one have changed'],
    [{ mirrored: 19, pulled: 19, changed: 19 }, 0, 'nothing', 'all of nineteen have changed'],
    [{ changed: 31, keyChanged: 31 }, 0, 'everything', 'more than three in ten addresses have changed'],
    [{ changed: 30, keyChanged: 30 }, 0, 'nothing', 'three in ten addresses have changed'],
  ];
  for (const [given, removed, expected, because] of table) {
    it(`let ${expected} wait: ${because}`, () => assert.equal(waits(given, removed), expected));
  }

  it('say what waits and why, in a sentence with the counts', () => {
    assert.deepEqual(guard([tally({ mirrored: 97, removals: 8 })], defaultSettings, new Map([['enrollments', 3]])), [
      {
        stream: 'enrollments',
        what: 'removals',
        reason: '8 of 97 enrollments would be removed, after 3 in the last 24 hours.',
      },
    ]);
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

  it('take a school’s own numbers', () => {
    const by = (limits: object) => ({ ...defaultSettings, ...limits });
    assert.equal(guard([tally({ removals: 30 })], by({ removalShare: 0.5 })).length, 0);
    assert.equal(guard([tally({ removals: 30 })], by({ removalShare: 0.5, removalMax: 20 })).length, 1);
    assert.equal(guard([tally({ keyChanged: 6 })], by({ keyFieldShare: 0.05 })).length, 1);
  });

  it('do not count a value that is only filled, as a newly mapped field fills it', () => {
    const update = (before: Record<string, string | null | string[]>) => ({ kind: 'update' as const, before });
    assert.ok(replaces(update({ grades: null, email: 'a@x.example' })));
    assert.ok(!replaces(update({ grades: [], email: null })));
    assert.ok(!replaces(update({ title: 'Art' }), 'email'));
    assert.ok(!replaces({ kind: 'create', before: null }));
  });

  it('never let more removals pass than they hold for fewer', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(50), fc.nat(600), (mirrored, removals, more, removed) => {
        const at = (count: number) => Number(waits({ mirrored, pulled: 1, removals: count }, removed) !== 'nothing');
        assert.ok(at(removals + more) >= at(removals));
      }),
    );
  });

  it('let a drip of removals take no more than the limit in any 24 hours', () => {
    const step = fc.record({ hours: fc.integer({ min: 0, max: 30 }), removals: fc.nat(60), made: fc.nat(20) });
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 3000 }), fc.array(step, { maxLength: 40 }), (start, steps) => {
        const done: { at: number; removals: number }[] = [];
        const since = (at: number) =>
          done.filter((each) => each.at > at - 24).reduce((sum, each) => sum + each.removals, 0);
        let mirrored = start;
        let now = 0;
        for (const { hours, removals: wanted, made } of steps) {
          now += hours;
          const removals = Math.min(wanted, mirrored);
          if (waits({ mirrored, pulled: 1, removals }, since(now)) === 'nothing') {
            done.push({ at: now, removals });
            mirrored -= removals;
            // Whatever passes, the window that ends here stays within a tenth, 500, or the small number.
            const before = mirrored + since(now);
            assert.ok(removals === 0 || since(now) <= Math.max(3, Math.min(before * 0.1, 500)));
          }
          mirrored += made;
        }
      }),
    );
  });
});

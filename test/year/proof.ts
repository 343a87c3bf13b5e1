/** What a life at a school must have come to, each sentence of it. */
import assert from 'node:assert/strict';
import { type Life, type LifeOptions, live, wordsOf } from './life.ts';

/** A whole school year, with all that can happen in one. */
export const ordinaryYear: Omit<LifeOptions, 'learners' | 'say'> = {
  seed: 'Auriga',
  from: '2026-09-14',
  until: '2027-07-02',
  groupSync: true,
  accidents: { '2026-10-06': 'empty', '2026-10-13': 'vanished', '2027-03-30': 'strike', '2027-05-04': 'vanished' },
  deaths: 20,
  kill: true,
};

/** Windows of a year: in fewer some of what can happen may not have. */
const wholeYear = 300;

/** Of a few weeks' calls one death alone can be more than a twentieth. */
const fewWeeks = 100;

/** Lives it, and throws an AssertionError where it did not end as the rules say. */
export async function prove(options: LifeOptions): Promise<void> {
  const life = await live(options);
  options.say(wordsOf(life));
  assert.deepEqual(life.wrong, [], 'Edusign is as the rules say');
  assert.deepEqual(
    { untold: [...life.due.difference(life.told)], told: [...life.told.difference(life.due)] },
    { untold: [], told: [] },
    'each refusal is in the log with its code, and no other',
  );
  assert.deepEqual([life.harmed, life.problems], [[], []], 'no signature was lost');
  assert.equal(life.putOff, 1, 'a session of the fifth day on was put off to the twentieth, and kept its sheet');
  assert.ok(life.farAhead > 0, 'a session was moved out of the days ahead, and kept its sheet');
  assert.equal(life.deaths, options.deaths);
  if (life.windows >= wholeYear) {
    assert.deepEqual(life.missed, [], 'all that can happen has happened');
    assert.ok(life.keptAMonth > 0, 'signed sheets are there after a month');
  }
  const most = life.leastCalls * 1.05 + (life.windows < fewWeeks ? life.interrupted : 0);
  assert.ok(life.calls <= most, callsOf(life));
}

function callsOf({ calls, leastCalls }: Life): string {
  return `${calls} calls, where ${leastCalls} would do`;
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Leg, noCounts, startLeg } from './leg.ts';
import { milestone } from './milestones.ts';

const writing = (done: number): Leg => ({
  ...startLeg(null),
  phase: 'writing',
  done,
  total: 400,
  beganAt: 0,
  phaseAt: 0,
});

function told(legs: readonly Leg[], now: number): (string | null)[] {
  return legs
    .slice(1)
    .map((after, index) => milestone('Elm', 'classroom', { before: legs[index] ?? after, after, now }));
}

describe('milestones', () => {
  it('tell the start, each quarter once, and the end', () => {
    const ended: Leg = {
      ...writing(400),
      phase: 'ended',
      outcome: 'SUCCEEDED',
      endedAt: 9_000,
      counts: { ...noCounts, created: 400 },
    };
    const reading: Leg = { ...startLeg(null), phase: 'reading', beganAt: 0 };
    assert.deepEqual(
      told([startLeg(null), reading, writing(10), writing(110), writing(150), writing(390), ended, ended], 5_000),
      [
        'Elm, Homeroom → Classroom: reading',
        null,
        'Elm, Homeroom → Classroom: 110 of 400',
        null,
        'Elm, Homeroom → Classroom: 390 of 400',
        'Elm, Homeroom → Classroom: 400 records in 9.0 s',
        null,
      ],
    );
  });

  it('leave out the quarters of what is soon over', () => {
    assert.deepEqual(told([writing(10), writing(110)], 1_500), [null]);
  });

  it('name an end that is no success', () => {
    const failed: Leg = { ...writing(0), phase: 'ended', outcome: 'FAILED', endedAt: 500 };
    assert.deepEqual(told([writing(0), failed], 500), ['Elm, Homeroom → Classroom: FAILED, 0 records in 0.5 s']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunUpdate } from './answers.ts';
import { type Leg, moveLeg, noCounts, shares, startLeg, written } from './leg.ts';

const run = (status: RunUpdate['status'], progress: RunUpdate['progress'] = null, created = 0): RunUpdate => ({
  id: `run of ${created}`,
  status,
  progress,
  counts: { ...noCounts, created },
});

describe('a leg', () => {
  it('reads, compares, writes and ends as its run does', () => {
    let leg: Leg = startLeg(200);
    const states = [
      run('QUEUED'),
      run('RUNNING', { phase: 'PULLING', completed: 50, total: null }),
      run('RUNNING', { phase: 'PLANNING', completed: 0, total: null }),
      run('RUNNING', { phase: 'APPLYING', completed: 30, total: 120 }, 30),
      run('SUCCEEDED', null, 120),
    ].map((event, second) => {
      leg = moveLeg(leg, event, noCounts, second * 1_000);
      return [leg.phase, shares(leg).read, shares(leg).written];
    });
    assert.deepEqual(states, [
      ['queued', 0, 0],
      ['reading', 0.25, 0],
      ['comparing', 1, 0],
      ['writing', 1, 0.25],
      ['ended', 1, 1],
    ]);
    assert.deepEqual([leg.beganAt, leg.endedAt, leg.outcome, written(leg.counts)], [1_000, 4_000, 'SUCCEEDED', 120]);
  });

  it('adds up its runs, and comes to the worst of them', () => {
    const first = moveLeg(startLeg(null), run('PARTIAL', null, 5), noCounts, 10);
    const second = moveLeg(first, run('SUCCEEDED', null, 7), first.counts, 20);
    assert.deepEqual([second.counts.created, second.outcome, second.outcomeOf], [12, 'PARTIAL', 'run of 5']);
    assert.deepEqual([second.beganAt, second.endedAt], [10, 20]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Schedule } from '../model/schedule.ts';
import { slotAfter } from './due.ts';
import { graceOf, lateness, type Promised, type Since, withoutWorker } from './freshness.ts';

const at = (time: string) => new Date(`2026-06-0${time}Z`);
const owed: Promised = { owedSince: at('2T03:12'), graceUntil: at('2T04:12'), lastSyncedAt: at('1T03:40') };

describe('a promise', () => {
  const graceIn = (schedule: Schedule, after: string) => {
    const slot = slotAfter({ schedule, timeZone: 'Europe/Paris', spread: 0 }, new Date(after));
    return [slot?.dueAt.toISOString(), slot && graceOf(slot).toISOString()];
  };

  it('leaves an hour, or until its window closes', () => {
    assert.deepEqual(graceIn({ kind: 'cron', cron: '*/15 * * * *' }, '2026-06-01T00:01Z'), [
      '2026-06-01T00:15:00.000Z',
      '2026-06-01T01:15:00.000Z',
    ]);
    assert.deepEqual(graceIn({ kind: 'windows', windows: [{ from: '05:00', until: '05:20' }] }, '2026-06-01T00:00Z'), [
      '2026-06-01T03:00:00.000Z',
      '2026-06-01T04:00:00.000Z',
    ]);
    assert.deepEqual(graceIn({ kind: 'windows', windows: [{ from: '01:00', until: '05:00' }] }, '2026-06-01T00:00Z'), [
      '2026-06-01T23:00:00.000Z',
      '2026-06-02T03:00:00.000Z',
    ]);
  });

  it('counts hours that pass, not those the clocks show, in the nights that change them', () => {
    const night = { kind: 'windows', windows: [{ from: '01:30', until: '04:00' }] } as const;
    // 01:30 to 04:00 lasts an hour less in spring and an hour more in autumn.
    assert.deepEqual(graceIn(night, '2026-03-28T12:00Z'), ['2026-03-29T00:30:00.000Z', '2026-03-29T02:00:00.000Z']);
    assert.deepEqual(graceIn(night, '2026-10-24T12:00Z'), ['2026-10-24T23:30:00.000Z', '2026-10-25T03:00:00.000Z']);
    assert.deepEqual(graceIn({ kind: 'cron', cron: '30 2 * * *' }, '2026-03-28T12:00Z'), [
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T02:00:00.000Z',
    ]);
  });
});

describe('lateness', () => {
  const failed = (turn: 'SCHOOL' | 'PROVIDER'): Since => ({
    status: 'FAILED',
    error: { code: 'x', message: 'X.', remedy: 'Mend it.', turn },
  });

  it('is none while nothing is owed, nor before the grace has passed', () => {
    assert.equal(lateness({ ...owed, owedSince: null, graceUntil: null }, 0, null, at('2T09:00')), null);
    assert.equal(lateness(owed, 0, null, at('2T04:11')), null);
    assert.ok(lateness(owed, 0, null, at('2T04:12')));
    assert.ok(lateness({ ...owed, graceUntil: null }, 0, null, at('2T03:13')), 'told once, it stays late');
  });

  it('names when it was due and when it last synced', () => {
    const told = lateness(owed, 0, null, at('2T05:00'));
    assert.equal(
      told?.message,
      'The sync that was due on 2026-06-02 03:12 UTC is late; it last synced on 2026-06-01 03:40 UTC.',
    );
    assert.deepEqual(told?.since, owed.owedSince);
    const never = lateness({ ...owed, lastSyncedAt: null }, 2, null, at('2T05:00'));
    assert.equal(never?.message, 'No worker was there for the sync of 2026-06-02 03:12 UTC; it has never synced.');
    assert.equal(never?.affectedCount, 2);
  });

  it('is the turn of whoever keeps the sync from ending well, with what helps', () => {
    const turn = (since: Since | null, missed = 0) => {
      const told = lateness(owed, missed, since, at('2T05:00'));
      assert.ok((told?.remedy ?? '').length > 5);
      return told?.turn;
    };
    assert.equal(turn(failed('PROVIDER')), 'PROVIDER');
    assert.equal(turn(failed('SCHOOL')), 'SCHOOL');
    assert.equal(turn({ status: 'CANCELLED', error: null }), 'SCHOOL');
    assert.equal(turn({ status: 'RUNNING', error: null }), 'HOMEROOM');
    assert.equal(turn({ status: 'QUEUED', error: null }), 'HOMEROOM');
    assert.equal(turn(null), 'HOMEROOM');
    assert.equal(turn(failed('PROVIDER'), 1), 'HOMEROOM', 'a window without a worker is ours');
  });

  it('of a schedule nobody looks at is seen by whoever reads, after an hour', () => {
    assert.equal(withoutWorker(null, at('2T05:00')), null);
    assert.equal(withoutWorker(at('2T04:01'), at('2T05:00')), null);
    const told = withoutWorker(at('2T04:00'), at('2T05:00'));
    assert.deepEqual([told?.turn, told?.since], ['HOMEROOM', at('2T04:00')]);
    assert.match(told?.message ?? '', /2026-06-02 04:00 UTC/);
  });
});

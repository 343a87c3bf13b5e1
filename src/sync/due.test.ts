import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Schedule } from '../model/schedule.ts';
import { due, type Slot, slotAfter } from './due.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Lives through a stretch of time as a worker does: looks whenever something is due, at most `lateBy` too late. */
function live(options: {
  schedule: Schedule;
  timeZone: string;
  from: string;
  until: string;
  spread?: number;
  /** Nobody looks between these instants. */
  asleep?: { from: string; until: string };
}) {
  const timing = { schedule: options.schedule, timeZone: options.timeZone, spread: options.spread ?? 0 };
  const end = new Date(options.until);
  let since = slotAfter(timing, new Date(options.from))?.dueAt ?? end;
  const runs: Slot[] = [];
  const missed: Slot[] = [];
  while (since < end) {
    const asleep = options.asleep && since >= new Date(options.asleep.from) && since < new Date(options.asleep.until);
    const now = asleep && options.asleep ? new Date(options.asleep.until) : since;
    const found = due(timing, since, now);
    runs.push(...found.open);
    missed.push(...found.missed);
    since = found.next ?? end;
  }

  return { runs, missed };
}

const year = { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };
const zones = ['Europe/Paris', 'America/New_York', 'Asia/Tokyo', 'Australia/Lord_Howe', 'UTC'];

/** Local date and time of an instant. */
function local(instant: Date, timeZone: string): string {
  return instant.toLocaleString('sv-SE', { timeZone }).slice(0, 16);
}

describe('a year of windows', () => {
  // Around every hour in which a zone of the list changes its clocks.
  const windows = [
    { from: '01:15', until: '01:45' },
    { from: '02:10', until: '02:20' },
    { from: '02:30', until: '03:15' },
    { from: '05:30', until: '06:30' },
  ];
  const spreads = { 'Europe/Paris': [0, 0.999], 'America/New_York': [0.5], 'Asia/Tokyo': [0] };
  for (const [timeZone, shares] of Object.entries(spreads)) {
    for (const spread of shares) {
      it(`has exactly one run in each window in ${timeZone}, ${spread} of the way into it`, () => {
        const { runs, missed } = live({ schedule: { kind: 'windows', windows }, timeZone, spread, ...year });
        const days = new Set(runs.map((slot) => slot.day));
        assert.equal(runs.length, days.size * windows.length, 'each window of each day');
        assert.ok(days.size >= 365);
        assert.equal(new Set(runs.map((slot) => slot.name)).size, runs.length, 'no window twice');
        assert.deepEqual(missed, []);
        for (const slot of runs) assert.ok(slot.closesAt && slot.dueAt < slot.closesAt, slot.name);
        const ordinary = runs.filter((slot) => slot.name.endsWith('05:30'));
        for (const slot of ordinary) {
          const time = local(slot.dueAt, timeZone).slice(11);
          assert.ok(time >= '05:30' && time <= '06:00', `${slot.name} at ${time}`);
        }
      });
    }
  }

  it('starts half an hour before the window closes at the latest, and in the first half of a short one', () => {
    const timing = { timeZone: 'Europe/Paris', spread: 0.9999 };
    const startOf = (from: string, until: string) => {
      const schedule = { kind: 'windows' as const, windows: [{ from, until }] };
      const slot = slotAfter({ ...timing, schedule }, new Date('2026-06-01T00:00:00Z'));
      return slot && local(slot.dueAt, timing.timeZone).slice(11);
    };
    assert.deepEqual([startOf('18:00', '21:00'), startOf('11:00', '11:20')], ['20:29', '11:09']);
  });

  it('starts a window of the skipped hour right after it, and one of the doubled hour in its first pass', () => {
    const { runs } = live({ schedule: { kind: 'windows', windows }, timeZone: 'Europe/Paris', ...year });
    const at = (name: string) => runs.find((slot) => slot.name === name)?.dueAt.toISOString();
    assert.equal(at('2026-03-29 02:10'), '2026-03-29T01:00:00.000Z');
    assert.equal(at('2026-03-29 02:30'), '2026-03-29T01:00:00.000Z');
    assert.equal(at('2026-10-25 02:10'), '2026-10-25T00:10:00.000Z');
  });

  it('starts on the chosen days only', () => {
    const schedule = { kind: 'windows' as const, windows: [{ from: '23:00', until: '23:30' }], days: [1, 5] };
    const { runs } = live({ schedule, timeZone: 'America/New_York', ...year });
    assert.deepEqual([...new Set(runs.map((slot) => new Date(slot.day).getUTCDay()))].sort(), [1, 5]);
    assert.equal(runs.length, 104);
  });

  it('starts late while its window is open, and tells of the windows that passed', () => {
    const schedule = { kind: 'windows' as const, windows: [{ from: '05:00', until: '06:00' }] };
    const timeZone = 'Europe/Paris';
    const late = { from: '2026-06-01T00:00:00Z', until: '2026-06-01T03:30:00Z' };
    assert.deepEqual(live({ schedule, timeZone, ...year, asleep: late }).missed, []);
    const days = { from: '2026-06-01T00:00:00Z', until: '2026-06-03T09:00:00Z' };
    const { runs, missed } = live({ schedule, timeZone, ...year, asleep: days });
    assert.deepEqual(
      missed.map((slot) => slot.name),
      ['2026-06-01 05:00', '2026-06-02 05:00', '2026-06-03 05:00'],
    );
    assert.equal(runs.length, 365 - 3);
  });
});

describe('a year of cron', () => {
  const daily = { kind: 'cron' as const, cron: '30 2 * * *' };
  for (const timeZone of zones) {
    it(`has one run a day at 2:30 in ${timeZone}`, () => {
      const { runs } = live({ schedule: daily, timeZone, ...year });
      assert.equal(new Set(runs.map((slot) => slot.day)).size, runs.length);
      assert.ok(runs.length >= 365);
    });
  }

  it('comes once, right after the skipped hour, whatever it names of it', () => {
    const schedule = { kind: 'cron' as const, cron: '0,15,45 2,3 * * *' };
    const { runs } = live({ schedule, timeZone: 'Europe/Paris', ...year });
    const night = runs
      .filter((slot) => slot.day === '2026-03-29')
      .map((slot) => slot.dueAt.toISOString().slice(11, 16));
    assert.deepEqual(night, ['01:00', '01:15', '01:45']);
  });

  it('comes once in the doubled hour', () => {
    const night = { from: '2026-11-01T00:00:00Z', until: '2026-11-01T12:00:00Z' };
    const { runs } = live({ schedule: { kind: 'cron', cron: '30 1 * * *' }, timeZone: 'America/New_York', ...night });
    assert.deepEqual(
      runs.map((slot) => slot.dueAt.toISOString()),
      ['2026-11-01T05:30:00.000Z'],
    );
  });

  it('runs once for all it missed', () => {
    const asleep = { from: '2026-03-01T00:00:00Z', until: '2026-05-01T00:10:00Z' };
    for (const [cron, minutes] of [
      ['* * * * *', 10],
      ['30 2 * * *', 1300],
      ['0 0 1 2 *', null],
    ] as const) {
      const span = { from: '2026-02-28T22:00:00Z', until: '2026-05-01T00:10:30Z' };
      const { runs } = live({ schedule: { kind: 'cron', cron }, timeZone: 'UTC', ...span, asleep });
      const after = runs.filter((slot) => slot.dueAt >= new Date(asleep.from));
      assert.equal(after.length, minutes === null ? 0 : 1, cron);
      if (minutes) assert.ok(new Date(asleep.until).getTime() - (after[0]?.dueAt.getTime() ?? 0) <= minutes * minute);
    }
  });

  it('is in its own time zone when it names one', () => {
    const schedule = { ...daily, timeZone: 'Asia/Tokyo' };
    const next = slotAfter({ schedule, timeZone: 'Europe/Paris', spread: 0 }, new Date('2026-06-01T00:00:00Z'));
    assert.equal(next?.dueAt.toISOString(), '2026-06-01T17:30:00.000Z');
  });

  it('never comes on the thirtieth of February', () => {
    const schedule = { kind: 'cron' as const, cron: '0 0 30 2 *' };
    assert.equal(slotAfter({ schedule, timeZone: 'UTC', spread: 0 }, new Date(year.from)), null);
  });

  it('answers a look a year late within a moment', () => {
    const began = performance.now();
    const timing = { schedule: { kind: 'cron' as const, cron: '* * * * *' }, timeZone: 'Europe/Paris', spread: 0 };
    const found = due(timing, new Date(year.from), new Date(year.until));
    assert.equal(found.open[0]?.dueAt.getTime(), new Date(year.until).getTime());
    assert.ok(performance.now() - began < hour / 3600);
  });
});

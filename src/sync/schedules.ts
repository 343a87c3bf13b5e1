/** The schedule trigger: slots that are due are taken, once, and each asks for its run in the same transaction. */
import { hash } from 'node:crypto';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import { graceOver, owe } from '../db/queries/engine/health.ts';
import {
  dueSchedules,
  lockSchedule,
  nameSlotRun,
  readSchedule,
  type ScheduleRow,
  setNextSync,
  setSchedule,
  takeSlots,
} from '../db/queries/engine/schedule.ts';
import type { Schedule } from '../model/schedule.ts';
import { due, type Slot, slotAfter } from './due.ts';
import { type Engine, tell } from './engine.ts';
import { graceOf } from './freshness.ts';
import { judge, standing } from './health.ts';
import { requestRun } from './requests.ts';
import { assertSchedule } from './schedule-form.ts';

interface Place {
  tenantId: string;
  integrationId: string;
}

/** How far into their windows a school's integrations start: all at one minute, for ever, and another than its neighbours'. */
function spreadOf(schoolId: string): number {
  return Number.parseInt(hash('sha256', schoolId, 'hex').slice(0, 8), 16) / 2 ** 32;
}

export interface Scheduler {
  /** Looks once, for schedules that have come and for those that were promised and are late; any number of processes may. */
  tick(): Promise<void>;
}

/** What is due follows `engine.clock`. One schedule that fails keeps no other from its time. */
export function createScheduler(engine: Engine, system: Sql): Scheduler {
  let lastLook: Date | null = null;

  return {
    async tick() {
      const now = engine.clock.now();
      // At first, and when the clock was set back: what was planned by a clock that ran ahead comes sooner.
      const all = lastLook === null || now < lastLook;
      lastLook = now;
      for (const place of await dueSchedules(system, all ? null : now)) {
        try {
          await look(engine, place, now);
        } catch (error) {
          engine.log.error({ integrationId: place.integrationId, error }, 'a schedule could not be followed');
        }
      }
      for (const place of await graceOver(system, now)) await tellLate(engine, place, now);
    },
  };
}

async function look(engine: Engine, place: Place, now: Date): Promise<void> {
  const identity = { tenantId: place.tenantId, schoolIds: null, actor: 'schedule' };
  const missed = await asTenant(engine.db, identity, async (tx) => {
    const row = await lockSchedule(tx, place);

    return row ? follow(tx, engine, place, row, now) : [];
  });
  engine.wake();
  for (const slot of missed) {
    engine.log.warn(
      { integrationId: place.integrationId, slot },
      'a window passed without its sync: no worker was there',
    );
  }
}

/** What was promised has not come in time; it is well again by itself with the next sync that ends well. */
async function tellLate(engine: Engine, at: Place & { schoolId: string }, now: Date): Promise<void> {
  const identity = { tenantId: at.tenantId, schoolIds: [at.schoolId], actor: 'schedule' };
  const wrong = await asTenant(engine.db, identity, (tx) => standing(tx, engine, at), { readOnly: true });
  await asTenant(engine.db, identity, async (tx) => {
    await judge(tx, engine, at, wrong, now);
    await tell(tx, at, [{ kind: 'integration', parentId: at.integrationId, ids: [at.integrationId] }]);
  });
  engine.wake();
}

/** Answers the windows that were missed. */
async function follow(
  tx: TransactionSql,
  engine: Engine,
  place: Place,
  row: ScheduleRow,
  now: Date,
): Promise<readonly string[]> {
  const timing = { schedule: row.schedule, timeZone: row.timeZone, spread: spreadOf(row.schoolId) };
  const { open, missed, next } = due(timing, row.nextSyncAt, now);
  const dark = ({ day }: Slot) =>
    row.settings.blackouts?.some(({ from, until }) => from <= day && day <= until) ?? false;
  const at = { ...place, schoolId: row.schoolId };
  const passed = [...open, ...missed].map((slot) => ({
    ...slot,
    outcome: dark(slot) ? ('BLACKOUT' as const) : open.includes(slot) ? ('RUN' as const) : ('MISSED' as const),
  }));
  const fresh = new Set(await takeSlots(tx, at, passed, now));
  const taken = passed.filter(({ name }) => fresh.has(name));
  const named = (outcome: 'RUN' | 'MISSED') =>
    taken.filter((slot) => slot.outcome === outcome).map((slot) => slot.name);
  const starting = named('RUN');
  const overslept = named('MISSED');
  if (starting.length > 0) {
    const dueAt = new Date(now.getTime() + (comesAfterSources(engine, row) ? leadOfSourcesMs : 0));
    const request = { ...place, trigger: 'SCHEDULE' as const, mode: 'DELTA' as const, requestedBy: null, now, dueAt };
    await nameSlotRun(tx, place, starting, await requestRun(tx, engine, request));
  }
  await promise(
    tx,
    place,
    taken.filter(({ outcome }) => outcome !== 'BLACKOUT'),
    overslept.length > 0,
  );
  if (overslept.length > 0) await judge(tx, engine, place, await standing(tx, engine, at), now);
  if (next?.getTime() !== row.nextSyncAt.getTime()) {
    await setNextSync(tx, place, next);
    await tell(tx, at, [{ kind: 'integration', parentId: place.integrationId, ids: [place.integrationId] }]);
  }

  return overslept;
}

/** Slots that came are owed until a sync makes them good; a window that passed without one is late at once. */
async function promise(tx: TransactionSql, place: Place, slots: readonly Slot[], missed: boolean): Promise<void> {
  const first = slots.toSorted((left, right) => left.dueAt.getTime() - right.dueAt.getTime())[0];
  if (first) await owe(tx, place, { since: first.dueAt, graceUntil: missed ? null : graceOf(first) });
}

/**
 * In its window a school's plan is read first. What is only written to follows a little later, in one sync with all that
 * the sources have brought; of a cron expression the times are meant as they stand.
 */
function comesAfterSources({ connectors }: Engine, { provider, schedule }: ScheduleRow): boolean {
  const streams = Object.values(connectors.find(({ id }) => id === provider)?.streams ?? {});

  return schedule.kind === 'windows' && streams.length > 0 && streams.every(({ born }) => born === 'here');
}

/** Long enough to read a school of any size. */
const leadOfSourcesMs = 10 * 60_000;

/**
 * Sets or takes away (null) an integration's schedule, or (undefined) starts counting afresh from now, as after a time
 * without credentials: what passed meanwhile was not missed.
 *
 * @throws ValidationFailed with paths under `schedule`.
 */
export async function changeSchedule(
  tx: TransactionSql,
  place: Place,
  schedule: Schedule | null | undefined,
  now: Date,
): Promise<void> {
  const present = await readSchedule(tx, place);
  if (!present) return;
  const wanted = schedule === undefined ? present.schedule : schedule;
  if (schedule) assertSchedule(schedule, present.timeZone, now);
  const timing = wanted && { schedule: wanted, timeZone: present.timeZone, spread: spreadOf(present.schoolId) };
  await setSchedule(tx, place, wanted, timing ? (slotAfter(timing, now)?.dueAt ?? null) : null);
}

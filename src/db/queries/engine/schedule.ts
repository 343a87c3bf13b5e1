/** Schedules: which are due, the slots they have taken, and when to look again. */
import type { Schedule } from '../../../model/schedule.ts';
import type { SchoolSettings } from '../../../model/school-settings.ts';
import type { Sql, TransactionSql } from '../../client.ts';

interface Place {
  tenantId: string;
  integrationId: string;
}

/** Across tenants, as the system role: integrations whose schedule is due; `null` for all that have one coming. */
export async function dueSchedules(system: Sql, now: Date | null): Promise<Place[]> {
  return system<Place[]>`
    select tenant_id as "tenantId", id as "integrationId" from integration
    where next_sync_at is not null and (${now}::timestamptz is null or next_sync_at <= ${now}) and status <> 'DISCONNECTED'
    order by next_sync_at`;
}

export interface ScheduleRow {
  schoolId: string;
  provider: string;
  schedule: Schedule;
  nextSyncAt: Date;
  timeZone: string;
  settings: SchoolSettings;
}

/** Locked until the end of the transaction: of several processes that look at once, one decides. */
export async function lockSchedule(tx: TransactionSql, place: Place): Promise<ScheduleRow | undefined> {
  const [row] = await tx<ScheduleRow[]>`
    select i.school_id as "schoolId", i.provider, i.schedule, i.next_sync_at as "nextSyncAt", s.time_zone as "timeZone", s.settings
    from integration i join school s on s.tenant_id = i.tenant_id and s.id = i.school_id
    where i.tenant_id = ${place.tenantId} and i.id = ${place.integrationId} and i.status <> 'DISCONNECTED'
      and i.schedule is not null and i.next_sync_at is not null
    for update of i`;

  return row;
}

export interface TakenSlot {
  name: string;
  dueAt: Date;
  outcome: 'RUN' | 'MISSED' | 'BLACKOUT';
}

/** Answers the names of those that nobody had taken before. */
export async function takeSlots(
  tx: TransactionSql,
  place: Place & { schoolId: string },
  slots: readonly TakenSlot[],
  now: Date,
): Promise<string[]> {
  if (slots.length === 0) return [];
  const rows = await tx<{ slot: string }[]>`
    insert into schedule_slot (tenant_id, school_id, integration_id, slot, due_at, taken_at, outcome)
    select ${place.tenantId}, ${place.schoolId}, ${place.integrationId}, slot, due_at, ${now}, outcome
    from unnest(${slots.map((slot) => slot.name)}::text[], ${slots.map((slot) => slot.dueAt.toISOString())}::timestamptz[],
                ${slots.map((slot) => slot.outcome)}::text[]) as s(slot, due_at, outcome)
    on conflict do nothing returning slot`;

  return rows.map((row) => row.slot);
}

export async function nameSlotRun(
  tx: TransactionSql,
  place: Place,
  slots: readonly string[],
  runId: string,
): Promise<void> {
  await tx`
    update schedule_slot set run_id = ${runId}
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and slot = any (${slots as string[]}::text[])`;
}

export async function setNextSync(tx: TransactionSql, place: Place, next: Date | null): Promise<void> {
  await tx`
    update integration set next_sync_at = ${next} where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
}

/** `schedule`: null takes it away. Either way nothing is owed yet. */
export async function setSchedule(
  tx: TransactionSql,
  place: Place,
  schedule: Schedule | null,
  next: Date | null,
): Promise<void> {
  await tx`
    update integration set schedule = ${schedule === null ? null : JSON.stringify(schedule)}, next_sync_at = ${next},
      owed_since = null, grace_until = null
    where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
}

/** The schedule of an integration as it stands, due or not, and the zone it is reckoned in. */
export async function readSchedule(
  tx: TransactionSql,
  place: Place,
): Promise<(Pick<ScheduleRow, 'schoolId' | 'timeZone'> & { schedule: Schedule | null }) | undefined> {
  const [row] = await tx<(Pick<ScheduleRow, 'schoolId' | 'timeZone'> & { schedule: Schedule | null })[]>`
    select i.school_id as "schoolId", i.schedule, s.time_zone as "timeZone"
    from integration i join school s on s.tenant_id = i.tenant_id and s.id = i.school_id
    where i.tenant_id = ${place.tenantId} and i.id = ${place.integrationId}`;

  return row;
}

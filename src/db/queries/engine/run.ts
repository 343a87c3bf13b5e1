/** A run's own row: asked for, taken by a worker, moved along, ended. Every move names the claim it is made under. */
import type { EntityName } from '../../../model/entities.ts';
import type { RunCounts, RunError, RunLane, RunMode, RunPhase, RunStatus, RunTrigger } from '../../../model/sync.ts';
import type { Sql, TransactionSql } from '../../client.ts';

export interface RunRow {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  id: string;
  status: RunStatus;
  trigger: RunTrigger;
  mode: RunMode;
  whole: boolean;
  lane: RunLane;
  phase: RunPhase | null;
  claim: number;
  /** How often a worker has taken it since it last got further, this one included. */
  tries: number;
  cancelRequested: boolean;
  approvedHash: string | null;
  planHash: string | null;
  startedAt: Date | null;
  /** The run whose writes it undoes. */
  undoes: string | null;
  /** The run whose failures it tries again. */
  retries: string | null;
}

const columns = (tx: TransactionSql) => tx`
  tenant_id as "tenantId", school_id as "schoolId", integration_id as "integrationId", id, status, trigger, mode, whole,
  lane, phase, claim, tries, cancel_requested as "cancelRequested", approved_hash as "approvedHash", plan_hash as "planHash",
  started_at as "startedAt", undoes, retries`;

export interface RunRequest {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  id: string;
  trigger: RunTrigger;
  mode: RunMode;
  whole: boolean;
  lane: RunLane;
  dueAt: Date;
  requestedBy: string | null;
}

/**
 * Asks for a run: makes the one that waits in its lane, or folds into it (scopes add up, a person's request does
 * not wait for the pause of a data change or a webhook, and a data change waits for what is scheduled already). Answers the
 * run's id and whether it is new.
 */
export async function upsertQueuedRun(
  tx: TransactionSql,
  request: RunRequest,
): Promise<{ id: string; isNew: boolean }> {
  const [row] = await tx<{ id: string }[]>`
    insert into sync_run as r (tenant_id, school_id, integration_id, id, status, trigger, mode, whole, lane, due_at, requested_by)
    values (${request.tenantId}, ${request.schoolId}, ${request.integrationId}, ${request.id}, 'QUEUED',
            ${request.trigger}, ${request.mode}, ${request.whole}, ${request.lane}, ${request.dueAt}, ${request.requestedBy})
    on conflict (tenant_id, integration_id, lane)
      where status = 'QUEUED' and approved_hash is null and mode <> 'PREVIEW' and undoes is null and retries is null
    do update set
      whole = r.whole or excluded.whole,
      mode = case when 'FULL' in (r.mode, excluded.mode) then 'FULL' else r.mode end,
      trigger = case when excluded.trigger = 'MANUAL' then excluded.trigger else r.trigger end,
      due_at = case when excluded.trigger in ('DATA_CHANGE', 'WEBHOOK') and r.trigger in ('DATA_CHANGE', 'WEBHOOK')
                    then least(excluded.due_at, r.created_at + interval '30 seconds')
                    when excluded.trigger = 'DATA_CHANGE' and r.trigger = 'SCHEDULE' then r.due_at
                    else least(excluded.due_at, r.due_at) end,
      requested_by = coalesce(r.requested_by, excluded.requested_by),
      updated_at = now()
    returning r.id`;
  if (!row) throw new Error('A queued run was neither made nor found.');

  return { id: row.id, isNew: row.id === request.id };
}

export async function addToScope(
  tx: TransactionSql,
  run: { tenantId: string; schoolId: string; id: string },
  entity: EntityName,
  recordIds: readonly string[],
): Promise<void> {
  if (recordIds.length === 0) return;
  await tx`
    insert into sync_scope (tenant_id, school_id, run_id, entity, record_id)
    select ${run.tenantId}, ${run.schoolId}, ${run.id}, ${entity}, id from unnest(${recordIds as string[]}::uuid[]) t(id)
    on conflict do nothing`;
}

export async function readScope(
  tx: TransactionSql,
  run: { tenantId: string; id: string },
): Promise<Map<EntityName, string[]>> {
  const rows = await tx<{ entity: EntityName; ids: string[] }[]>`
    select entity, array_agg(record_id order by record_id) as ids from sync_scope
    where tenant_id = ${run.tenantId} and run_id = ${run.id} group by entity`;

  return new Map(rows.map((row) => [row.entity, row.ids]));
}

export async function findRun(tx: TransactionSql, tenantId: string, id: string): Promise<RunRow | undefined> {
  const [row] = await tx<RunRow[]>`
    select ${columns(tx)} from sync_run where tenant_id = ${tenantId} and id = ${id} for update`;

  return row;
}

/** Where runs follow one another: a lane of an integration. */
export interface RunPlaceRow {
  tenantId: string;
  integrationId: string;
  lane: RunLane;
}

/** Seconds without a sign of life after which another worker may take a run. */
const lapse = 10;

/** Runs under way whose worker is gone: its lock is free, or it showed no sign of life. `run` is their alias. */
export const orphaned = (tx: Sql | TransactionSql, run: 'r') => {
  const r = tx(run);

  return tx`(${r}.worker is null or ${r}.heartbeat_at is null
    or ${r}.heartbeat_at < clock_timestamp() - make_interval(secs => ${lapse})
    or not exists (select from pg_locks k where k.locktype = 'advisory' and k.classid = ${workerLocks} and k.objid = ${r}.worker::oid
         and k.database = (select oid from pg_database where datname = current_database())))`;
};

/**
 * Takes the next piece of work of an integration's lane: a run whose worker is gone, else the oldest queued one that is
 * due. Null when there is none or a live worker is at it.
 */
export async function claimRun(
  tx: TransactionSql,
  place: RunPlaceRow,
  worker: number,
  now: Date,
): Promise<RunRow | null> {
  const [live] = await tx<{ id: string; orphaned: boolean }[]>`
    select r.id, r.worker = ${worker} or ${orphaned(tx, 'r')} as orphaned from sync_run r
    where r.tenant_id = ${place.tenantId} and r.integration_id = ${place.integrationId} and r.lane = ${place.lane}
      and r.status = 'RUNNING' for update`;
  if (live && !live.orphaned) return null;

  const [row] = await tx<RunRow[]>`
    update sync_run set status = 'RUNNING', claim = claim + 1, tries = tries + 1, worker = ${worker}, has_turn = false,
      heartbeat_at = clock_timestamp(), started_at = coalesce(started_at, ${now}), phase = coalesce(phase, 'PULLING'), updated_at = now()
    where tenant_id = ${place.tenantId} and id = (
      select id from sync_run
      where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and lane = ${place.lane}
        and (id = ${live?.id ?? null} or (${live === undefined} and status = 'QUEUED' and due_at <= ${now}))
      order by approved_hash is null, id limit 1 for update)
    returning ${columns(tx)}`;

  return row ?? null;
}

/** First half of the advisory locks by which workers show that they live; the second is the worker's number. */
export const workerLocks = 4_808_724;

/** More records than any phase has. */
const aPhase = 10_000_000_000;

export interface RunChange {
  phase?: RunPhase;
  /** Added to what is there. */
  completed?: number;
  /** Set. */
  setCompleted?: number;
  total?: number | null;
  counts?: Partial<RunCounts>;
  planHash?: string | null;
  heldReason?: string | null;
  planExpiresAt?: Date | null;
  /** Refused without the turn: nothing is written beside the integration's other run. */
  inTurn?: boolean;
}

/** The claim this worker made is no longer the newest: it must not write another thing. */
export class LostClaim extends Error {
  override readonly name = 'LostClaim';
}

/** Moves a run along; every commit of a worker goes through here. Answers whether somebody asked to cancel. */
export async function moveRun(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'id' | 'claim'>,
  change: RunChange,
): Promise<{ cancelRequested: boolean }> {
  const add = change.counts ?? {};
  const reached = tx`array_position('{PULLING,PLANNING,APPLYING}'::text[], coalesce(${change.phase ?? null}, phase)) * ${aPhase}::bigint
    + coalesce(${change.setCompleted ?? null}::int, completed) + ${change.completed ?? 0}`;
  const [row] = await tx<{ cancelRequested: boolean }[]>`
    update sync_run set
      tries = case when ${reached} > furthest then 0 else tries end, furthest = greatest(furthest, ${reached}),
      phase = coalesce(${change.phase ?? null}, phase),
      completed = coalesce(${change.setCompleted ?? null}::int, completed) + ${change.completed ?? 0},
      total = case when ${change.total !== undefined} then ${change.total ?? null}::int else total end,
      created = created + ${add.created ?? 0}, updated = updated + ${add.updated ?? 0},
      deleted = deleted + ${add.deleted ?? 0}, unchanged = unchanged + ${add.unchanged ?? 0},
      skipped = skipped + ${add.skipped ?? 0}, failed = failed + ${add.failed ?? 0},
      conflicts = conflicts + ${add.conflicts ?? 0},
      plan_hash = case when ${change.planHash !== undefined} then ${change.planHash ?? null} else plan_hash end,
      held_reason = case when ${change.heldReason !== undefined} then ${change.heldReason ?? null} else held_reason end,
      plan_expires_at = case when ${change.planExpiresAt !== undefined} then ${change.planExpiresAt ?? null}::timestamptz
                             else plan_expires_at end,
      heartbeat_at = clock_timestamp(), updated_at = now()
    where tenant_id = ${run.tenantId} and id = ${run.id} and claim = ${run.claim} and status = 'RUNNING'
      and (has_turn or not ${change.inTurn ?? false})
    returning cancel_requested as "cancelRequested"`;
  if (!row) throw new LostClaim('Another worker has taken this run, or its turn.');

  return row;
}

/** Back to nothing read and nothing counted: a run that starts over, or is sent round again after an approval. */
export async function resetRun(tx: TransactionSql, run: Pick<RunRow, 'tenantId' | 'id' | 'claim'>): Promise<void> {
  const rows = await tx`
    update sync_run set phase = 'PULLING', completed = 0, total = null, unchanged = 0, conflicts = 0, heartbeat_at = clock_timestamp()
    where tenant_id = ${run.tenantId} and id = ${run.id} and claim = ${run.claim} and status = 'RUNNING' returning id`;
  if (rows.length === 0) throw new LostClaim('Another worker has taken this run.');
}

export async function readCounts(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'id'>,
): Promise<RunCounts & { heldReason: string | null }> {
  const [row] = await tx<(RunCounts & { heldReason: string | null })[]>`
    select created, updated, deleted, unchanged, skipped, failed, conflicts, held_reason as "heldReason"
      from sync_run where tenant_id = ${run.tenantId} and id = ${run.id}`;

  return row ?? nothingDone;
}

/** Of a run that went with its integration. */
const nothingDone = {
  created: 0,
  updated: 0,
  deleted: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
  conflicts: 0,
  heldReason: null,
};

export interface RunEnd {
  status: RunStatus;
  error: RunError | null;
  heldReason: string | null;
  planHash: string | null;
  planExpiresAt: Date | null;
}

export async function endRun(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'id' | 'claim'>,
  end: RunEnd,
  now: Date,
): Promise<void> {
  const rows = await tx`
    update sync_run set status = ${end.status}, error = ${end.error === null ? null : JSON.stringify(end.error)},
      held_reason = ${end.heldReason}, plan_hash = ${end.planHash}, plan_expires_at = ${end.planExpiresAt},
      approved_hash = null, phase = null, worker = null, has_turn = false, finished_at = ${now}, updated_at = now()
    where tenant_id = ${run.tenantId} and id = ${run.id} and claim = ${run.claim} and status = 'RUNNING' returning id`;
  if (rows.length === 0) throw new LostClaim('Another worker has taken this run.');
}

/** A queued run has its job; one that is overdue by so many milliseconds must have lost it. */
const forgottenMs = 30_000;

/** Across tenants, as the system role: lanes of integrations with work that nobody is at. */
export async function unattended(system: Sql, now: Date): Promise<RunPlaceRow[]> {
  return system<RunPlaceRow[]>`
    select distinct r.tenant_id as "tenantId", r.integration_id as "integrationId", r.lane from sync_run r
    where (r.status = 'QUEUED' and r.due_at <= ${new Date(now.getTime() - forgottenMs)})
       or (r.status = 'RUNNING' and ${orphaned(system, 'r')})`;
}

/** A run that is under way shows that its worker lives, even while it waits for a slow provider. */
export async function beat(tx: TransactionSql, run: Pick<RunRow, 'tenantId' | 'id' | 'claim'>): Promise<boolean> {
  const [row] = await tx<{ cancelRequested: boolean }[]>`
    update sync_run set heartbeat_at = clock_timestamp()
    where tenant_id = ${run.tenantId} and id = ${run.id} and claim = ${run.claim} and status = 'RUNNING'
    returning cancel_requested as "cancelRequested"`;
  if (!row) throw new LostClaim('Another worker has taken this run.');

  return row.cancelRequested;
}

/** When the run that waits in this lane becomes due. */
export async function nextDue(tx: TransactionSql, place: RunPlaceRow): Promise<Date | null> {
  const [row] = await tx<{ dueAt: Date }[]>`
    select due_at as "dueAt" from sync_run
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and lane = ${place.lane}
      and status = 'QUEUED'
    order by due_at limit 1`;

  return row?.dueAt ?? null;
}

/** A preview counts what it would do: of one that is approved or ended, nothing is done. Nor does a second round count twice. */
export const countedAfresh = (tx: TransactionSql) => tx`
  created = case when mode = 'PREVIEW' then 0 else created end, updated = case when mode = 'PREVIEW' then 0 else updated end,
  deleted = case when mode = 'PREVIEW' then 0 else deleted end`;

/** A run a person sends round again after an approval, or ends: whatever worker had it has let go. */
export async function changeStatus(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'id'>,
  change: { status: RunStatus; approvedHash: string | null; finishedAt: Date | null; dueAt: Date },
): Promise<void> {
  const again = change.status === 'QUEUED';
  await tx`
    update sync_run set status = ${change.status}, approved_hash = ${change.approvedHash}, finished_at = ${change.finishedAt},
      due_at = ${change.dueAt}, held_reason = null, plan_expires_at = null, phase = null, updated_at = now(),
      unchanged = case when ${again} then 0 else unchanged end, conflicts = case when ${again} then 0 else conflicts end,
      ${countedAfresh(tx)}
    where tenant_id = ${run.tenantId} and id = ${run.id}`;
}

/** The first plan of a destination: the run goes on as a preview. */
export async function becomePreview(tx: TransactionSql, run: Pick<RunRow, 'tenantId' | 'id' | 'claim'>): Promise<void> {
  const rows = await tx`
    update sync_run set mode = 'PREVIEW', updated_at = now()
    where tenant_id = ${run.tenantId} and id = ${run.id} and claim = ${run.claim} and status = 'RUNNING' returning id`;
  if (rows.length === 0) throw new LostClaim('Another worker has taken this run.');
}

export async function requestCancel(tx: TransactionSql, run: Pick<RunRow, 'tenantId' | 'id'>): Promise<void> {
  await tx`update sync_run set cancel_requested = true where tenant_id = ${run.tenantId} and id = ${run.id}`;
}

/** What an approval must name and until when. */
export async function planOf(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'id'>,
): Promise<{ hash: string | null; expiresAt: Date | null }> {
  const [row] = await tx<{ hash: string | null; expiresAt: Date | null }[]>`
    select plan_hash as hash, plan_expires_at as "expiresAt" from sync_run where tenant_id = ${run.tenantId} and id = ${run.id}`;

  return row ?? { hash: null, expiresAt: null };
}

/** Locks what an integration has under way and waiting, so that whoever ends it locks in the same order. */
export async function lockUnended(
  tx: TransactionSql,
  place: { tenantId: string; integrationId: string },
): Promise<void> {
  await tx`
    select id from sync_run
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and status in ('QUEUED', 'RUNNING', 'HELD')
    order by id for update`;
}

/** Ends what an integration has waiting, and asks what is under way to stop; answers the ids of what was ended. */
export async function cancelWaiting(
  tx: TransactionSql,
  place: { tenantId: string; integrationId: string },
  now: Date,
): Promise<string[]> {
  await tx`
    update sync_run set cancel_requested = true
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and status = 'RUNNING'`;
  const rows = await tx<{ id: string }[]>`
    update sync_run set status = 'CANCELLED', held_reason = null, plan_expires_at = null, finished_at = ${now}, updated_at = now(),
      ${countedAfresh(tx)}
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and status in ('QUEUED', 'HELD')
    returning id`;

  return rows.map((row) => row.id);
}

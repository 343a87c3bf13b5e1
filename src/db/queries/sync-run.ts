import type { RunError, RunMode, RunPhase, RunStatus, RunTrigger } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';
import type { CountOf, Keyset } from './keyset.ts';
import { type Span, within } from './span.ts';

export interface SyncRunRow {
  id: string;
  schoolId: string;
  integrationId: string;
  status: RunStatus;
  trigger: RunTrigger;
  mode: RunMode;
  phase: RunPhase | null;
  completed: number;
  total: number | null;
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
  skipped: number;
  failed: number;
  conflicts: number;
  heldReason: string | null;
  planHash: string | null;
  planExpiresAt: Date | null;
  error: RunError | null;
  requestedBy: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

const columns = `r.id, r.school_id as "schoolId", r.integration_id as "integrationId", r.status, r.trigger, r.mode,
  r.phase, r.completed, r.total, r.created, r.updated, r.deleted, r.unchanged, r.skipped, r.failed, r.conflicts,
  r.held_reason as "heldReason", r.plan_hash as "planHash", r.plan_expires_at as "planExpiresAt", r.error,
  r.requested_by as "requestedBy", r.created_at as "createdAt", r.started_at as "startedAt",
  r.finished_at as "finishedAt"`;

export interface SyncRunFilter {
  readonly status?: readonly RunStatus[] | undefined;
  readonly trigger?: readonly RunTrigger[] | undefined;
  readonly mode?: readonly RunMode[] | undefined;
  /** When it was asked for. */
  readonly created?: Span | undefined;
}

export async function syncRunsByIds(db: TransactionSql, ids: readonly string[]): Promise<SyncRunRow[]> {
  return db<SyncRunRow[]>`select ${db.unsafe(columns)} from sync_run r where r.id = any (${ids}::uuid[])`;
}

/**
 * The same page of each integration's runs, in one statement. Relies on `sync_run_integration`, or with a filter on
 * `sync_run_status` and `sync_run_created`, once per integration.
 */
export async function syncRunsOfIntegrations(
  db: TransactionSql,
  integrationIds: readonly string[],
  { after, limit, descending }: Keyset,
  filter: SyncRunFilter = {},
): Promise<SyncRunRow[]> {
  return db<SyncRunRow[]>`
    select r.* from unnest(${integrationIds}::uuid[]) with ordinality as parent (id, place)
    cross join lateral (
      select ${db.unsafe(columns)} from sync_run r
      where r.integration_id = parent.id ${matching(db, filter)}
        ${after === null ? db`` : descending ? db`and r.id < ${after}` : db`and r.id > ${after}`}
      order by r.id ${descending ? db`desc` : db`asc`} limit ${limit}
    ) r
    order by parent.place, r.id ${descending ? db`desc` : db`asc`}`;
}

/** Runs that have not ended, of these schools or of every school the caller may see, oldest first. */
export async function unfinishedSyncRuns(
  db: TransactionSql,
  schoolIds: readonly string[] | null,
): Promise<SyncRunRow[]> {
  return db<SyncRunRow[]>`
    select ${db.unsafe(columns)} from sync_run r
    where r.status in ('QUEUED', 'RUNNING', 'HELD')
      ${schoolIds === null ? db`` : db`and r.school_id = any (${schoolIds}::uuid[])`} order by r.id`;
}

export async function countSyncRunsOfIntegrations(
  db: TransactionSql,
  integrationIds: readonly string[],
  filter: SyncRunFilter = {},
): Promise<CountOf[]> {
  return db<CountOf[]>`
    select r.integration_id as "parentId", count(*)::int as count from sync_run r
    where r.integration_id = any (${integrationIds}::uuid[]) ${matching(db, filter)} group by 1`;
}

function matching(db: TransactionSql, { status, trigger, mode, created }: SyncRunFilter) {
  return db`
    ${status === undefined ? db`` : db`and r.status = any (${status}::text[])`}
    ${trigger === undefined ? db`` : db`and r.trigger = any (${trigger}::text[])`}
    ${mode === undefined ? db`` : db`and r.mode = any (${mode}::text[])`}
    ${within(db, 'r.created_at', created)}`;
}

import type { EntityName, Values } from '../../model/entities.ts';
import type { LogStatus } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';
import type { CountOf, Keyset } from './keyset.ts';

export interface SyncLogRow {
  id: string;
  runId: string;
  /** Its place in the plan. */
  seq: number;
  action: string;
  status: LogStatus;
  reason: string;
  at: Date;
  entity: EntityName;
  recordId: string | null;
  key: string | null;
  name: string | null;
  /** How many records a batch stands for; 1 for a single operation. */
  size: number;
  /** The wide columns are null when they were not asked for. */
  details: Record<string, unknown> | null;
  before: Values | null;
  after: Values | null;
}

const narrow = `l.id, l.run_id as "runId", l.seq, l.action, l.status, l.reason, l.at, l.entity, l.record_id as "recordId",
  l.key, l.name, l.size`;
const wide = 'l.details, l.before, l.after';
const without = 'null::jsonb as details, null::jsonb as before, null::jsonb as after';

const columns = (withDetails: boolean) => `${narrow}, ${withDetails ? wide : without}`;

export interface SyncLogFilter {
  readonly status?: readonly LogStatus[] | undefined;
  /** The beginning of the action's name. */
  readonly action?: string | undefined;
}

/** Relies on `sync_log_id`. */
export async function syncLogsByIds(db: TransactionSql, ids: readonly string[]): Promise<SyncLogRow[]> {
  return db<SyncLogRow[]>`select ${db.unsafe(columns(true))} from sync_log l where l.id = any (${ids}::uuid[])`;
}

/** The same page of each run's log, in one statement. Relies on the primary key, once per run. */
export async function syncLogsOfRuns(
  db: TransactionSql,
  runIds: readonly string[],
  { after, limit, descending }: Keyset,
  filter: SyncLogFilter,
  withDetails: boolean,
): Promise<SyncLogRow[]> {
  return db<SyncLogRow[]>`
    select l.* from unnest(${runIds}::uuid[]) with ordinality as parent (id, place)
    cross join lateral (
      select ${db.unsafe(columns(withDetails))} from sync_log l
      where l.run_id = parent.id ${matching(db, filter)}
        ${after === null ? db`` : descending ? db`and l.seq < ${after}` : db`and l.seq > ${after}`}
      order by l.seq ${descending ? db`desc` : db`asc`} limit ${limit}
    ) l
    order by parent.place, l.seq ${descending ? db`desc` : db`asc`}`;
}

export async function countSyncLogsOfRuns(
  db: TransactionSql,
  runIds: readonly string[],
  filter: SyncLogFilter,
): Promise<CountOf[]> {
  return db<CountOf[]>`
    select l.run_id as "parentId", count(*)::int as count from sync_log l
    where l.run_id = any (${runIds}::uuid[]) ${matching(db, filter)} group by 1`;
}

export interface SettledBefore {
  readonly last: number;
  /** The horizon of an earlier read: activity from there on may be told live. */
  readonly horizon: string;
  /** Entries whose activity has been told already. */
  readonly told: readonly string[];
}

/**
 * Ids of a run's entries that were settled last, the oldest of them first, without those whose activity is still to be
 * told. Relies on an entry being settled and its activity being recorded in one transaction.
 */
export async function lastSettledLogIds(
  db: TransactionSql,
  runId: string,
  { last, horizon, told }: SettledBefore,
): Promise<string[]> {
  if (last === 0) return [];
  const rows = await db<{ id: string }[]>`
    with untold as materialized (
      select unnest(ids) as id from activity
      where kind = 'log' and parent_id = ${runId} and xid >= ${horizon}::text::xid8
      except select unnest(${told}::uuid[])
    )
    select id from sync_log
    where run_id = ${runId} and status <> 'PENDING' and id not in (select id from untold)
    order by at desc, seq desc limit ${last}`;

  return rows.map((row) => row.id).reverse();
}

function matching(db: TransactionSql, { status, action }: SyncLogFilter) {
  return db`
    ${status === undefined ? db`` : db`and l.status = any (${status}::text[])`}
    ${action === undefined ? db`` : db`and starts_with(l.action, ${action})`}`;
}

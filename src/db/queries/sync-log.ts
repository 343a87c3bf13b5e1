import type { EntityName, Values } from '../../model/entities.ts';
import type { LogStatus } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';
import type { CountOf, Keyset } from './keyset.ts';
import { type Span, within } from './span.ts';

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
  details: Record<string, unknown> | null;
  before: Values | null;
  after: Values | null;
}

/** What of the entries somebody asked for, beyond what happened and when. */
export interface SyncLogParts {
  /** Why, and to which record. */
  readonly about: boolean;
  /** The provider's answer and the values before and after. */
  readonly values: boolean;
}

const core = 'l.id, l.run_id as "runId", l.seq, l.action, l.status, l.at';
const about = 'l.reason, l.entity, l.record_id as "recordId", l.key, l.name, l.size';
const values = 'l.details, l.before, l.after';

const columns = (parts: SyncLogParts) =>
  [core, ...(parts.about ? [about] : []), ...(parts.values ? [values] : [])].join(', ');
const everything = columns({ about: true, values: true });

export interface SyncLogFilter {
  readonly status?: readonly LogStatus[] | undefined;
  /** The beginning of the action's name. */
  readonly action?: string | undefined;
  /** About this person or one of their memberships. */
  readonly personId?: string | undefined;
  /** About this class or one of its memberships. */
  readonly classId?: string | undefined;
  /** Since when they have their present status. */
  readonly settled?: Span | undefined;
}

/** Relies on `sync_log_id`. */
export async function syncLogsByIds(db: TransactionSql, ids: readonly string[]): Promise<SyncLogRow[]> {
  return db<SyncLogRow[]>`select ${db.unsafe(everything)} from sync_log l where l.id = any (${ids}::uuid[])`;
}

/**
 * The same page of each run's log, in one statement. Relies on the primary key, or with a filter on `sync_log_status`,
 * `sync_log_action` and `sync_log_record`, once per run. Rows lack the columns of parts that were not asked for: a log
 * is what is read most, and wide.
 */
export async function syncLogsOfRuns(
  db: TransactionSql,
  runIds: readonly string[],
  { after, limit, descending }: Keyset,
  filter: SyncLogFilter,
  parts: SyncLogParts,
): Promise<SyncLogRow[]> {
  return db<SyncLogRow[]>`
    select l.* from unnest(${runIds}::uuid[]) with ordinality as parent (id, place)
    cross join lateral (
      select ${db.unsafe(columns(parts))} from sync_log l
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

function matching(db: TransactionSql, { status, action, personId, classId, settled }: SyncLogFilter) {
  return db`
    ${status === undefined ? db`` : db`and l.status = any (${status}::text[])`}
    ${action === undefined ? db`` : db`and starts_with(l.action, ${action})`}
    ${personId === undefined ? db`` : aboutOneOf(db, 'person_id', personId)}
    ${classId === undefined ? db`` : aboutOneOf(db, 'class_id', classId)}
    ${within(db, 'l.at', settled)}`;
}

/** The subject and its memberships as a list of ids, known before the log is looked at. */
function aboutOneOf(db: TransactionSql, membership: 'person_id' | 'class_id', id: string) {
  return db`and l.record_id = any (array(
    select ${id}::uuid union all select e.id from enrollment e where ${db(`e.${membership}`)} = ${id}))`;
}

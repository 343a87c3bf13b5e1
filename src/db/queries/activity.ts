/** What happened, in the order in which it became visible: written by whoever changes a row, read by the live feed. */
import type { Sql, TransactionSql } from '../client.ts';
import type { ActivityKind } from '../tables/activity.ts';

/** A place in the one stream of events of a database. Nothing has the sequence number 0: `{ xid, seq: 0n }` lies before a transaction. */
export interface Place {
  readonly xid: bigint;
  readonly seq: bigint;
}

/** Negative when `left` comes first. */
export function comparePlaces(left: Place, right: Place): number {
  if (left.xid !== right.xid) return left.xid < right.xid ? -1 : 1;
  if (left.seq !== right.seq) return left.seq < right.seq ? -1 : 1;
  return 0;
}

/** What changed: ids only, for each client reads the rows under its own rights. */
export interface ActivityRow {
  readonly tenantId: string;
  /** Null when it belongs to no one school. */
  readonly schoolId: string | null;
  readonly kind: ActivityKind;
  /** Of `record` rows: which entity. */
  readonly entity?: string | null;
  /** Of `run` and `log` rows the run, of `integration` rows the integration. */
  readonly parentId?: string | null;
  /** Log entries, records, runs, integrations or conflicts. */
  readonly ids: readonly string[];
}

/** The same as it is read. */
export interface Activity extends ActivityRow {
  readonly place: Place;
  readonly entity: string | null;
  readonly parentId: string | null;
  /** All ids of the row; `ids` are those that are left to tell. */
  readonly allIds: readonly string[];
  /** The database's time when the transaction began. */
  readonly at: Date;
}

export interface ActivityPage {
  /** In order; at most as many as asked for. */
  readonly rows: readonly Activity[];
  /** Everything before this place that will ever be there has been committed. */
  readonly horizon: Place;
  /** Rows lie above the horizon: an older transaction is still open. */
  readonly held: boolean;
  /** The database's time. */
  readonly now: Date;
}

/** Ids in one row at most: a `log` row becomes one event, and an event carries at most 100 entries. */
const idsPerRow: Readonly<Record<ActivityKind, number>> = {
  log: 100,
  record: 1_000,
  run: 1_000,
  integration: 1_000,
  conflict: 1_000,
};

/**
 * Tells of changes, in the transaction that makes them and under its tenant. Long lists of ids become several rows.
 * Wake the feeds once the transaction has committed (`Wake` in `live/wake.ts`).
 */
export async function recordActivity(tx: TransactionSql, rows: readonly ActivityRow[]): Promise<void> {
  const split = rows.flatMap((row) =>
    chunks(row.ids, idsPerRow[row.kind]).map((ids) => ({
      tenant_id: row.tenantId,
      school_id: row.schoolId,
      kind: row.kind,
      entity: row.entity ?? null,
      parent_id: row.parentId ?? null,
      ids,
    })),
  );
  if (split.length === 0) return;

  await tx`
    insert into activity (tenant_id, school_id, kind, entity, parent_id, ids)
    select tenant_id, school_id, kind, entity, parent_id, ids
      from jsonb_to_recordset(${JSON.stringify(split)}::text::jsonb)
        as row (tenant_id uuid, school_id uuid, kind text, entity text, parent_id uuid, ids uuid[])`;
}

function chunks(ids: readonly string[], size: number): string[][] {
  const count = Math.ceil(ids.length / size);
  return Array.from({ length: count }, (_, index) => ids.slice(index * size, (index + 1) * size));
}

/** Every tenant's activity after a place. Relies on `activity_cursor`. */
export function readActivity(system: Sql, after: Place, limit: number): Promise<ActivityPage> {
  return read(system, system``, after, limit);
}

/** One tenant's activity after a place. Relies on `activity_tenant`. */
export function readTenantActivity(system: Sql, tenantId: string, after: Place, limit: number): Promise<ActivityPage> {
  return read(system, system`tenant_id = ${tenantId} and`, after, limit);
}

interface Row {
  xid: string | null;
  seq: number | string;
  tenantId: string;
  schoolId: string | null;
  kind: ActivityKind;
  entity: string | null;
  parentId: string | null;
  ids: string[];
  at: Date;
  horizon: string;
  held: boolean;
  now: Date;
}

/**
 * A transaction's rows become visible when it commits, not when it took its numbers, so a reader that remembers the
 * highest number it has seen would lose what commits late. Below `pg_snapshot_xmin` no transaction is open any more.
 * One statement, hence one snapshot: the rows and the horizon belong together.
 */
async function read(system: Sql, condition: ReturnType<Sql>, after: Place, limit: number): Promise<ActivityPage> {
  const found = await system<Row[]>`
    with snapshot as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as horizon)
    select a.xid::text as xid, a.seq, a.tenant_id as "tenantId", a.school_id as "schoolId", a.kind, a.entity,
           a.parent_id as "parentId", a.ids, a.at, s.horizon::text as horizon, now() as now,
           exists (select from activity above where above.xid >= s.horizon) as held
      from snapshot s
      left join lateral (
        select * from activity
         where ${condition} (xid, seq) > (${String(after.xid)}::text::xid8, ${String(after.seq)}::text::bigint)
           and xid < s.horizon
         order by xid, seq
         limit ${limit}
      ) a on true
     order by a.xid, a.seq`;

  const [first] = found;
  if (first === undefined) throw new Error('The database answered a question about activity with nothing.');
  return {
    rows: found.flatMap(toRow),
    horizon: { xid: BigInt(first.horizon), seq: 0n },
    held: first.held,
    now: first.now,
  };
}

function toRow({ xid, seq, tenantId, schoolId, kind, entity, parentId, ids, at }: Row): Activity[] {
  // Without activity the outer join leaves one row that has only a horizon.
  if (xid === null) return [];
  return [
    { place: { xid: BigInt(xid), seq: BigInt(seq) }, tenantId, schoolId, kind, entity, parentId, ids, allIds: ids, at },
  ];
}

/** Forgets at most `limit` of the oldest rows among those older than `keptMs` milliseconds; answers how many. */
export async function forgetActivity(system: Sql, keptMs: number, limit: number): Promise<number> {
  const { count } = await system`
    delete from activity
     where (xid, seq) in (
       select xid, seq from activity
        where at < now() - make_interval(secs => ${keptMs / 1000})
        order by xid, seq
        limit ${limit}
     )`;
  return count;
}

/**
 * Tells one database from another, so that a place in one is never taken for a place in the other: transaction numbers
 * begin anew with every server, and a restored copy continues an older count.
 */
export async function databaseEpoch(system: Sql): Promise<string> {
  const [row] = await system<{ epoch: string }[]>`
    select format('%s:%s', system_identifier, oid) as epoch
      from pg_control_system(), pg_database where datname = current_database()`;
  if (row === undefined) throw new Error('The database does not know itself.');
  return row.epoch;
}

/** Exports as people ask for them, look after them and end them. Handing them over is `export-transfer.ts`. */
import type { EntityName, Status } from '../../model/entities.ts';
import type { ExportStatus, StoredExportStatus } from '../../model/export.ts';
import type { TransactionSql } from '../client.ts';
import type { CountOf, Keyset } from './keyset.ts';

export interface ExportRow {
  id: string;
  schoolId: string;
  status: StoredExportStatus;
  entities: readonly EntityName[];
  recordStatus: readonly Status[];
  updatedSince: Date | null;
  contacts: boolean;
  liveCursor: string;
  /** The id of a key or of a member. */
  askedBy: string;
  askerName: string;
  completed: number;
  total: number | null;
  counts: Readonly<Partial<Record<EntityName, number>>>;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  expiresAt: Date;
}

export interface ExportFilter {
  /** Only what this key or member asked for; null: whoever asked. */
  readonly askedBy: string | null;
  readonly status?: readonly ExportStatus[] | undefined;
  readonly now: Date;
}

/** SQL, of the alias `e`. */
export const exportColumns = `e.id, e.school_id as "schoolId", e.status, e.entities, e.record_status as "recordStatus",
  e.updated_since as "updatedSince", e.contacts, e.live_cursor as "liveCursor", e.asked_by as "askedBy",
  e.asker_name as "askerName", e.completed, e.total, e.counts, e.created_at as "createdAt", e.started_at as "startedAt",
  e.finished_at as "finishedAt", e.expires_at as "expiresAt"`;

export type NewExport = Pick<
  ExportRow,
  | 'id'
  | 'schoolId'
  | 'entities'
  | 'recordStatus'
  | 'updatedSince'
  | 'contacts'
  | 'liveCursor'
  | 'askedBy'
  | 'askerName'
  | 'createdAt'
  | 'expiresAt'
> & { readonly tenantId: string; readonly askerKind: 'USER' | 'API_KEY' };

export async function insertExport(tx: TransactionSql, row: NewExport): Promise<void> {
  await tx`
    insert into export (tenant_id, school_id, id, status, entities, record_status, updated_since, contacts, live_cursor,
      asker_kind, asked_by, asker_name, created_at, expires_at)
    values (${row.tenantId}, ${row.schoolId}, ${row.id}, 'PENDING', ${[...row.entities]}::text[],
      ${[...row.recordStatus]}::text[], ${row.updatedSince}, ${row.contacts}, ${row.liveCursor}, ${row.askerKind},
      ${row.askedBy}, ${row.askerName}, ${row.createdAt}, ${row.expiresAt})`;
}

/** Forgets exports of a school that had expired before. Relies on `export_school`. */
export async function forgetExports(tx: TransactionSql, schoolId: string, expiredBefore: Date): Promise<void> {
  await tx`delete from export where school_id = ${schoolId} and expires_at < ${expiredBefore}`;
}

export async function exportsByIds(
  db: TransactionSql,
  ids: readonly string[],
  askedBy: string | null,
): Promise<ExportRow[]> {
  return db<ExportRow[]>`
    select ${db.unsafe(exportColumns)} from export e where e.id = any (${ids}::uuid[]) ${of(db, askedBy)}`;
}

/** The export, locked for the change to come. */
export async function exportToChange(
  tx: TransactionSql,
  id: string,
  askedBy: string | null,
): Promise<ExportRow | undefined> {
  const [row] = await tx<ExportRow[]>`
    select ${tx.unsafe(exportColumns)} from export e where e.id = ${id} ${of(tx, askedBy)} for update`;

  return row;
}

/** It is over: nothing more of it is handed over. One that was ended before stays as it is. */
export async function endExport(
  tx: TransactionSql,
  id: string,
  status: 'CANCELLED' | 'FAILED',
  at: Date,
): Promise<void> {
  await tx`
    update export set status = ${status}, finished_at = ${at} where id = ${id} and status not in ('FAILED', 'CANCELLED')`;
}

/** The same page of each school's exports, in the order they were asked for. Relies on `export_school`. */
export async function exportsOfSchools(
  db: TransactionSql,
  schoolIds: readonly string[],
  { after, limit, descending }: Keyset,
  filter: ExportFilter,
): Promise<ExportRow[]> {
  return db<ExportRow[]>`
    select e.* from unnest(${schoolIds}::uuid[]) with ordinality as school (id, place)
    cross join lateral (
      select ${db.unsafe(exportColumns)} from export e where e.school_id = school.id ${matching(db, filter)}
        ${after === null ? db`` : descending ? db`and e.id < ${after}` : db`and e.id > ${after}`}
      order by e.id ${descending ? db`desc` : db`asc`} limit ${limit}
    ) e
    order by school.place, e.id ${descending ? db`desc` : db`asc`}`;
}

export async function countExportsOfSchools(
  db: TransactionSql,
  schoolIds: readonly string[],
  filter: ExportFilter,
): Promise<CountOf[]> {
  return db<CountOf[]>`
    select e.school_id as "parentId", count(*)::int as count from export e
    where e.school_id = any (${schoolIds}::uuid[]) ${matching(db, filter)} group by 1`;
}

function matching(db: TransactionSql, { askedBy, status, now }: ExportFilter) {
  return db`${of(db, askedBy)} ${
    status === undefined
      ? db``
      : db`and case when e.status in ('PENDING', 'RUNNING') and e.expires_at <= ${now} then 'EXPIRED' else e.status end
          = any (${status}::text[])`
  }`;
}

function of(db: TransactionSql, askedBy: string | null) {
  return askedBy === null ? db`` : db`and e.asked_by = ${askedBy}`;
}

/** Reading the roster tables, which begin with the same columns: by id, and as lists of a school, a class or a person. */
import type { Status } from '../../model/entities.ts';
import type { TransactionSql } from '../client.ts';
import type { CountOf, Keyset } from './keyset.ts';

export interface RecordRow {
  id: string;
  schoolId: string;
  sourcedId: string | null;
  status: Status;
  createdAt: Date;
  updatedAt: Date;
}

/** A table and the columns that are read of it. Both become SQL text: they are written in this folder, never received. */
export interface RecordTable<Row extends RecordRow> {
  readonly name: string;
  /** SQL, of the alias `r`. */
  readonly columns: string;
  /** Only tells the row's type. */
  readonly row?: Row;
}

/** The columns every record begins with. */
export const recordColumns = `r.id, r.school_id as "schoolId", r.sourced_id as "sourcedId", r.status,
  r.created_at as "createdAt", r.updated_at as "updatedAt"`;

/** By which column a list belongs to its parent; each leads an index that goes on with the id. */
export type ParentColumn = 'school_id' | 'class_id' | 'person_id';

export interface RecordFilter {
  readonly status: readonly Status[];
  /** Of meetings: those that start at or after `from` and before `before`. */
  readonly starts?: { readonly from: Date | null; readonly before: Date | null } | undefined;
}

/** The condition of a filter, of the alias `r`. */
function passes(db: TransactionSql, { status, starts }: RecordFilter) {
  const { from = null, before = null } = starts ?? {};

  return db`r.status = any (${status}::text[])
    ${from === null ? db`` : db`and r.starts_at >= ${from}`} ${before === null ? db`` : db`and r.starts_at < ${before}`}`;
}

export async function recordsByIds<Row extends RecordRow>(
  db: TransactionSql,
  table: RecordTable<Row>,
  ids: readonly string[],
): Promise<Row[]> {
  const rows = await db<RecordRow[]>`
    select ${db.unsafe(table.columns)} from ${db(table.name)} r where r.id = any (${ids}::uuid[])`;

  return rows as unknown as Row[];
}

/** The same page of each parent's records, in the order they were made, in one statement. */
export async function recordsOfParents<Row extends RecordRow>(
  db: TransactionSql,
  table: RecordTable<Row>,
  parent: ParentColumn,
  parentIds: readonly string[],
  { after, limit }: Keyset,
  filter: RecordFilter,
): Promise<(Row & { parentId: string })[]> {
  const rows = await db<RecordRow[]>`
    select parent.id as "parentId", r.* from unnest(${parentIds}::uuid[]) with ordinality as parent (id, place)
    cross join lateral (
      select ${db.unsafe(table.columns)} from ${db(table.name)} r
      where ${db(`r.${parent}`)} = parent.id and ${passes(db, filter)}
        ${after === null ? db`` : db`and r.id > ${after}`}
      order by r.id limit ${limit}
    ) r
    order by parent.place, r.id`;

  return rows as unknown as (Row & { parentId: string })[];
}

/** A column of record ids that says which records belong to a parent: the learners of a meeting. */
export interface IdList {
  /** The table of the parents. */
  readonly table: 'meeting' | 'group';
  readonly column: 'learners_ids' | 'members_ids';
}

/** The same page of the records each parent lists by id, in the order they were made, in one statement. */
export async function recordsListedBy<Row extends RecordRow>(
  db: TransactionSql,
  table: RecordTable<Row>,
  list: IdList,
  parentIds: readonly string[],
  { after, limit }: Keyset,
  filter: RecordFilter,
): Promise<(Row & { parentId: string })[]> {
  const rows = await db<RecordRow[]>`
    select parent.id as "parentId", r.* from unnest(${parentIds}::uuid[]) with ordinality as parent (id, place)
    join ${db(list.table)} l on l.id = parent.id
    cross join lateral (
      select ${db.unsafe(table.columns)} from ${db(table.name)} r
      where r.id = any (${db(`l.${list.column}`)}) and ${passes(db, filter)}
        ${after === null ? db`` : db`and r.id > ${after}`}
      order by r.id limit ${limit}
    ) r
    order by parent.place, r.id`;

  return rows as unknown as (Row & { parentId: string })[];
}

export async function countRecordsListedBy(
  db: TransactionSql,
  table: { readonly name: string },
  list: IdList,
  parentIds: readonly string[],
  filter: RecordFilter,
): Promise<CountOf[]> {
  return db<CountOf[]>`
    select l.id as "parentId", count(*)::int as count from ${db(list.table)} l
    join ${db(table.name)} r on r.id = any (${db(`l.${list.column}`)}) and ${passes(db, filter)}
    where l.id = any (${parentIds}::uuid[]) group by 1`;
}

export async function countRecordsOfParents(
  db: TransactionSql,
  table: { readonly name: string },
  parent: ParentColumn,
  parentIds: readonly string[],
  filter: RecordFilter,
): Promise<CountOf[]> {
  return db<CountOf[]>`
    select ${db(`r.${parent}`)} as "parentId", count(*)::int as count from ${db(table.name)} r
    where ${db(`r.${parent}`)} = any (${parentIds}::uuid[]) and ${passes(db, filter)} group by 1`;
}

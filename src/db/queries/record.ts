/** Reading the roster tables, which begin with the same columns: by id, and as lists of a school, a class or a person. */
import type { PendingQuery, Row as SqlRow } from 'postgres';
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
  /** What it can be ordered by beside the order in which records were made. */
  readonly orders?: Readonly<Record<string, readonly OrderColumn[]>>;
  /** Only tells the row's type. */
  readonly row?: Row;
}

/** A column that is never null, and the name it is read under. */
export interface OrderColumn {
  readonly column: string;
  readonly as: string;
  readonly type: 'text' | 'date' | 'timestamptz';
}

/** The columns every record begins with. */
export const recordColumns = `r.id, r.school_id as "schoolId", r.sourced_id as "sourcedId", r.status,
  r.created_at as "createdAt", r.updated_at as "updatedAt"`;

/** By which column a list belongs to its parent; each leads an index that goes on with the id. */
export type ParentColumn = 'school_id' | 'class_id' | 'person_id' | 'course_id' | 'student_id' | 'guardian_id';

/** A column of record ids that says which records belong to a parent: the learners of a meeting. */
export interface IdList {
  /** The table of the parents. */
  readonly table: 'meeting' | 'group';
  readonly column: 'learners_ids' | 'members_ids';
}

/** A part of a statement. */
export type Condition = (db: TransactionSql) => PendingQuery<SqlRow[]>;

export interface RecordFilter {
  readonly status: readonly Status[];
  /** Conditions on the alias `r`, all of which hold; made by the noun's own file in this folder. */
  readonly where: readonly Condition[];
}

/** A list of records: which table, below which parents, which of them. */
export interface RecordList<Row extends RecordRow> {
  readonly table: RecordTable<Row>;
  readonly below: ParentColumn | IdList;
  readonly filter: RecordFilter;
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

/**
 * The same page of each parent's records, in one statement; `belowId` is that parent, for a term has a `parentId` of its own.
 *
 * @param order columns to order by before the id; none: in the order they were made. `page.after` is then the values of
 * these columns and the id as a JSON list, else the id.
 */
export async function recordsBelow<Row extends RecordRow>(
  db: TransactionSql,
  { table, below, filter }: RecordList<Row>,
  parentIds: readonly string[],
  { after, limit, descending }: Keyset,
  order: readonly OrderColumn[] = [],
): Promise<(Row & { belowId: string })[]> {
  const listed = typeof below !== 'string';
  const outside = order.map(({ as, type }) => ({ column: `"${as}"`, as, type }));
  const rows = await db<RecordRow[]>`
    select parent.id as "belowId", r.* from unnest(${parentIds}::uuid[]) with ordinality as parent (id, place)
    ${listed ? db`join ${db(below.table)} l on l.id = parent.id` : db``}
    cross join lateral (
      select ${db.unsafe(table.columns)} from ${db(table.name)} r
      where ${listed ? db`r.id = any (${db(`l.${below.column}`)})` : db`${db(`r.${below}`)} = parent.id`}
        and ${passes(db, filter)}
        ${behind(db, { after, descending }, order)}
      order by ${sortedBy(db, order, descending)} limit ${limit}
    ) r
    order by parent.place, ${sortedBy(db, outside, descending)}`;

  return rows as unknown as (Row & { belowId: string })[];
}

/** How many records each parent has, in one statement. */
export async function countRecordsBelow<Row extends RecordRow>(
  db: TransactionSql,
  { table, below, filter }: RecordList<Row>,
  parentIds: readonly string[],
): Promise<CountOf[]> {
  if (typeof below === 'string')
    return db<CountOf[]>`
      select ${db(`r.${below}`)} as "parentId", count(*)::int as count from ${db(table.name)} r
      where ${db(`r.${below}`)} = any (${parentIds}::uuid[]) and ${passes(db, filter)} group by 1`;

  return db<CountOf[]>`
    select l.id as "parentId", count(*)::int as count from ${db(below.table)} l
    join ${db(table.name)} r on r.id = any (${db(`l.${below.column}`)}) and ${passes(db, filter)}
    where l.id = any (${parentIds}::uuid[]) group by 1`;
}

/** The columns of an order, then the id; SQL, of the alias `r`. */
export function sortedBy(db: TransactionSql, order: readonly OrderColumn[], descending: boolean) {
  const columns = [...order.map(sqlOf), 'r.id'];

  return db.unsafe(columns.map((each) => `${each} ${descending ? 'desc' : 'asc'}`).join(', '));
}

/** Behind the page's place under an order: the condition, begun with `and`; nothing for the beginning. */
export function behind(
  db: TransactionSql,
  { after, descending }: Omit<Keyset, 'limit'>,
  order: readonly OrderColumn[],
) {
  if (after === null) return db``;
  const columns = [...order.map(sqlOf), 'r.id'].join(', ');

  return db`and (${db.unsafe(columns)}) ${db.unsafe(descending ? '<' : '>')} (${place(db, after, order)})`;
}

/** Text is ordered as people look it up, on every server alike: by letters first, then accents, then case. */
function sqlOf({ column, type }: { column: string; type: OrderColumn['type'] }): string {
  return type === 'text' ? `r.${column} collate "und-x-icu"` : `r.${column}`;
}

function place(db: TransactionSql, after: string, order: readonly OrderColumn[]) {
  if (order.length === 0) return db`${after}::uuid`;
  const values = JSON.parse(after) as string[];

  return [...order.map(({ type }) => type), 'uuid'].reduce(
    (list, type, at) => db`${list}${at === 0 ? db`` : db`, `}${values[at] ?? ''}::${db.unsafe(type)}`,
    db``,
  );
}

/** The condition of a filter, of the alias `r`. */
function passes(db: TransactionSql, { status, where }: RecordFilter) {
  return where.reduce((all, condition) => db`${all} and ${condition(db)}`, db`r.status = any (${status}::text[])`);
}

/**
 * Each of these words is somewhere in these columns, in whatever case.
 *
 * @param columns SQL, with the alias of their table.
 */
export function containsWords(columns: string, words: readonly string[]): Condition {
  return (db) =>
    words.reduce(
      (all, word) => db`${all} and position(lower(${word}) in lower(concat_ws(' ', ${db.unsafe(columns)}))) > 0`,
      db`true`,
    );
}

/** Changed in Homeroom at this instant or later. */
export const changedSince =
  (instant: Date): Condition =>
  (db) =>
    db`r.updated_at >= ${instant}`;

/** A column has one of these values. */
export function isOneOf(column: string, type: 'text' | 'uuid', values: readonly string[]): Condition {
  return (db) => db`${db(`r.${column}`)} = any (${values}::${db.unsafe(type)}[])`;
}

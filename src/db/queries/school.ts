import type { SchoolSettings } from '../../model/school-settings.ts';
import type { TransactionSql } from '../client.ts';
import type { Keyset } from './keyset.ts';
import { behind, type Condition, type OrderColumn, sortedBy } from './record.ts';

export interface SchoolRow {
  id: string;
  name: string;
  sourcedId: string | null;
  timeZone: string;
  settings: SchoolSettings;
}

const columns = 'id, name, sourced_id as "sourcedId", time_zone as "timeZone", settings';

export async function schoolsByIds(db: TransactionSql, ids: readonly string[]): Promise<SchoolRow[]> {
  return db<SchoolRow[]>`select ${db.unsafe(columns)} from school where id = any (${ids}::uuid[])`;
}

/** The school, locked for the change to come. */
export async function schoolToChange(tx: TransactionSql, id: string): Promise<SchoolRow | undefined> {
  const [row] = await tx<SchoolRow[]>`select ${tx.unsafe(columns)} from school where id = ${id} for update`;

  return row;
}

export async function updateSchool(
  tx: TransactionSql,
  { id, name, sourcedId, timeZone, settings }: SchoolRow,
): Promise<void> {
  await tx`
    update school set name = ${name}, sourced_id = ${sourcedId}, time_zone = ${timeZone},
      settings = ${JSON.stringify(settings)}, updated_at = now()
    where id = ${id}`;
}

export const schoolOrders = {
  NAME: [{ column: 'name', as: 'name', type: 'text' }],
} as const satisfies Record<string, readonly OrderColumn[]>;

/**
 * In the order they were made, which relies on the primary key, unless another is given.
 *
 * @param where conditions on the alias `r`, all of which hold.
 */
export async function pageOfSchools(
  db: TransactionSql,
  { limit, ...page }: Keyset,
  where: readonly Condition[],
  order: readonly OrderColumn[] = [],
): Promise<SchoolRow[]> {
  return db<SchoolRow[]>`
    select ${db.unsafe(columns)} from school r
    where ${all(db, where)} ${behind(db, page, order)}
    order by ${sortedBy(db, order, page.descending)} limit ${limit}`;
}

export async function countSchools(db: TransactionSql, where: readonly Condition[]): Promise<number> {
  const [row] = await db<{ count: number }[]>`select count(*)::int as count from school r where ${all(db, where)}`;

  return row?.count ?? 0;
}

function all(db: TransactionSql, where: readonly Condition[]) {
  return where.reduce((conditions, condition) => db`${conditions} and ${condition(db)}`, db`true`);
}

import type { SchoolSettings } from '../../model/school-settings.ts';
import type { TransactionSql } from '../client.ts';
import type { Keyset } from './keyset.ts';

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

/** In the order they were made. Relies on the primary key. */
export async function pageOfSchools(db: TransactionSql, { after, limit }: Keyset): Promise<SchoolRow[]> {
  return db<SchoolRow[]>`
    select ${db.unsafe(columns)} from school
    where ${after === null ? db`true` : db`id > ${after}`}
    order by id limit ${limit}`;
}

export async function countSchools(db: TransactionSql): Promise<number> {
  const [row] = await db<{ count: number }[]>`select count(*)::int as count from school`;

  return row?.count ?? 0;
}

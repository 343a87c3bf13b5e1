/** Settings of one transaction that steer how PostgreSQL goes about a statement. */
import type { TransactionSql } from '../../client.ts';

/**
 * Staging has no statistics when it is joined, and the planner then believes it tiny and looks up a million rows one
 * by one. Told not to, it joins by hash or merge: measured three times faster from some thousands of rows on.
 */
export async function preferBulkJoins(tx: TransactionSql): Promise<void> {
  await tx`set local enable_nestloop = off`;
}

/** What a pull fills, as `homeroom_analyze` takes it. */
export const filledTables = [
  'staging',
  'link',
  'org',
  'term',
  'course',
  'class',
  'person',
  'enrollment',
  'guardian_link',
] as const;

/** Has a table looked at, in a transaction of its own; a fraction of a second whatever its size. */
export async function refreshStatistics(tx: TransactionSql, table: (typeof filledTables)[number]): Promise<void> {
  await tx`select homeroom_analyze(${table})`;
}

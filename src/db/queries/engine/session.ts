/** Settings of one transaction that steer how PostgreSQL goes about a statement. */
import type { TransactionSql } from '../../client.ts';

/**
 * Staging has no statistics when it is joined, and the planner then believes it tiny and looks up a million rows one
 * by one. Told not to, it joins by hash or merge: measured three times faster from some thousands of rows on.
 */
export async function preferBulkJoins(tx: TransactionSql): Promise<void> {
  await tx`set local enable_nestloop = off`;
}

/** Has the tables a pull fills looked at, in a transaction of its own; a fraction of a second whatever their size. */
export async function refreshStatistics(tx: TransactionSql): Promise<void> {
  await tx`select homeroom_analyze()`;
}

import type { TransactionSql } from '../client.ts';

/** The first transaction number that this read may not see; everything below has ended. Text, for it outgrows a number. */
export async function readHorizon(db: TransactionSql): Promise<string> {
  const [row] = await db<{ horizon: string }[]>`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`;
  if (row === undefined) throw new Error('The database answered a question about its horizon with nothing.');

  return row.horizon;
}

/** Which transactions a read of the database sees: tells what a reader has seen already from what comes later. */
import type { TransactionSql } from '../client.ts';

/** Whether the transaction with this number was visible. */
export type Sees = (xid: bigint) => boolean;

/** What everything read in this transaction sees; it must be repeatable read. */
export async function currentSnapshot(db: TransactionSql): Promise<Sees> {
  const [row] = await db<{ snapshot: string }[]>`select pg_current_snapshot()::text as snapshot`;
  if (row === undefined) throw new Error('The database answered a question about its snapshot with nothing.');

  return parseSnapshot(row.snapshot);
}

/**
 * PostgreSQL's text of a snapshot is `xmin:xmax:open,open,…`: all below xmin had ended, none from xmax on had begun,
 * and in between those named were still open.
 */
export function parseSnapshot(text: string): Sees {
  const [xmin = '', xmax = '', open = ''] = text.split(':');
  const begin = BigInt(xmin);
  const end = BigInt(xmax);
  const stillOpen = new Set(open === '' ? [] : open.split(',').map(BigInt));

  return (xid) => xid < begin || (xid < end && !stillOpen.has(xid));
}

import type { TransactionSql } from '../client.ts';

/** A stretch of time, open where a side is missing: from an instant on, and before another. */
export interface Span {
  readonly from?: Date | null | undefined;
  readonly before?: Date | null | undefined;
}

/** The condition, begun with `and`; nothing for an open stretch. `column` is SQL, written in this folder. */
export function within(db: TransactionSql, column: string, { from, before }: Span = {}) {
  return db`
    ${from == null ? db`` : db`and ${db.unsafe(column)} >= ${from}`}
    ${before == null ? db`` : db`and ${db.unsafe(column)} < ${before}`}`;
}

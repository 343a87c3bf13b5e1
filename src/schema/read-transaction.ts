/** One read-only transaction that is opened at the first statement and held until its owner is done with it. */
import { asTenant, type Sql, type Identity as TransactionIdentity, type TransactionSql } from '../db/client.ts';

export interface ReadTransaction {
  /** Opens it if need be. Everything read through it is one state of the database. */
  run<T>(fn: (db: TransactionSql) => Promise<T>): Promise<T>;
  /** Ends it and gives the connection back; nothing happens when it was never opened. */
  end(): Promise<void>;
}

/** @param signal ends it too, with the statement that runs. */
export function readTransaction(sql: Sql, identity: TransactionIdentity, signal: AbortSignal): ReadTransaction {
  let opened: Promise<TransactionSql> | undefined;
  let finished: Promise<void> | undefined;
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();

  const open = () =>
    new Promise<TransactionSql>((resolve, reject) => {
      const hold = async (db: TransactionSql) => {
        resolve(db);
        await over;
      };
      finished = asTenant(sql, identity, hold, { readOnly: true, signal });
      // A transaction that could not begin is told to whoever wanted to read.
      finished.catch(reject);
    });

  return {
    async run(fn) {
      opened ??= open();

      return fn(await opened);
    },
    async end() {
      finish();
      // What went wrong in it was told to the statements it happened to.
      await finished?.catch(() => undefined);
    },
  };
}

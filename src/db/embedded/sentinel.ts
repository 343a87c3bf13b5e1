/** One connection that stays open, to know that the server answers and to notice when it no longer does. */
import { setTimeout as delay } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { superuser } from './cluster.ts';
import { isAlive, type Postmaster } from './postmaster.ts';

export interface Sentinel {
  readonly sql: Sql;
  end(): Promise<void>;
}

/**
 * @returns null when the server does not answer, as while it starts and stops.
 * @param onLost called once when the server is gone and `end` was not called.
 */
export async function watch(server: Postmaster, onLost: () => void): Promise<Sentinel | null> {
  const ended = new AbortController();
  let watching = false;
  const sql = postgres({
    host: server.socketDir,
    port: server.port,
    user: superuser,
    database: superuser,
    max: 1,
    fetch_types: false,
    max_lifetime: null,
    connect_timeout: 5,
    connection: { application_name: 'homeroom-embedded' },
    onnotice: () => undefined,
    onclose: () => void confirm(),
  });

  /** A connection may end while its server lives: someone ended it, or the server repairs itself after a crash. */
  async function confirm(): Promise<void> {
    if (!watching) return;
    watching = false;
    while (!ended.signal.aborted && isAlive(server.pid)) {
      if (await answers(sql)) {
        watching = true;
        return;
      }
      await delay(100, undefined, { ref: false });
    }
    if (!ended.signal.aborted) onLost();
  }

  if (!(await answers(sql))) {
    await sql.end({ timeout: 0 });
    return null;
  }
  watching = true;
  return {
    sql,
    end() {
      ended.abort();
      return sql.end({ timeout: 1 });
    },
  };
}

async function answers(sql: Sql): Promise<boolean> {
  return sql`select 1`.then(
    () => true,
    () => false,
  );
}

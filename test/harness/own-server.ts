/** A database server that a test may kill: nobody else is on it, and what was committed survives. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsLogin, type Target } from '../../src/db/client.ts';
import { findPostmaster, isAlive } from '../../src/db/embedded/postmaster.ts';
import { type EmbeddedDatabase, startEmbedded } from '../../src/db/embedded.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { asLogin, makeDatabase } from './server.ts';

/** `backend`: one of its processes, so that it repairs itself at once; `server`: all of it, until `start`. */
export type DatabaseDeath = 'backend' | 'server';

export interface OwnServer {
  readonly target: Target;
  /** A migrated, empty database on it. */
  database(): Promise<TestDatabase>;
  /** Gets ready, and answers a stroke that kills one of its processes that very moment. */
  arm(): Promise<() => void>;
  /** kill -9; either way what is unlogged is empty afterwards. */
  kill(how: DatabaseDeath): Promise<void>;
  /** Serves again, where it served before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnServer(): Promise<OwnServer> {
  const dir = await mkdtemp(join(tmpdir(), 'homeroom-own-'));
  await chmod(dir, 0o755);
  const dataDir = join(dir, 'postgres');
  const log = { info: () => undefined, error: () => undefined };
  const start = () => startEmbedded({ dataDir, log, durable: false });
  let server: EmbeddedDatabase = await start();
  const { options: target } = server;

  return {
    target,
    async database() {
      // Not copied from another: after a copy without a checkpoint PostgreSQL loses the beginnings of unlogged indexes.
      await makeDatabase(target, 'homeroom_test_own');
      return openTestDatabase(target, 'homeroom_test_own');
    },
    arm: () => arm(target),
    async kill(how) {
      if (how === 'backend') return (await arm(target))();
      const running = await findPostmaster(dataDir);
      if (running) await killAndWait(running.pid);
    },
    async start() {
      // After the death of a backend the same server is still there, and answers as soon as it can.
      for (;;) {
        if (await answers(target)) return;
        if ((await findPostmaster(dataDir)) === null) server = await start();
        else await delay(10);
      }
    },
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The victim serves a connection of ours; it takes all other connections with it. */
async function arm(target: Target): Promise<() => void> {
  const sql = connectAsLogin(target);
  const session = await sql.reserve();
  const [victim] = await session<{ pid: number }[]>`select pg_backend_pid() as pid`;

  return () => {
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    void sql.end({ timeout: 0 });
  };
}

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await delay(2);
}

/** Also one that takes the connection and then says nothing does not answer. */
function answers(target: Target): Promise<boolean> {
  const late = delay(2_000, undefined, { ref: false }).then(() => Promise.reject(new Error('It is silent.')));
  return asLogin(target, (sql) => Promise.race([sql`select 1`, late])).then(
    () => true,
    () => false,
  );
}

/** What every figure works with: how much to do, a database server of its own, and an orderly end. */
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Target } from '../src/db/client.ts';
import { isAlive } from '../src/db/embedded/postmaster.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { ensureRoles } from '../src/db/roles.ts';
import { asLogin, dropDatabase, withDatabase } from '../test/harness/server.ts';

export interface Options {
  /** How often each side is measured. Null: as often as the figure thinks fit. */
  readonly rounds: number | null;
  /** Enrollments of the pull. */
  readonly records: number;
  /** Clients of the delivery. */
  readonly subscribers: number;
  /** Of the delivery; each has a run that is followed. */
  readonly schools: number;
  /** How many different documents the clients of a school follow it with. */
  readonly documents: number;
  /** Where the processes leave their CPU profiles; null: they make none. */
  readonly profile: string | null;
}

export interface Bench {
  readonly options: Options;
  /** A temporary directory, removed at the end. */
  readonly dir: string;
  /** Where the embedded server keeps its data. */
  readonly dataDir: string;
  /** A database on the embedded server, as durable as a stranger's: migrated and empty, or as another one is now. */
  database(from?: Target): Promise<Target>;
  drop(target: Target): Promise<void>;
  /** What must end with the figure; the last given ends first. */
  onEnd(close: () => Promise<void> | void): void;
  /** One line of progress. */
  say(text: string): void;
}

const prefix = 'homeroom-bench-';
const template = 'bench_template';

/** Starts the database server. Everything that is given to `onEnd`, and the directory, goes with `end`. */
export async function openBench(options: Options): Promise<Bench & { end(): Promise<void> }> {
  const ends = new AsyncDisposableStack();
  await clearAbandoned();
  const dir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  ends.defer(() => rm(dir, { recursive: true, force: true }));
  // As root the server runs as another user, who must be able to enter.
  await chmod(dir, 0o755);
  const log = { info: () => undefined, error: () => undefined };
  const dataDir = join(dir, 'postgres');
  const server = await startEmbedded({ dataDir, log });
  ends.defer(() => server.stop());
  await makeTemplate(server.options);
  let made = 0;

  return {
    options,
    dir,
    dataDir,
    async database(from) {
      made += 1;
      const name = `bench_${made}`;
      const origin = from === undefined ? template : nameOf(from);
      await asLogin(server.options, (sql) =>
        sql.unsafe(`create database "${name}" template "${origin}" strategy file_copy owner homeroom_owner`),
      );
      return withDatabase(server.options, name);
    },
    async drop(target) {
      // A vacuum of large tables gives way to who takes them away, but not to the end of its database.
      await asLogin(target, (sql) => sql`drop schema public cascade`);
      await asLogin(server.options, (sql) => dropDatabase(sql, nameOf(target)));
    },
    onEnd: (close) => ends.defer(close),
    say: (text) => void process.stderr.write(`${text}\n`),
    end: () => ends.disposeAsync(),
  };
}

function nameOf(target: Target): string {
  if (typeof target === 'string' || target.database === undefined) throw new TypeError('A bench has no such database.');
  return target.database;
}

async function makeTemplate(admin: Target): Promise<void> {
  await asLogin(admin, async (sql) => {
    await ensureRoles(sql);
    await sql.unsafe(`create database "${template}" owner homeroom_owner`);
  });
  const target = withDatabase(admin, template);
  await asLogin(target, ensureRoles);
  const owner = connect({ target, role: 'owner', max: 2 });
  try {
    await migrate(owner);
  } finally {
    await owner.end();
  }
}

/** What benches left that were killed: their servers have ended with them, their directories have not. */
async function clearAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** The database server of a test run: an embedded one in a temporary directory, or the one DATABASE_URL names. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, connectAsLogin, type Sql, type Target } from '../../src/db/client.ts';
import { isAlive } from '../../src/db/embedded/postmaster.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { ensureRoles } from '../../src/db/roles.ts';

export interface TestServer {
  /** A login that may make databases. */
  readonly admin: Target;
  /** The migrated database that the others are copied from; their names begin with its name. */
  readonly template: string;
  /** Removes every database of this run, and the server if it was started for it. */
  stop(): Promise<void>;
}

/** How test/run.ts tells the files where the run's server is: JSON of `admin` and `template`. */
export const testServerVariable = 'HOMEROOM_TEST_SERVER';

/** @param options.databaseUrl a server to use instead of an embedded one; its login needs CREATEDB and CREATEROLE. */
export async function startTestServer(options: { databaseUrl?: string | undefined }): Promise<TestServer> {
  const { target: admin, stop } =
    options.databaseUrl === undefined
      ? await startTemporary()
      : { target: options.databaseUrl, stop: async () => undefined };
  const template = `homeroom_test_${randomBytes(4).toString('hex')}`;
  const server: TestServer = {
    admin,
    template,
    async stop() {
      await asLogin(admin, (sql) => dropAll(sql, template));
      await stop();
    },
  };
  try {
    await makeDatabase(admin, template);
    // A database somebody is connected to cannot be copied.
    await asLogin(admin, (sql) => sql.unsafe(`alter database "${template}" with allow_connections false`));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A migrated, empty database, with the roles on its server. */
export async function makeDatabase(admin: Target, name: string): Promise<void> {
  await asLogin(admin, async (sql) => {
    await ensureRoles(sql);
    await sql.unsafe(`create database "${name}" owner homeroom_owner`);
  });
  await migrateTemplate(withDatabase(admin, name));
}

async function startTemporary(): Promise<{ target: Target; stop: () => Promise<void> }> {
  await clearAbandoned();
  const dir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // As root the server runs as another user, who must be able to enter.
  await chmod(dir, 0o755);
  const log = { info: () => undefined, error: () => undefined };
  const server = await startEmbedded({ dataDir: join(dir, 'postgres'), log, durable: false });
  return {
    target: server.options,
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What runs left that were killed: their servers have ended with them, their directories have not. */
async function clearAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

const prefix = 'homeroom-test-run-';

async function migrateTemplate(target: Target): Promise<void> {
  await asLogin(target, ensureRoles);
  const owner = connect({ target, role: 'owner', max: 2 });
  try {
    await migrate(owner);
  } finally {
    await owner.end();
  }
}

async function dropAll(sql: Sql, template: string): Promise<void> {
  const found = await sql<{ name: string }[]>`
    select datname as name from pg_database where starts_with(datname, ${template})`;
  for (const { name } of found) await dropDatabase(sql, name);
}

const insufficientPrivilege = '42501';
const tries = 100;

/** Ends whoever is connected, except a vacuum that is just at it, which only a superuser may end: that one is waited for. */
export async function dropDatabase(sql: Sql, name: string): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      await sql.unsafe(`drop database if exists "${name}" with (force)`);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error) || error.code !== insufficientPrivilege || left === 0)
        throw error;
      await sql`select pg_sleep(0.1)`;
    }
  }
}

/** Runs `fn` with a connection as the login itself. */
export async function asLogin<T>(target: Target, fn: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connectAsLogin(target);
  try {
    return await fn(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

export function withDatabase(target: Target, name: string): Target {
  if (typeof target !== 'string') return { ...target, database: name };
  const url = new URL(target);
  url.pathname = `/${name}`;
  return url.href;
}

/** As a DATABASE_URL: the way to hand a database to a process a test starts. */
export function addressOf(target: Target): string {
  if (typeof target === 'string') return target;
  const { user, port, database, host } = target;
  return `postgres://${user}@localhost:${String(port)}/${database}?host=${encodeURIComponent(String(host))}`;
}

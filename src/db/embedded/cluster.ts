/** The data directory (PostgreSQL calls it a cluster), and the login and database Homeroom uses in it. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Sql } from 'postgres';
import { EmbeddedDatabaseError } from '../error.ts';
import type { Account } from './account.ts';
import { isAlive } from './postmaster.ts';

/** Connection options of postgres.js for a server behind a socket. */
export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Made by initdb; used here only, to set up the login and to watch. */
export const superuser = 'postgres';
export const login = 'homeroom';
export const database = 'homeroom';

/**
 * Makes the data directory where there is none, and refuses one of another PostgreSQL.
 *
 * It is made under another name and moved into place, so that a process killed half-way leaves nothing that looks
 * like a database, and of two that start together one wins.
 */
export async function ensureCluster(account: Account, dataDir: string): Promise<void> {
  let version = await readVersion(dataDir);
  if (version === null) {
    await createCluster(account, dataDir);
    version = await readVersion(dataDir);
  }
  if (version !== account.binaries.major) {
    throw new EmbeddedDatabaseError(
      `The data in ${dataDir} was written by PostgreSQL ${version ?? '?'}; this Homeroom brings PostgreSQL ` +
        `${account.binaries.major}, which cannot read it. Start the Homeroom that wrote it to export it, or set ` +
        'HOMEROOM_DATA_DIR to a new directory and let the next sync fill it again.',
    );
  }
}

async function createCluster({ binaries, prefix, spawnAs, uid, gid }: Account, dataDir: string): Promise<void> {
  await clearAbandoned(dataDir);
  const part = `${dataDir}${partMark}${process.pid}-${randomUUID()}`;
  await mkdir(part, { mode: 0o700 });
  if (process.getuid?.() !== uid) await chown(part, uid, gid);

  const options = ['-D', part, '-U', superuser, '--auth=trust', '--encoding=UTF8', '--no-instructions'];
  // The same order of text on every system, whatever its locales. Not flushed to disk: nothing is lost yet if it is.
  const order = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-sync'];
  const [program = '', ...args] = [...prefix, binaries.initdb, ...options, ...order];
  try {
    await promisify(execFile)(program, args, { cwd: '/', ...spawnAs });
    await rename(part, dataDir);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    // Another process made it meanwhile: as good.
    if ((await readVersion(dataDir)) !== null) return;
    throw new EmbeddedDatabaseError(`The embedded database could not be made in ${dataDir}: ${reason(error)}`, {
      cause: error,
    });
  }
}

const partMark = '.new-';

async function clearAbandoned(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}${partMark}`;
  for (const name of await readdir(dirname(dataDir))) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await rm(join(dirname(dataDir), name), { recursive: true, force: true });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOTEMPTY') return 'the directory holds something else.';
  return 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : error.message;
}

async function readVersion(dataDir: string): Promise<string | null> {
  return readFile(join(dataDir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
}

/** The login Homeroom works with, which is no superuser, and its database. Every start asks; only the first one makes. */
export async function ensureDatabase(sql: Sql): Promise<void> {
  if (await hasDatabase(sql)) return;
  await sql`select pg_advisory_lock(1)`;
  try {
    if (await hasDatabase(sql)) return;
    const [found] = await sql`select from pg_roles where rolname = ${login}`;
    if (!found) await sql`create role ${sql(login)} login createdb createrole`;
    await sql`create database ${sql(database)} owner ${sql(login)}`;
  } finally {
    await sql`select pg_advisory_unlock(1)`;
  }
}

async function hasDatabase(sql: Sql): Promise<boolean> {
  const rows = await sql`select from pg_database where datname = ${database}`;
  return rows.length > 0;
}

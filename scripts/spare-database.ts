/**
 * A database that is there for one run of the tests and then gone, on the PostgreSQL of this machine.
 *
 * `create <file>` makes one, prints its address and notes in the file what is to be removed; prints nothing where no
 * server answers or nobody may sign in without a password. `drop <file>` removes it, and the roles it brought.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { env, exit } from 'node:process';
import postgres from 'postgres';

interface Note {
  admin: string;
  name: string;
  /** Roles the server had before: they stay. */
  roles: string[];
}

const address = (user: string, database: string) => `postgres://${user}@127.0.0.1:5432/${database}`;
const connect = (url: string) => postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });

const [, , task, file] = process.argv;
if ((task !== 'create' && task !== 'drop') || file === undefined) {
  process.stderr.write('Usage: spare-database.ts create|drop <file>\n');
  exit(2);
}
await (task === 'create' ? create(file) : drop(file));

async function create(note: string): Promise<void> {
  for (const user of new Set([env.PGUSER ?? 'postgres', 'postgres', userInfo().username])) {
    const admin = address(user, 'postgres');
    const sql = connect(admin);
    try {
      const name = `homeroom_ci_${randomBytes(4).toString('hex')}`;
      const roles = await rolesOf(sql);
      await writeFile(note, JSON.stringify({ admin, name, roles } satisfies Note));
      await sql.unsafe(`create database "${name}"`);
      process.stdout.write(`${address(user, name)}\n`);
      return;
    } catch (error) {
      // No server, or not for this login: the next one may be luckier.
      process.stderr.write(`as ${user}: ${error instanceof Error ? error.message : String(error)}\n`);
      await rm(note, { force: true });
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

async function drop(note: string): Promise<void> {
  const text = await readFile(note, 'utf8').catch(() => null);
  if (text === null) return;
  const { admin, name, roles } = JSON.parse(text) as Note;
  const sql = connect(admin);
  try {
    await sql.unsafe(`drop database if exists "${name}" with (force)`);
    for (const role of await rolesOf(sql)) {
      // Another database of this server may have begun to use it meanwhile: then it stays.
      if (!roles.includes(role)) await sql.unsafe(`drop role "${role}"`).catch(keepIfNeeded);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function keepIfNeeded(error: unknown): void {
  const dependentObjectsStillExist = '2BP01';
  if (!(error instanceof postgres.PostgresError) || error.code !== dependentObjectsStillExist) throw error;
}

async function rolesOf(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`select rolname as name from pg_roles where rolname like 'homeroom\\_%'`;

  return rows.map((row) => row.name);
}

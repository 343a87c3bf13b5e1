/** Brings a database to the newest version of the tables: roles first, then the migrations not yet applied. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import { z } from 'zod';
import { orm, type Sql } from './client.ts';
import { installJobs } from './jobs.ts';

/** The product's own migrations, made by drizzle-kit and read by a person. */
const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

export interface MigrateOptions {
  readonly folder?: string;
}

/**
 * Applies what is missing, in one transaction. Processes that start together take turns: without the lock all but
 * one of them would fail on objects the first is just making.
 *
 * @param owner a pool of the *owner* role with at least two connections: one holds the lock, one does the work.
 *   `ensureRoles` comes before.
 */
export async function migrate(owner: Sql, options: MigrateOptions = {}): Promise<void> {
  const folder = options.folder ?? migrationsFolder;
  const lock = await owner.reserve();
  try {
    await lock`select pg_advisory_lock(hashtextextended('homeroom.migrate', 0))`;
    try {
      await applyMigrations(orm(owner), { migrationsFolder: folder, migrationsSchema: schema });
      if (options.folder === undefined) await installJobs(owner);
      await lock.unsafe(`grant usage on schema ${schema} to public; grant select on ${schema}.${table} to public`);
    } finally {
      await lock`select pg_advisory_unlock(hashtextextended('homeroom.migrate', 0))`;
    }
  } finally {
    lock.release();
  }
}

/** How many of the migrations in the folder this database does not have yet. 0 means it is ready to serve. */
export async function migrationsPending(sql: Sql, options: MigrateOptions = {}): Promise<number> {
  const newest = await newestApplied(sql);
  const entries = await readJournal(options.folder ?? migrationsFolder);
  // drizzle's migrator decides the same way: by the time stamp of the newest one applied.
  return entries.filter((entry) => entry.when > newest).length;
}

const schema = 'drizzle';
const table = '__drizzle_migrations';

async function newestApplied(sql: Sql): Promise<number> {
  const [exists] = await sql<{ found: boolean }[]>`select to_regclass(${`${schema}.${table}`}) is not null as found`;
  if (!exists?.found) return 0;
  const [row] = await sql<{ newest: number | null }[]>`
    select max(created_at) as newest from ${sql(`${schema}.${table}`)}`;
  return row?.newest ?? 0;
}

const journal = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) });

async function readJournal(folder: string): Promise<z.infer<typeof journal>['entries']> {
  return journal.parse(JSON.parse(await readFile(`${folder}/meta/_journal.json`, 'utf8'))).entries;
}

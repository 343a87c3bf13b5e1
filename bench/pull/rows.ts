/** What a run leaves behind, carried from one database to another as the text of COPY. */
import { once } from 'node:events';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { connect, type Sql, type Target } from '../../src/db/client.ts';

/** What was there before the run, or is the run itself; each table after those it refers to. */
const before = ['tenant', 'school', 'data_key', 'integration', 'sync_run'] as const;
/** What the run leaves behind. */
const left = [
  'org',
  'term',
  'course',
  'person',
  'guardian_link',
  'class',
  'enrollment',
  'link',
  'sync_log',
  'activity',
  'checkpoint',
] as const;
/** How many calls of the quota are left, and how pages looked: not a result. */
const forgotten = ['token_bucket', 'known_page'];

export interface CopyFile {
  readonly table: string;
  /** Quoted and separated by commas. */
  readonly columns: string;
  readonly path: string;
  readonly rows: number;
}

export interface Leavings {
  readonly before: readonly CopyFile[];
  readonly left: readonly CopyFile[];
}

/**
 * Reads the tables of a finished database into files, as the owner whom no policy binds; see `unforce`.
 *
 * @throws when a run leaves rows anywhere else by now.
 */
export async function takeOut(target: Target, dir: string): Promise<Leavings> {
  const owner = connect({ target, role: 'owner', max: 1 });
  try {
    await unforce(owner);
    await nothingElse(owner);
    const take = async (tables: readonly string[]) => {
      const files: CopyFile[] = [];
      for (const table of tables) files.push(await takeTable(owner, table, dir));
      return files;
    };
    return { before: await take(before), left: await take(left) };
  } finally {
    await owner.end();
  }
}

/** One table into a file of the directory. */
export async function takeTable(owner: Sql, table: string, dir: string): Promise<CopyFile> {
  // What the database fills in by itself it fills in again: the cursor of the activity.
  const [found] = await owner<{ columns: string }[]>`
    select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns
      from information_schema.columns
     where table_schema = 'public' and table_name = ${table} and identity_generation is null and column_name <> 'xid'`;
  const columns = found?.columns ?? '';
  const [counted] = await owner<{ rows: number }[]>`select count(*)::int as rows from ${owner(table)}`;
  const path = join(dir, `${table}.copy`);
  const file = openSync(path, 'w');
  try {
    const stream = await owner.unsafe(`copy ${table} (${columns}) to stdout`).readable();
    // Never slower than it comes: the driver stops reading for a slow reader and does not go on behind its last chunk.
    stream.on('data', (chunk: Buffer) => writeSync(file, chunk));
    await once(stream, 'end');
  } finally {
    closeSync(file);
  }

  return { table, columns, path, rows: counted?.rows ?? 0 };
}

async function nothingElse(owner: Sql): Promise<void> {
  const tables = await owner<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`;
  const known: readonly string[] = [...before, ...left, ...forgotten];
  for (const { name } of tables.filter((table) => !known.includes(table.name))) {
    const rows = await owner`select 1 from ${owner(name)} limit 1`;
    if (rows.length > 0) throw new Error(`A run leaves rows in "${name}", which the limit does not copy.`);
  }
}

/**
 * COPY refuses a table whose row-level security binds the role. So the copying side is the tables' owner, which is bound
 * only where that is forced: it checks no policy at all, for no row. Indexes and foreign keys are as they are.
 */
export async function unforce(owner: Sql): Promise<void> {
  const tables = await owner<{ name: string }[]>`
    select relname as name from pg_class where relforcerowsecurity and relnamespace = 'public'::regnamespace`;
  for (const { name } of tables) await owner`alter table ${owner(name)} no force row level security`;
}

/** Copies one file in, in a transaction of its own. */
export async function putIn(owner: Sql, { table, columns, path }: CopyFile): Promise<void> {
  const sink = await owner.unsafe(`copy ${table} (${columns}) from stdin`).writable();
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), sink);
}

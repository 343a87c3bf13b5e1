/** Pages of a live run on their way in: COPY into staging, and how far each stream has been read. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TransactionSql } from '../../client.ts';

export interface StagedRecord {
  key: string;
  recordId: string;
  /** Hex of the content hash. */
  hash: string;
  gone: boolean;
  /** Canonical values as JSON text. */
  values: string;
  /** Keys of referenced records as JSON text. */
  refs: string;
}

export interface Progress {
  stream: string;
  snapshot: boolean;
  pages: number;
  staged: number;
  /** Records on pages that came back as they were: there, and not staged. */
  known: number;
  next: string | null;
  mark: string | null;
  done: boolean;
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escape = (text: string) => text.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);

/** Copies records of a page. They count once the page's progress is committed; see `dropUnfinishedPages`. */
export async function copyPage(
  tx: TransactionSql,
  runId: string,
  stream: string,
  page: number,
  records: readonly StagedRecord[],
): Promise<void> {
  if (records.length === 0) return;

  const head = `${runId}\t${stream}\t`;
  const sink = await tx`
    copy staging (run_id, stream, key, page, record_id, hash, gone, "values", refs) from stdin`.writable();
  await pipeline(Readable.from(lines()), sink);

  function* lines(): Generator<string> {
    let chunk = '';
    for (const record of records) {
      chunk += `${head}${escape(record.key)}\t${page}\t${record.recordId}\t\\\\x${record.hash}\t${record.gone ? 't' : 'f'}\t${escape(record.values)}\t${escape(record.refs)}\n`;
      if (chunk.length > 65_536) {
        yield chunk;
        chunk = '';
      }
    }
    yield chunk;
  }
}

export async function readProgress(tx: TransactionSql, runId: string): Promise<Progress[]> {
  return tx<Progress[]>`
    select stream, snapshot, pages, staged, known, next, mark, done from pull_progress where run_id = ${runId}`;
}

export async function writeProgress(
  tx: TransactionSql,
  run: { tenantId: string; schoolId: string; id: string },
  progress: Progress,
): Promise<void> {
  await tx`
    insert into pull_progress (tenant_id, school_id, run_id, stream, snapshot, pages, staged, known, next, mark, done)
    values (${run.tenantId}, ${run.schoolId}, ${run.id}, ${progress.stream}, ${progress.snapshot}, ${progress.pages},
            ${progress.staged}, ${progress.known}, ${progress.next}, ${progress.mark}, ${progress.done})
    on conflict (tenant_id, run_id, stream) do update
      set snapshot = excluded.snapshot, pages = excluded.pages, staged = excluded.staged,
          known = excluded.known, next = excluded.next,
          mark = excluded.mark, done = excluded.done`;
}

/** The page of the row that lies in staging before all others: gone, everything is, for a crashed database empties unlogged tables. */
const witness = -2;

/** Lays down what proves, for as long as it is there, that nothing of this run's staging was lost. */
export async function layWitness(tx: TransactionSql, runId: string): Promise<void> {
  await tx`
    insert into staging (run_id, stream, key, page, record_id, hash, gone, "values", refs)
    values (${runId}, '', '', ${witness}, ${runId}, '', true, '{}', '{}')`;
}

/** Whether what this run has read is not whole any more; a run that has read nothing has nothing to lose. */
export async function hasLostStaged(tx: TransactionSql, runId: string): Promise<boolean> {
  const [row] = await tx<{ lost: boolean }[]>`
    select exists (select from pull_progress where run_id = ${runId})
      and not exists (select from staging where run_id = ${runId} and stream = '' and key = '' and page = ${witness}) as lost`;

  return row?.lost ?? false;
}

/** Drops what a worker that died left of pages whose progress it did not come to write. */
export async function dropUnfinishedPages(tx: TransactionSql, runId: string): Promise<void> {
  await tx`
    delete from staging where ctid = any (array(
      select s.ctid from staging s left join pull_progress p on p.run_id = s.run_id and p.stream = s.stream
      where s.run_id = ${runId} and s.page >= coalesce(p.pages, 0)))`;
}

/** Records that waited are tried again as if they had come with this run, unless they did. They are page -1. */
export async function restageWaiting(
  tx: TransactionSql,
  run: { tenantId: string; integrationId: string; id: string },
  stream: string,
): Promise<void> {
  await tx`
    insert into staging (run_id, stream, key, page, record_id, hash, gone, "values", refs)
    select ${run.id}, l.stream, l.key, -1, gen_random_uuid(), l.hash, false, l.external, l.refs
    from link l
    where l.tenant_id = ${run.tenantId} and l.integration_id = ${run.integrationId} and l.stream = ${stream}
      and l.blocker is not null and l.external is not null and l.refs is not null and l.key is not null
      and not exists (select from staging s where s.run_id = ${run.id} and s.stream = l.stream and s.key = l.key)`;
}

/** What a `some` pull asks for; only of these records does absence mean anything. */
export async function writeSought(
  tx: TransactionSql,
  runId: string,
  stream: string,
  recordIds: readonly string[],
): Promise<void> {
  if (recordIds.length === 0) return;
  await tx`
    insert into sought (run_id, stream, record_id)
    select ${runId}, ${stream}, id from unnest(${recordIds as string[]}::uuid[]) as t(id)`;
}

/** Drops so many staged records of a run, for a million at once would hold live events back; answers how many there were. */
export async function dropSomeStaged(tx: TransactionSql, runId: string, most: number): Promise<number> {
  // First of all: of what is half dropped nobody may believe that it is whole.
  await tx`delete from staging where run_id = ${runId} and stream = '' and key = '' and page = ${witness}`;
  const dropped = await tx`
    delete from staging where ctid = any (array(select ctid from staging where run_id = ${runId} limit ${most}))`;

  return dropped.count;
}

export async function dropStaged(tx: TransactionSql, runId: string): Promise<void> {
  await tx`delete from staging where run_id = ${runId}`;
  await tx`delete from sought where run_id = ${runId}`;
  await tx`delete from pull_progress where run_id = ${runId}`;
}

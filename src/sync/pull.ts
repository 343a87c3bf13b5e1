/** Reading: pages of a provider's records into staging, each committed with its checkpoint, so that a crash costs a page. */
import type { Pages, Sought } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { readCheckpoint } from '../db/queries/engine/checkpoint.ts';
import { forgetPages } from '../db/queries/engine/known-page.ts';
import { linkedKeys } from '../db/queries/engine/link.ts';
import { hasOldStatistics } from '../db/queries/engine/session.ts';
import {
  dropUnfinishedPages,
  hasLostStaged,
  type Progress,
  readProgress,
  restageWaiting,
  writeProgress,
  writeSought,
} from '../db/queries/engine/staging.ts';
import { closeDoor, openTelling } from './door-log.ts';
import { commit, commitStep, flowNamed, look, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { type Memory, memoryOf, wholeEveryMs } from './known-pages.ts';
import { noteKnown, type Reading, readPage } from './pull-page.ts';
import { startOver } from './staged.ts';
import { refreshAllStatistics } from './statistics.ts';

/** What a scoped run looks for in one stream, by stream name; a run of the whole integration has none. */
export type Searches = ReadonlyMap<string, readonly Sought[]>;

/**
 * Stages every stream the run reads and leaves one progress row each. Resumes after the last committed page; starts
 * over when a crash of the database emptied staging. Throws what the connector throws.
 */
export async function pull(work: Work, searches: Searches | null): Promise<readonly Progress[]> {
  const before = await progressSoFar(work);
  for (const flow of work.flows) {
    if (flow.stream.pull.within) continue;
    const known = before.get(flow.name);
    if (!known?.done) await pullStream(work, flow, before, searches);
  }
  if ((await pulledMuch(work)) || (await look(work, hasOldStatistics))) await refreshAllStatistics(work);
  for (const flow of work.flows) {
    if (flow.stream.born !== 'here') await commitStep(work, (tx) => restageWaiting(tx, work.run, flow.name));
  }

  return look(work, (tx) => readProgress(tx, work.run.id));
}

/** So many staged records that a plan made without knowing of them would be a bad one. */
const much = 5000;

async function pulledMuch(work: Work): Promise<boolean> {
  const rows = await look(work, (tx) => readProgress(tx, work.run.id));

  // Of a list of changes the tables know enough: they were looked at when they were filled.
  return rows.some((row) => row.snapshot && row.staged >= much);
}

async function progressSoFar(work: Work): Promise<Map<string, Progress>> {
  return commit(work, async (tx) => {
    const rows = await readProgress(tx, work.run.id);
    if (rows.length > 0 && !(await hasLostStaged(tx, work.run.id))) {
      await dropUnfinishedPages(tx, work.run.id);
      return new Map(rows.map((row) => [row.stream, row]));
    }
    await startOver(tx, work);

    return new Map();
  });
}

interface Way {
  pages: Pages;
  snapshot: boolean;
}

async function pullStream(
  work: Work,
  flow: Flow,
  before: ReadonlyMap<string, Progress>,
  searches: Searches | null,
): Promise<void> {
  const resumed = before.get(flow.name);
  const riders = work.flows.filter((other) => other.stream.pull.within?.stream === flow.name);
  const remembers = work.run.whole && work.writes && flow.stream.born === 'there';
  const memory = remembers ? memoryOf(work, [flow, ...riders]) : null;
  const way = await wayOf(work, flow, resumed?.next ?? null, searches, memory);
  const progress = [flow, ...riders].map((each) => freshProgress(each.name, way.snapshot));
  for (const row of progress) Object.assign(row, before.get(row.stream));
  // From here on, what others write is newer than what this run reads.
  if (!resumed) await commitStep(work, (tx) => writeAll(tx, work, progress));
  const telling = await openTelling(work, [flow, ...riders], resumed !== undefined);
  const names = progress.map((row) => row.stream);
  const reading: Reading = { flow, riders, progress, telling, memory };
  let sighted = false;
  const known = noteKnown(work, reading);
  try {
    for await (const page of way.pages) {
      work.signal.throwIfAborted();
      sighted = page.sight !== undefined;
      if (page.recalled) await known.see(page);
      else {
        await known.noted();
        await readPage(work, reading, page);
      }
    }
  } finally {
    await known.noted();
  }
  await commitStep(work, async (tx) => {
    for (const row of progress) {
      const snapshot = await closeDoor(tx, work, flowNamed(work, row.stream), row);
      await writeProgress(tx, work.run, { ...row, snapshot, next: null, done: true });
    }
    if (memory && way.snapshot && !sighted) await forgetPages(tx, work.run, names);
  });
}

async function writeAll(tx: TransactionSql, { run }: Work, progress: readonly Progress[]): Promise<void> {
  for (const row of progress) await writeProgress(tx, run, row);
}

function freshProgress(stream: string, snapshot: boolean): Progress {
  return { stream, snapshot, pages: 0, staged: 0, known: 0, next: null, mark: null, done: false };
}

async function wayOf(
  work: Work,
  flow: Flow,
  checkpoint: string | null,
  searches: Searches | null,
  memory: Memory | null,
): Promise<Way> {
  const { pull } = flow.stream;
  const from = {
    client: work.client,
    settings: work.settings,
    signal: work.signal,
    clock: work.engine.clock,
    checkpoint,
    keys: (stream: string) => keysOf(work, stream),
  };
  const asked = searches?.get(flow.name) ?? [];
  if (searches && (pull.some || work.run.retries)) {
    await commitStep(work, (tx) =>
      writeSought(
        tx,
        work.run.id,
        flow.name,
        asked.map((sought) => sought.recordId),
      ),
    );
  }
  if (searches && pull.some) {
    return { pages: asked.length > 0 ? pull.some({ ...from, checkpoint: null }, asked) : none(), snapshot: true };
  }
  if (pull.since && work.run.mode === 'DELTA') {
    const last = await look(work, (tx) => readCheckpoint(tx, work.run, flow.name));
    const fresh = last?.readWholeAt && work.engine.clock.now().getTime() - last.readWholeAt.getTime() < wholeEveryMs;
    if (last?.cursor && fresh) return { pages: pull.since(from, last.cursor), snapshot: false };
  }
  if (!pull.all) throw new Error(`${work.connector.id}: stream ${flow.name} offers no way to read all of it.`);

  return { pages: pull.all({ ...from, ...(memory && { recall: memory.recall }) }), snapshot: true };
}

async function* none(): Pages {}

/** Keys of another stream's mirrored records, a page at a time. */
async function* keysOf(work: Work, stream: string): AsyncIterable<string> {
  const place = { tenantId: work.run.tenantId, integrationId: work.run.integrationId, stream };
  let after: string | null = null;
  for (;;) {
    const keys: string[] = await look(work, (tx) => linkedKeys(tx, place, after, 500));
    yield* keys;
    if (keys.length < 500) return;
    after = keys.at(-1) ?? null;
  }
}

/** One page of a pull: through the door into staging, or only noted because it came back as it was. */
import { hash as digest } from 'node:crypto';
import type { Page } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import { copyPage, type Progress, type StagedRecord, writeProgress } from '../db/queries/engine/staging.ts';
import { newId } from '../model/ids.ts';
import { atTheDoor, nameOf, type Passed, type Refused } from './door.ts';
import { type DoorReport, type Telling, tellDoor } from './door-log.ts';
import { commit, commitStep, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import type { Memory } from './known-pages.ts';
import { withMarks } from './marks.ts';
import { mustBeWhole } from './staged.ts';

/** A stream that is being read, with those that travel inside it. */
export interface Reading {
  flow: Flow;
  riders: readonly Flow[];
  /** Of the stream, then of each rider. */
  progress: readonly Progress[];
  telling: Telling;
  /** Null where every page is wanted whole. */
  memory: Memory | null;
}

/** Records read and staged in one commit: some 20 ms of the database's time, and few enough to hold in memory as they are. */
const slice = 1000;

/**
 * Reads a page's records into staging, a slice at a time; the last slice is committed together with what the page comes to,
 * and with the page itself, so that it is known when it comes back as it is.
 */
export async function readPage(work: Work, reading: Reading, page: Page): Promise<void> {
  const { progress, telling, memory } = reading;
  const { records, ...rest } = page;
  const report: DoorReport = { refused: [], dropped: [], found: [] };
  if (page.doubt) report.found.push({ flow: reading.flow, key: null, name: null, finding: page.doubt });
  const keys = new Map(progress.map((row): [string, string[]] => [row.stream, []]));
  const read = (from: number) => readSlice(work, reading, records.slice(from, from + slice), report, keys);

  // The next slice is read while the database takes this one; no more than two are held.
  let under: Promise<unknown> = Promise.resolve();
  let from = 0;
  for (; from + slice < records.length; from += slice) {
    const staged = read(from);
    await under;
    work.signal.throwIfAborted();
    under = commitStep(work, (tx) => stage(tx, work, progress, staged));
    // Awaited before the next commit; until then its failure is nobody's.
    under.catch(() => undefined);
  }
  const staged = read(from);
  await under;
  await commit(work, async (tx) => {
    await stage(tx, work, progress, staged);
    for (const row of progress) {
      row.pages += 1;
      row.next = rest.next;
      row.mark = rest.mark ?? row.mark;
      if (rest.doubt || report.refused.some(({ flow: of, refused }) => hidesSomething(of, refused, reading.flow, row)))
        row.snapshot = false;
      await writeProgress(tx, work.run, row);
    }
    await tellDoor(tx, work, telling, report);
    // A page with something that cannot be read is read each time, so that it is told each time.
    const clean = report.refused.length + report.dropped.length + report.found.length === 0;
    if (memory && rest.sight && clean) await memory.keep(tx, rest.sight, keys);
    await advance(tx, work, rest, records.length);
  });
}

type Staged = ReadonlyMap<string, readonly StagedRecord[]>;

/** Brings records through the door. What is wrong with them is added to `report`, and the keys that are there to `keys`. */
function readSlice(
  work: Work,
  { flow, riders }: Reading,
  records: readonly unknown[],
  report: DoorReport,
  keys: ReadonlyMap<string, string[]>,
): Staged {
  const staged = new Map<string, StagedRecord[]>([flow, ...riders].map((each) => [each.name, []]));
  const take = (each: Flow, raw: unknown): unknown => {
    const read = atTheDoor(each, raw, work.settings);
    if ('why' in read) {
      report.refused.push({ flow: each, refused: read });
      return undefined;
    }
    const { key } = read.external;
    const name = nameOf(each, read.external.values);
    for (const bad of read.dropped) report.dropped.push({ flow: each, key, name, bad });
    for (const finding of read.findings) report.found.push({ flow: each, key, name, finding });
    staged.get(each.name)?.push(stagedRecord(each, read));
    // One that is told to be gone is not there: its page, known again, must not keep it.
    if (!read.gone) keys.get(each.name)?.push(key);

    return read.wire;
  };
  for (const raw of records) {
    const wire = take(flow, raw);
    if (wire === undefined) continue;
    for (const rider of riders) for (const inner of rider.stream.pull.within?.records(wire) ?? []) take(rider, inner);
  }

  return staged;
}

async function stage(tx: TransactionSql, work: Work, progress: readonly Progress[], staged: Staged): Promise<void> {
  for (const row of progress) {
    const records = staged.get(row.stream) ?? [];
    await copyPage(tx, work.run.id, row.stream, row.pages, records);
    row.staged += records.length;
  }
}

/** Pages that came back as they were; nothing of them is staged. */
export interface Known {
  /** Takes one, and waits only while too many have not been noted yet. */
  see(page: Page): Promise<void>;
  /** Resolves when all are noted. */
  noted(): Promise<void>;
}

/** Pages that may wait for those before them to be noted; what a worker that dies reads again. */
const mostUnnoted = 32;

/** Notes pages while the next ones are fetched: all that came during one commit go into the next. */
export function noteKnown(work: Work, reading: Reading): Known {
  const waiting: Page[] = [];
  let under: Promise<void> = Promise.resolve();
  let busy = false;

  const note = async () => {
    busy = true;
    try {
      while (waiting.length > 0) await seePages(work, reading, waiting.splice(0));
    } finally {
      busy = false;
    }
  };

  return {
    async see(page) {
      waiting.push(page);
      if (busy && waiting.length < mostUnnoted) return;
      await under;
      under = note();
      // Awaited before the next commit; until then its failure is nobody's.
      under.catch(() => undefined);
    },
    noted: () => under,
  };
}

async function seePages(work: Work, { progress, memory }: Reading, pages: readonly Page[]): Promise<void> {
  const sights = pages.flatMap(({ sight }) => sight ?? []);
  const last = pages.at(-1);
  if (!last || !memory || sights.length < pages.length) throw new Error('A page was recalled that nobody remembers.');

  await commit(work, async (tx) => {
    const records = await memory.see(tx, sights);
    for (const row of progress) {
      row.pages += pages.length;
      row.known += records.get(row.stream) ?? 0;
      row.next = last.next;
      row.mark = pages.reduce((mark, page) => page.mark ?? mark, row.mark);
      await writeProgress(tx, work.run, row);
    }
    await advance(tx, work, last, records.get(progress[0]?.stream ?? '') ?? 0);
  });
}

async function advance(tx: TransactionSql, work: Work, page: Pick<Page, 'total'>, completed: number): Promise<void> {
  await mustBeWhole(tx, work);
  await moveRun(tx, work.run, { completed, ...(page.total === undefined ? {} : { total: page.total }) });
  await tell(tx, work.run, [{ kind: 'run', parentId: work.run.id, ids: [work.run.id] }]);
}

/**
 * After this refusal absence proves nothing more: whose key is unknown could be anybody, and what travels inside a
 * refused record has not been seen.
 */
function hidesSomething(of: Flow, refused: Refused, carrier: Flow, row: Progress): boolean {
  return of.name === row.stream ? refused.key === null : of === carrier;
}

/** A record as it is compared. */
function stagedRecord(flow: Flow, { wire, external, gone }: Passed): StagedRecord {
  const values = JSON.stringify(external.values);
  const refs = JSON.stringify(external.refs);
  // Keys stand in the order of the mapping, so equal content gives equal text; 16 bytes tell contents apart.
  const hash = digest('sha256', `${flow.fingerprint}${values}${refs}`, 'hex').slice(0, 32);
  const recordId = external.ours ?? newId();

  return { key: external.key, recordId, hash, gone, values: withMarks(flow, wire, values), refs };
}

/** One page of a pull: through the door into staging, or only noted because it came back as it was. */
import { hash as digest } from 'node:crypto';
import type { Page } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import { copyPage, type Progress, type StagedRecord, writeProgress } from '../db/queries/engine/staging.ts';
import { newId } from '../model/ids.ts';
import { atTheDoor, nameOf, type Passed, type Refused } from './door.ts';
import { type DoorReport, type Telling, tellDoor } from './door-log.ts';
import { commit, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import type { Memory } from './known-pages.ts';
import { withMarks } from './marks.ts';

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

/** What is left to do of a page, in one commit. */
export type Commit = () => Promise<void>;

/** Reads a page's records. The commit stages them, and keeps the page so that it is known when it comes back as it is. */
export function readPage(work: Work, reading: Reading, page: Page): Commit {
  const { flow, riders, progress, telling, memory } = reading;
  const staged = new Map<string, StagedRecord[]>([flow, ...riders].map((each) => [each.name, []]));
  const report: DoorReport = { refused: [], dropped: [], found: [] };
  if (page.doubt) report.found.push({ flow, key: null, name: null, finding: page.doubt });
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

    return read.wire;
  };
  for (const raw of page.records) {
    const wire = take(flow, raw);
    if (wire === undefined) continue;
    for (const rider of riders) for (const inner of rider.stream.pull.within?.records(wire) ?? []) take(rider, inner);
  }
  const { records: all, ...rest } = page;
  const count = all.length;

  return () =>
    commit(work, async (tx) => {
      for (const row of progress) {
        const records = staged.get(row.stream) ?? [];
        await copyPage(tx, work.run.id, row.stream, row.pages, records);
        row.pages += 1;
        row.staged += records.length;
        row.next = rest.next;
        row.mark = rest.mark ?? row.mark;
        if (rest.doubt || report.refused.some(({ flow: of, refused }) => hidesSomething(of, refused, flow, row)))
          row.snapshot = false;
        await writeProgress(tx, work.run, row);
      }
      await tellDoor(tx, work, telling, report);
      // A page with something that cannot be read is read each time, so that it is told each time.
      const clean = report.refused.length + report.dropped.length + report.found.length === 0;
      if (memory && rest.sight && clean) await memory.keep(tx, rest.sight, keysThere(staged));
      await advance(tx, work, rest, count);
    });
}

/** A page that came back as it was: nothing of it is staged. */
export function seePage(work: Work, { progress, memory }: Reading, page: Page): Commit {
  const { sight } = page;
  if (!sight || !memory) throw new Error('A page was recalled that nobody remembers.');

  return () =>
    commit(work, async (tx) => {
      const records = await memory.see(tx, sight);
      for (const row of progress) {
        row.pages += 1;
        row.known += records.get(row.stream) ?? 0;
        row.next = page.next;
        row.mark = page.mark ?? row.mark;
        await writeProgress(tx, work.run, row);
      }
      await advance(tx, work, page, records.get(progress[0]?.stream ?? '') ?? 0);
    });
}

async function advance(tx: TransactionSql, work: Work, page: Pick<Page, 'total'>, completed: number): Promise<void> {
  await moveRun(tx, work.run, { completed, ...(page.total === undefined ? {} : { total: page.total }) });
  await tell(tx, work.run, [{ kind: 'run', parentId: work.run.id, ids: [work.run.id] }]);
}

/** One that is told to be gone is not there: its page, known again, must not keep it. */
function keysThere(staged: ReadonlyMap<string, readonly StagedRecord[]>): Map<string, string[]> {
  return new Map(
    [...staged].map(([stream, records]) => [stream, records.filter((one) => !one.gone).map((one) => one.key)]),
  );
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

/** Reading: pages of a provider's records into staging, each committed with its checkpoint, so that a crash costs a page. */
import { hash as digest } from 'node:crypto';
import type { Page, Pages, Sought } from '../connectors/kit/contract.ts';
import { readCheckpoint } from '../db/queries/engine/checkpoint.ts';
import { linkedKeys } from '../db/queries/engine/link.ts';
import { moveRun, resetRun } from '../db/queries/engine/run.ts';
import { refreshStatistics } from '../db/queries/engine/session.ts';
import {
  copyPage,
  countStaged,
  dropStaged,
  type Progress,
  readProgress,
  restageWaiting,
  type StagedRecord,
  writeProgress,
  writeSought,
} from '../db/queries/engine/staging.ts';
import { newId } from '../model/ids.ts';
import { atTheDoor, nameOf, type Passed, type Refused } from './door.ts';
import { closeDoor, type DoorReport, openTelling, type Telling, tellDoor } from './door-log.ts';
import { commit, commitStep, flowNamed, look, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { withMarks } from './marks.ts';

/** A week: then even a stream that offers changes is read whole, for what was lost on the way. */
const wholeEveryMs = 7 * 24 * 60 * 60 * 1000;

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
    if (!known?.done) await pullStream(work, flow, known ?? null, searches);
  }
  if (await pulledMuch(work)) await commit(work, refreshStatistics);
  for (const flow of work.flows) {
    if (flow.stream.born !== 'here') await commitStep(work, (tx) => restageWaiting(tx, work.run, flow.name));
  }

  return look(work, (tx) => readProgress(tx, work.run.id));
}

/** So many staged records that a plan made without knowing of them would be a bad one. */
const much = 5000;

async function pulledMuch(work: Work): Promise<boolean> {
  const rows = await look(work, (tx) => readProgress(tx, work.run.id));

  return rows.some((row) => row.staged >= much);
}

async function progressSoFar(work: Work): Promise<Map<string, Progress>> {
  return commit(work, async (tx) => {
    const rows = await readProgress(tx, work.run.id);
    const staged = await countStaged(tx, work.run.id);
    const intact = rows.every((row) => row.staged === (staged.get(row.stream) ?? 0));
    if (intact) return new Map(rows.map((row) => [row.stream, row]));
    await dropStaged(tx, work.run.id);
    await resetRun(tx, work.run);

    return new Map();
  });
}

interface Way {
  pages: Pages;
  snapshot: boolean;
}

async function pullStream(work: Work, flow: Flow, known: Progress | null, searches: Searches | null): Promise<void> {
  const way = await wayOf(work, flow, known?.next ?? null, searches);
  const riders = work.flows.filter((other) => other.stream.pull.within?.stream === flow.name);
  const progress = [flow, ...riders].map((each) => freshProgress(each.name, way.snapshot));
  if (known) Object.assign(progress[0] ?? {}, known);
  const telling = await openTelling(work, [flow, ...riders], known !== null);
  for await (const page of way.pages) {
    work.signal.throwIfAborted();
    await stagePage(work, flow, riders, progress, page, telling);
  }
  await commitStep(work, async (tx) => {
    for (const row of progress) {
      const snapshot = await closeDoor(tx, work, flowNamed(work, row.stream), row);
      await writeProgress(tx, work.run, { ...row, snapshot, next: null, done: true });
    }
  });
}

function freshProgress(stream: string, snapshot: boolean): Progress {
  return { stream, snapshot, pages: 0, staged: 0, next: null, mark: null, done: false };
}

async function wayOf(work: Work, flow: Flow, checkpoint: string | null, searches: Searches | null): Promise<Way> {
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

  return { pages: pull.all(from), snapshot: true };
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

async function stagePage(
  work: Work,
  flow: Flow,
  riders: readonly Flow[],
  progress: readonly Progress[],
  page: Page,
  telling: Telling,
): Promise<void> {
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
  await commit(work, async (tx) => {
    for (const row of progress) {
      const records = staged.get(row.stream) ?? [];
      await copyPage(tx, work.run.id, row.stream, row.pages, records);
      row.pages += 1;
      row.staged += records.length;
      row.next = page.next;
      row.mark = page.mark ?? row.mark;
      if (page.doubt || report.refused.some(({ flow: of, refused }) => hidesSomething(of, refused, flow, row)))
        row.snapshot = false;
      await writeProgress(tx, work.run, row);
    }
    await tellDoor(tx, work, telling, report);
    await moveRun(tx, work.run, {
      completed: page.records.length,
      ...(page.total === undefined ? {} : { total: page.total }),
    });
    await tell(tx, work.run, [{ kind: 'run', parentId: work.run.id, ids: [work.run.id] }]);
  });
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

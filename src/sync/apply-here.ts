/** Operations on our own records: whole batches, each in one short commit together with its log entries. */

import type { TransactionSql } from '../db/client.ts';
import { linkKnown, withoutUpdate } from '../db/queries/engine/adopt.ts';
import { dropWrittenOverrides, writeOverride } from '../db/queries/engine/edit.ts';
import {
  archiveHere,
  createHere,
  type HereScope,
  type Keys,
  mendOwnRefs,
  namesOf,
  updateHere,
} from '../db/queries/engine/here.ts';
import { agreeWithStaged, changeLinks } from '../db/queries/engine/link.ts';
import { type LogEntry, pendingEntries, type Settlement, settleEntries } from '../db/queries/engine/log.ts';
import { countRemovals } from '../db/queries/engine/removal.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import { refreshStatistics } from '../db/queries/engine/session.ts';
import { namesItself } from '../db/queries/engine/shape.ts';
import { stillMissing } from '../db/queries/engine/source.ts';
import type { OperationKind, RunCounts } from '../model/sync.ts';
import { noteChanges } from './changes.ts';
import { commit, commitStep, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { ownersOf } from './owners.ts';
import { takeBackChanges, takeBackMade, type Undoing } from './undo-here.ts';

/** Milliseconds a batch should take: an open transaction that has written delays live events for everybody. */
const batchMs = 250;

const largest = 1000;

/** Stretches of a plan that are carried out at once: the database works on one while the other is told or committed. */
const sideBySide = 2;

/** After so many new records, and whenever they are eight times as many, the planner is told what has become of the tables. */
const statisticsFrom = 5000;

export async function applyHere(work: Work, flow: Flow, kind: OperationKind): Promise<void> {
  if (kind === 'skip') return;
  const grown = watchGrowth(work);
  let size = 200;
  for (;;) {
    work.signal.throwIfAborted();
    const began = performance.now();
    const done = await commit(work, (tx) => applyBatch(tx, work, flow, kind, size));
    if (done.entries === 0) break;
    size = nextSize(size, performance.now() - began);
    await grown(done.records);
    if (kind === 'create' && done.ranged) await applyRanges(work, flow, grown);
  }
  if (kind === 'create') await commitStep(work, (tx) => mendOwnRefs(tx, scopeOf(work, flow)));
}

/** Creates the stretches of a plan, several side by side: no two have a record in common. */
async function applyRanges(work: Work, flow: Flow, grown: (records: number) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const lane = async () => {
    try {
      while (!stop.signal.aborted) {
        work.signal.throwIfAborted();
        const done = await commit(work, (tx) => applyBatch(tx, work, flow, 'create', 1, true));
        if (done.entries === 0 || !done.ranged) return;
        await grown(done.records);
      }
    } catch (error) {
      // What the others have begun they finish, and nothing more.
      stop.abort();
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: sideBySide }, lane));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

/** Has the planner told what has become of the tables, each time they have grown a lot. */
function watchGrowth(work: Work): (records: number) => Promise<void> {
  let records = 0;
  let looked = 0;

  return async (more) => {
    records += more;
    if (records < Math.max(statisticsFrom, looked * 8)) return;
    looked = records;
    await commit(work, refreshStatistics);
  };
}

function nextSize(size: number, took: number): number {
  if (took > batchMs) return Math.max(20, Math.floor(size / 2));
  return took < batchMs / 3 ? Math.min(largest, size * 2) : size;
}

/** Answers how many entries were settled, for how many records; none when the stream has none left of this kind. */
async function applyBatch(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  kind: OperationKind,
  size: number,
  lock = false,
): Promise<{ entries: number; records: number; ranged: boolean }> {
  const entries = await pendingEntries(tx, work.run, { stream: flow.name, kind, side: 'here' }, size, lock);
  const first = entries[0];
  if (!first) return { entries: 0, records: 0, ranged: false };

  // A range is a batch by itself; entries told singly go together up to the next range.
  const ranged = entries.findIndex((entry) => entry.lastKey !== null);
  const batch = ranged === 0 ? [first] : entries.slice(0, ranged === -1 ? undefined : ranged);
  const outcome = await carryOut(tx, work, flow, kind, batch);
  const now = work.engine.clock.now();
  if (kind === 'remove') await countRemovals(tx, work.run, flow.name, succeeded(outcome.settlements), now);
  await settleEntries(tx, work.run, now, outcome.settlements);
  await noteChanges(tx, work.engine, { ...work.run, entity: flow.stream.entity, recordIds: outcome.changed });
  await moveRun(tx, work.run, { counts: outcome.counts, completed: batch.reduce((sum, entry) => sum + entry.size, 0) });
  await tell(tx, work.run, [
    { kind: 'record', entity: flow.stream.entity, ids: outcome.changed },
    { kind: 'log', parentId: work.run.id, ids: batch.map((entry) => entry.id) },
    { kind: 'run', parentId: work.run.id, ids: [work.run.id] },
  ]);

  return { entries: batch.length, records: total(batch), ranged: ranged === 0 };
}

function succeeded(settlements: readonly Settlement[]): string[] {
  return settlements.flatMap(({ id, status }) => (status === 'SUCCESS' ? [id] : []));
}

interface Outcome {
  settlements: Settlement[];
  /** Ids of our records that were written. */
  changed: string[];
  counts: Partial<RunCounts>;
}

function carryOut(tx: TransactionSql, work: Work, flow: Flow, kind: OperationKind, batch: readonly LogEntry[]) {
  const { undoes } = work.run;
  if (undoes !== null) {
    const undoing = { scope: { ...scopeOf(work, flow), sourceProviders: sourcesOf(work) }, flow, undoes };
    return kind === 'remove' ? undoMade(tx, undoing, batch) : undoChanged(tx, undoing, batch);
  }
  switch (kind) {
    case 'create':
      return create(tx, work, flow, batch);
    case 'update':
      return flow.stream.born !== 'there' ? accept(tx, work, flow, batch) : update(tx, work, flow, batch);
    case 'remove':
      return remove(tx, work, flow, batch);
    case 'link':
      return link(tx, work, flow, batch);
    case 'skip':
      throw new Error('A skip writes nothing.');
  }
}

async function undoMade(tx: TransactionSql, undoing: Undoing, batch: readonly LogEntry[]): Promise<Outcome> {
  const { done, changed, records } = await takeBackMade(tx, undoing, batch);
  const moved = { why: 'It is gone since the plan was made.' };

  return {
    settlements: batch.map((entry) =>
      done.has(entry.id) ? settled(entry, 'SUCCESS', {}) : settled(entry, 'SKIPPED', moved),
    ),
    changed,
    counts: { deleted: records, skipped: total(batch) - records },
  };
}

async function undoChanged(tx: TransactionSql, undoing: Undoing, batch: readonly LogEntry[]): Promise<Outcome> {
  return updated(batch, await takeBackChanges(tx, undoing, batch));
}

/** Connectors that bring records into being here. */
function sourcesOf({ engine }: Work): string[] {
  return engine.connectors
    .filter((connector) => Object.values(connector.streams).some((stream) => stream.born !== 'here'))
    .map((connector) => connector.id);
}

function scopeOf(work: Work, flow: Flow): HereScope {
  const { run } = work;

  return {
    tenantId: run.tenantId,
    integrationId: run.integrationId,
    runId: run.id,
    schoolId: run.schoolId,
    stream: flow.name,
    shape: flow.shape,
    refStreams: flow.refStreams,
    keepsSourcedId: flow.stream.born === 'there' && flow.stream.pull.within === undefined,
  };
}

function keysOf(batch: readonly LogEntry[]): Keys {
  const [first] = batch;
  if (first?.lastKey && first.key) return { first: first.key, last: first.lastKey };

  return { keys: batch.flatMap((entry) => entry.key ?? []) };
}

async function create(tx: TransactionSql, work: Work, flow: Flow, batch: readonly LogEntry[]): Promise<Outcome> {
  const { made, waiting } = await createHere(tx, scopeOf(work, flow), keysOf(batch));
  const ids = new Map(made.map(({ key, recordId }) => [key, recordId]));
  const nameless = batch[0]?.lastKey === null && !namesItself(flow.shape) ? [...ids.values()] : [];
  const names = await namesOf(tx, scopeOf(work, flow), nameless);
  const waits = new Set(waiting);
  const settle = (entry: LogEntry): Settlement => {
    if (entry.lastKey) return settled(entry, 'SUCCESS', { made: made.length, waiting: waiting.length });
    const recordId = ids.get(entry.key ?? '');
    if (recordId) return { ...settled(entry, 'SUCCESS', {}), recordId, name: names.get(recordId) ?? null };
    const why = waits.has(entry.key ?? '')
      ? 'It refers to something that has not come yet; it is tried in each run.'
      : 'It was there already.';
    return settled(entry, 'SKIPPED', { why });
  };

  return {
    settlements: batch.map(settle),
    changed: made.map(({ recordId }) => recordId),
    counts: { created: made.length, skipped: total(batch) - made.length },
  };
}

/** A source's record turned out to be one we have: it is linked, and in step unless an update goes with it. */
async function link(tx: TransactionSql, work: Work, flow: Flow, batch: readonly LogEntry[]): Promise<Outcome> {
  const scope = scopeOf(work, flow);
  const pairs = batch.flatMap(({ key, recordId }) => (key !== null && recordId !== null ? [{ key, recordId }] : []));
  const linked = await linkKnown(tx, scope, pairs);
  await agreeWithStaged(tx, scope, await withoutUpdate(tx, scope, [...linked]), []);
  const why = 'It has been linked to something else since.';

  return {
    settlements: batch.map((entry) =>
      linked.has(entry.key ?? '') ? settled(entry, 'SUCCESS', {}) : settled(entry, 'SKIPPED', { why }),
    ),
    changed: [],
    counts: { unchanged: linked.size, skipped: batch.length - linked.size },
  };
}

async function update(tx: TransactionSql, work: Work, flow: Flow, batch: readonly LogEntry[]): Promise<Outcome> {
  const scope = scopeOf(work, flow);
  const written = await writeUpdates(tx, scope, batch);
  const agreed = batch.filter((entry) => written.has(entry.seq)).flatMap((entry) => entry.key ?? []);
  const missing = await stillMissing(tx, scope, flow.refStreams, agreed);
  await agreeWithStaged(tx, scope, agreed, missing);
  await rememberWhoSaidIt(
    tx,
    work,
    flow,
    batch.filter((entry) => written.has(entry.seq)),
  );

  return updated(batch, written);
}

/** What was kept against the source is not kept any more; what is filled in beside the owner is known as that. */
async function rememberWhoSaidIt(tx: TransactionSql, work: Work, flow: Flow, written: readonly LogEntry[]) {
  const { run } = work;
  const rows = written.flatMap(({ recordId, after }) => (recordId && after ? [{ recordId, after }] : []));
  await dropWrittenOverrides(
    tx,
    run.tenantId,
    rows.map(({ recordId, after }) => ({ recordId, fields: Object.keys(after) })),
  );
  const ids = rows.map(({ recordId }) => recordId);
  const owners = await ownersOf(tx, work.engine, run.tenantId, ids);
  const filled = rows.flatMap(({ recordId, after }) => {
    const others = Object.entries(after).filter(([field]) => {
      const owner = owners.of(recordId, field);
      return owner !== null && owner.integrationId !== run.integrationId;
    });
    return others.length > 0 ? [{ recordId, base: Object.fromEntries(others) }] : [];
  });
  await changeLinks(tx, { ...run, stream: flow.name }, run.id, filled);
}

/** A value is taken over from a destination; the base follows. Where a source owns it, it is kept against that source. */
async function accept(tx: TransactionSql, work: Work, flow: Flow, batch: readonly LogEntry[]): Promise<Outcome> {
  const written = await writeUpdates(tx, scopeOf(work, flow), batch);
  const done = batch.flatMap(({ seq, recordId, before, after }) =>
    recordId && after && written.has(seq) ? [{ recordId, before, after }] : [],
  );
  const changes = done.map(({ recordId, after }) => ({ recordId, base: after }));
  await changeLinks(tx, { ...work.run, stream: flow.name }, work.run.id, changes);
  const ids = done.map(({ recordId }) => recordId);
  const owners = await ownersOf(tx, work.engine, work.run.tenantId, ids);
  for (const { recordId, before, after } of done) {
    const place = { ...work.run, entity: flow.stream.entity, recordId };
    for (const [field, value] of Object.entries(after)) {
      if (!(field in flow.stream.fields) || owners.of(recordId, field) === null) continue;
      await writeOverride(tx, place, field, {
        value,
        sourceValue: before?.[field] ?? null,
        decidedBy: 'a standing rule',
      });
    }
  }

  return updated(batch, written);
}

async function writeUpdates(tx: TransactionSql, scope: HereScope, batch: readonly LogEntry[]): Promise<Set<number>> {
  const rows = batch.flatMap((entry) => {
    if (!entry.recordId) return [];
    const refs = (entry.refs ?? {}) as Record<string, readonly string[]>;
    return [{ seq: entry.seq, recordId: entry.recordId, before: entry.before ?? {}, after: entry.after ?? {}, refs }];
  });

  return new Set(await updateHere(tx, scope, rows));
}

function updated(batch: readonly LogEntry[], written: ReadonlySet<number>): Outcome {
  const moved = { why: 'It changed here since the plan was made; the next run looks again.' };

  return {
    settlements: batch.map((entry) =>
      written.has(entry.seq) ? settled(entry, 'SUCCESS', {}) : settled(entry, 'SKIPPED', moved),
    ),
    changed: batch.filter((entry) => written.has(entry.seq)).flatMap((entry) => entry.recordId ?? []),
    counts: { updated: written.size, skipped: batch.length - written.size },
  };
}

async function remove(tx: TransactionSql, work: Work, flow: Flow, batch: readonly LogEntry[]): Promise<Outcome> {
  const outcome = await archiveHere(tx, { ...scopeOf(work, flow), sourceProviders: sourcesOf(work) }, keysOf(batch));
  const gone = new Set(outcome.keys);
  const settle = (entry: LogEntry) => {
    if (entry.lastKey) return settled(entry, 'SUCCESS', { archived: outcome.archived.length });
    return gone.has(entry.key ?? '')
      ? settled(entry, 'SUCCESS', {})
      : settled(entry, 'SKIPPED', { why: 'It came back before it was removed.' });
  };

  return {
    settlements: batch.map(settle),
    changed: outcome.archived,
    counts: { deleted: outcome.keys.length, skipped: total(batch) - outcome.keys.length },
  };
}

function settled(entry: LogEntry, status: Settlement['status'], details: Record<string, unknown>): Settlement {
  return { id: entry.id, status, details, recordId: null, key: null, name: null };
}

function total(batch: readonly LogEntry[]): number {
  return batch.reduce((sum, entry) => sum + entry.size, 0);
}

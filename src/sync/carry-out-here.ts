/** What one batch of operations writes here, and what becomes of each: the records, their links, their overrides. */

import type { TransactionSql } from '../db/client.ts';
import { linkKnown, withoutUpdate } from '../db/queries/engine/adopt.ts';
import { compareAfresh } from '../db/queries/engine/checkpoint.ts';
import { dropWrittenOverrides, writeOverride } from '../db/queries/engine/edit.ts';
import {
  archiveHere,
  createHere,
  type HereScope,
  type Keys,
  namesOf,
  sayingStill,
  updateHere,
} from '../db/queries/engine/here.ts';
import { agreeWithStaged, changeLinks } from '../db/queries/engine/link.ts';
import { type LogEntry, overtakenCode, type Settlement } from '../db/queries/engine/log.ts';
import { overtakenRecords } from '../db/queries/engine/overtaken.ts';
import { namesItself } from '../db/queries/engine/shape.ts';
import { stillMissing } from '../db/queries/engine/source.ts';
import type { Values } from '../model/entities.ts';
import type { OperationKind, RunCounts } from '../model/sync.ts';
import type { Work } from './engine.ts';
import { overtakenSince } from './fence.ts';
import type { Flow } from './flow.ts';
import { isOwnedBeside, ownersOf } from './owners.ts';
import { bringBackRange, takeBackChanges, takeBackMade, type Undoing } from './undo-here.ts';

export interface Outcome {
  settlements: Settlement[];
  /** Ids of our records that were written. */
  changed: string[];
  counts: Partial<RunCounts>;
}

/** Carries out operations of one kind on records of one stream, in the caller's transaction. */
export function carryOut(tx: TransactionSql, work: Work, flow: Flow, kind: OperationKind, batch: readonly LogEntry[]) {
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
  const [first] = batch;
  if (!first?.lastKey) return updated(batch, await takeBackChanges(tx, undoing, batch));
  const changed = await bringBackRange(tx, undoing, first);

  return {
    settlements: [settled(first, 'SUCCESS', { back: changed.length })],
    changed,
    counts: { updated: changed.length, skipped: first.size - changed.length },
  };
}

/** Connectors that bring records into being here. */
function sourcesOf({ engine }: Work): string[] {
  return engine.connectors
    .filter((connector) => Object.values(connector.streams).some((stream) => stream.born !== 'here'))
    .map((connector) => connector.id);
}

/** Where a stream's records lie here. */
export function scopeOf(work: Work, flow: Flow): HereScope {
  const { run } = work;

  return {
    tenantId: run.tenantId,
    integrationId: run.integrationId,
    runId: run.id,
    schoolId: run.schoolId,
    stream: flow.name,
    shape: flow.shape,
    refStreams: flow.refStreams,
    keepsSourcedId: flow.stream.born !== 'here' && flow.stream.pull.within === undefined,
    agreesOn: flow.stream.born === 'both' ? flow.merged : null,
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
    if (entry.lastKey) {
      const left = entry.size - made.length - waiting.length;
      const told = left > 0 ? { left, code: overtakenCode } : {};
      return settled(entry, 'SUCCESS', { made: made.length, waiting: waiting.length, ...told });
    }
    const recordId = ids.get(entry.key ?? '');
    if (recordId) return { ...settled(entry, 'SUCCESS', {}), recordId, name: names.get(recordId) ?? null };
    if (waits.has(entry.key ?? ''))
      return settled(entry, 'SKIPPED', {
        why: 'It refers to something that has not come yet; it is tried in each run.',
      });
    return settled(entry, 'SKIPPED', { why: overtakenSince, code: overtakenCode });
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
  const done = batch.flatMap(({ seq, recordId, before, after, refs }) =>
    recordId && after && written.has(seq) ? [{ recordId, before, after, refs }] : [],
  );
  const changes = done.map(({ recordId, after, refs }) => ({ recordId, base: { ...after, ...refs } as Values }));
  await changeLinks(tx, { ...work.run, stream: flow.name }, work.run.id, changes);
  const ids = done.map(({ recordId }) => recordId);
  const owners = await ownersOf(tx, work.engine, work.run.tenantId, ids);
  for (const { recordId, before, after } of done) {
    const place = { ...work.run, entity: flow.stream.entity, recordId };
    for (const [field, value] of Object.entries(after)) {
      if (!(field in flow.stream.fields)) continue;
      if (!isOwnedBeside(owners.of(recordId, field), flow, work.run.integrationId)) continue;
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
  const ids = batch.flatMap((entry) => entry.recordId ?? []);
  const overtaken = await overtakenRecords(tx, scope, ids);
  const rows = batch.flatMap((entry) => {
    if (!entry.recordId || overtaken.has(entry.recordId)) return [];
    const refs = (entry.refs ?? {}) as Record<string, readonly string[]>;
    return [{ seq: entry.seq, recordId: entry.recordId, before: entry.before ?? {}, after: entry.after ?? {}, refs }];
  });

  return new Set(await updateHere(tx, scope, rows));
}

const movedHere = 'It changed here since the plan was made; the next run looks again.';

function updated(batch: readonly LogEntry[], written: ReadonlySet<number>): Outcome {
  const moved = { why: movedHere };

  return {
    settlements: batch.map((entry) =>
      written.has(entry.seq) ? settled(entry, 'SUCCESS', {}) : settled(entry, 'SKIPPED', moved),
    ),
    changed: batch.filter((entry) => written.has(entry.seq)).flatMap((entry) => entry.recordId ?? []),
    counts: { updated: written.size, skipped: batch.length - written.size },
  };
}

async function remove(tx: TransactionSql, work: Work, flow: Flow, batch: readonly LogEntry[]): Promise<Outcome> {
  const scope = { ...scopeOf(work, flow), sourceProviders: sourcesOf(work) };
  // Where both sides bring records into being, ours goes only while nobody has touched it.
  const untouched = flow.stream.born === 'both' ? await sayingStill(tx, scope, batch.flatMap(asItWas)) : null;
  const due = untouched ? batch.filter(({ recordId }) => recordId !== null && untouched.has(recordId)) : batch;
  const outcome = await archiveHere(tx, scope, keysOf(due));
  await compareAfresh(tx, work.run.tenantId, outcome.others);
  const gone = new Set(outcome.keys);
  const why = (entry: LogEntry) => (due.includes(entry) ? 'It came back before it was removed.' : movedHere);
  const settle = (entry: LogEntry) => {
    const { archived, archivedAt } = outcome;
    if (entry.lastKey) return settled(entry, 'SUCCESS', { archived: archived.length, archivedAt });
    return gone.has(entry.key ?? '') ? settled(entry, 'SUCCESS', {}) : settled(entry, 'SKIPPED', { why: why(entry) });
  };

  return {
    settlements: batch.map(settle),
    changed: outcome.archived,
    counts: { deleted: outcome.keys.length, skipped: total(batch) - outcome.keys.length },
  };
}

function asItWas({ recordId, before }: LogEntry): { recordId: string; before: Values }[] {
  return recordId === null ? [] : [{ recordId, before: before ?? {} }];
}

function settled(entry: LogEntry, status: Settlement['status'], details: Record<string, unknown>): Settlement {
  return { id: entry.id, status, details, recordId: null, key: null, name: null };
}

/** How many records these entries stand for. */
export function total(batch: readonly LogEntry[]): number {
  return batch.reduce((sum, entry) => sum + entry.size, 0);
}

/** Operations on our own records: whole batches, each in one short commit together with its log entries. */

import type { TransactionSql } from '../db/client.ts';
import { mendOwnRefs, refersToItself } from '../db/queries/engine/here.ts';
import { type LogEntry, pendingEntries, type Settlement, settleEntries } from '../db/queries/engine/log.ts';
import { countRemovals } from '../db/queries/engine/removal.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import type { OperationKind, RunCounts } from '../model/sync.ts';
import { carryOut, type Outcome, scopeOf, total } from './carry-out-here.ts';
import { noteChanges } from './changes.ts';
import { commit, commitStep, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { createPace } from './pace.ts';
import { mustBeWhole } from './staged.ts';
import { refreshAllStatistics } from './statistics.ts';
import { keepTurn, myTurn } from './turn.ts';

/** Entries told one by one that go into one commit. */
const singly = { first: 200, least: 20, most: 1000 };

/** Stretches that go into one commit; each is of a thousand records at most. */
const stretches = { first: 1, least: 1, most: 5 };

/** Stretches of a plan that are carried out at once: the database works on one while the other is told or committed. */
const sideBySide = 2;

/** After so many new records, and whenever they are eight times as many, the planner is told what has become of the tables. */
const statisticsFrom = 5000;

/** And after so many, once no more of their kind come: those that refer to them are looked up by reading a small table whole, or not. */
const statisticsAfter = 500;

export async function applyHere(work: Work, flow: Flow, kind: OperationKind): Promise<void> {
  const grown = watchGrowth(work);
  const pace = createPace(singly);
  for (;;) {
    work.signal.throwIfAborted();
    await myTurn(work);
    const done = await pace.keep(() => commit(work, (tx) => applyBatch(tx, work, flow, kind, pace.size)));
    await grown.by(done.records);
    if (done.last) break;
    if (kind === 'create' && done.ranged) await applyRanges(work, flow, grown);
  }
  await grown.ended();
}

/** Records may refer to others of their stream that were made after them, or that another run has made since. */
export async function mendAfterCreates(work: Work, flow: Flow): Promise<void> {
  const scope = scopeOf(work, flow);
  if (refersToItself(scope)) await commitStep(work, (tx) => mendOwnRefs(tx, scope));
}

/** Creates the stretches of a plan, several side by side: no two have a record in common. */
async function applyRanges(work: Work, flow: Flow, grown: Growth): Promise<void> {
  const stop = new AbortController();
  const pace = createPace(stretches);
  const lane = async () => {
    try {
      // A turn is given back when no stretch is under way any more.
      while (!stop.signal.aborted && (await keepTurn(work))) {
        work.signal.throwIfAborted();
        const done = await pace.keep(() => commit(work, (tx) => applyBatch(tx, work, flow, 'create', pace.size, true)));
        if (done.entries === 0 || !done.ranged) return;
        await grown.by(done.records);
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

interface Growth {
  by(records: number): Promise<void>;
  ended(): Promise<void>;
}

/** Has the planner told what has become of the tables, each time they have grown a lot. */
function watchGrowth(work: Work): Growth {
  let records = 0;
  let looked = 0;
  const look = async () => {
    looked = records;
    await refreshAllStatistics(work);
  };

  return {
    async by(more) {
      records += more;
      if (records >= Math.max(statisticsFrom, looked * 8)) await look();
    },
    async ended() {
      if (records - looked >= statisticsAfter) await look();
    },
  };
}

/** Answers how many entries were settled, for how many records, and whether they were the last of their kind in the stream. */
async function applyBatch(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  kind: OperationKind,
  size: number,
  lock = false,
): Promise<{ entries: number; records: number; ranged: boolean; last: boolean }> {
  const entries = await pendingEntries(tx, work.run, { stream: flow.name, kind, side: 'here' }, size, lock);
  const first = entries[0];
  if (!first) return { entries: 0, records: 0, ranged: false, last: true };
  // An undo needs nothing of what was read.
  if (work.run.undoes === null) await mustBeWhole(tx, work);

  // Entries told singly go together up to the next stretch; several stretches only where they are asked for by number.
  const ranged = first.lastKey !== null;
  const others = entries.findIndex((entry) => (entry.lastKey !== null) !== ranged);
  const batch = ranged && !lock ? [first] : entries.slice(0, others === -1 ? undefined : others);
  const outcome = await carryOutEach(tx, work, flow, kind, ranged ? batch.map((entry) => [entry]) : [batch]);
  const now = work.engine.clock.now();
  if (kind === 'remove') await countRemovals(tx, work.run, flow.name, succeeded(outcome.settlements), now);
  await settleEntries(tx, work.run, now, outcome.settlements);
  await noteChanges(tx, work.engine, { ...work.run, entity: flow.stream.entity, recordIds: outcome.changed });
  const completed = batch.reduce((sum, entry) => sum + entry.size, 0);
  await moveRun(tx, work.run, { counts: outcome.counts, completed, inTurn: true });
  await tell(tx, work.run, [
    { kind: 'record', entity: flow.stream.entity, ids: outcome.changed },
    { kind: 'log', parentId: work.run.id, ids: batch.map((entry) => entry.id) },
    { kind: 'run', parentId: work.run.id, ids: [work.run.id] },
  ]);

  const last = entries.length < size && batch.length === entries.length;

  return { entries: batch.length, records: total(batch), ranged, last };
}

/** Several in one commit, one after another: a statement writes entries told singly, or one stretch. */
async function carryOutEach(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  kind: OperationKind,
  batches: readonly (readonly LogEntry[])[],
): Promise<Outcome> {
  const all: Outcome = { settlements: [], changed: [], counts: {} };
  for (const batch of batches) {
    const { settlements, changed, counts } = await carryOut(tx, work, flow, kind, batch);
    all.settlements.push(...settlements);
    all.changed.push(...changed);
    for (const [name, more] of Object.entries(counts))
      all.counts[name as keyof RunCounts] = (all.counts[name as keyof RunCounts] ?? 0) + more;
  }

  return all;
}

function succeeded(settlements: readonly Settlement[]): string[] {
  return settlements.flatMap(({ id, status }) => (status === 'SUCCESS' ? [id] : []));
}

/** Writing a plan down as it is drawn up: entries in order, a page at a time, so that it exists before anything moves. */

import type { TransactionSql } from '../db/client.ts';
import { insertEntries, type LogEntry, lastSeq, releaseEntries, toldBefore } from '../db/queries/engine/log.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import { commit, look, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { type Draft, toEntry } from './plan.ts';
import { mustBeWhole } from './staged.ts';

export interface Recorder {
  /** Adds drafts to the plan and answers them, without those a person has approved: they keep the entry they have. */
  write(tx: TransactionSql, flow: Flow, drafts: readonly Draft[]): Promise<readonly Draft[]>;
  /** Entries of the plan so far. */
  written(): number;
}

export async function openRecorder(work: Work): Promise<Recorder> {
  let seq = await look(work, (tx) => lastSeq(tx, work.run));
  const approved = work.run.approvedHash !== null;
  // A plan that is drawn up once more finds what it skipped before.
  const again = approved || work.run.claim > 1;

  return {
    async write(tx, flow, drafts) {
      const planned = drafts.map((each) => ({ each, entry: toEntry(flow, each, !work.writes) }));
      const entries = planned.map(({ entry }) => entry);
      const released = approved ? await releaseEntries(tx, work.run, entries) : new Set<string>();
      const skipped = entries.filter(({ kind }) => kind === 'skip');
      const told = again ? await toldBefore(tx, work.run, skipped) : new Set<string>();
      const fresh = planned.filter(({ entry }) => entry.fingerprint === null || !released.has(entry.fingerprint));
      const written = fresh
        .map(({ entry }) => entry)
        .filter((entry) => entry.kind !== 'skip' || !told.has(`${entry.action} ${entry.recordId ?? entry.key ?? ''}`))
        .map((entry): LogEntry => ({ ...entry, seq: (seq += 1) }));
      await insertEntries(tx, work.run, work.engine.clock.now(), written);
      const skips = written.filter((entry) => entry.status === 'SKIPPED');
      await tell(tx, work.run, [{ kind: 'log', parentId: work.run.id, ids: skips.map((entry) => entry.id) }]);
      await moveRun(tx, work.run, { counts: { skipped: skips.length }, inTurn: work.run.lane === 'BULK' });

      return fresh.map(({ each }) => each);
    },
    written: () => seq,
  };
}

/** One page of planning: its entries, its bookkeeping and its questions in one short commit. */
export function page(work: Work, fn: (tx: TransactionSql) => Promise<void>): Promise<void> {
  work.signal.throwIfAborted();

  return commit(work, async (tx) => {
    await mustBeWhole(tx, work);
    await fn(tx);
  });
}

/** Writing a plan down as it is drawn up: entries in order, a page at a time, so that it exists before anything moves. */

import type { TransactionSql } from '../db/client.ts';
import { insertEntries, type LogEntry, lastSeq, toldBefore } from '../db/queries/engine/log.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import { commit, look, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { type Draft, toEntry } from './plan.ts';

export interface Recorder {
  /** Adds drafts to the plan and answers them, without those a person has approved: they keep the entry they have. */
  write(tx: TransactionSql, flow: Flow, drafts: readonly Draft[]): Promise<readonly Draft[]>;
  /** Fingerprints of waiting entries that the fresh plan still holds, by stream. */
  released: Map<string, Set<string>>;
}

/** `approved` are the fingerprints a person said yes to; empty for a run nobody was asked about. */
export async function openRecorder(work: Work, approved: ReadonlySet<string>): Promise<Recorder> {
  let seq = await look(work, (tx) => lastSeq(tx, work.run));
  const told = work.run.approvedHash ? await look(work, (tx) => toldBefore(tx, work.run)) : new Set<string>();
  const released = new Map<string, Set<string>>();

  return {
    released,
    async write(tx, flow, drafts) {
      const entries: LogEntry[] = [];
      const fresh: Draft[] = [];
      for (const each of drafts) {
        const entry = toEntry(flow, seq + 1, each);
        if (entry.fingerprint && approved.has(entry.fingerprint)) {
          released.set(flow.name, (released.get(flow.name) ?? new Set()).add(entry.fingerprint));
          continue;
        }
        fresh.push(each);
        if (entry.kind === 'skip' && told.has(`${entry.action} ${entry.recordId ?? entry.key ?? ''}`)) continue;
        seq += 1;
        entries.push(entry);
      }
      await insertEntries(tx, work.run, work.engine.clock.now(), entries);
      const skips = entries.filter((entry) => entry.status === 'SKIPPED');
      await tell(tx, work.run, [{ kind: 'log', parentId: work.run.id, ids: skips.map((entry) => entry.id) }]);
      await moveRun(tx, work.run, { counts: { skipped: skips.length } });

      return fresh;
    },
  };
}

/** One page of planning: its entries, its bookkeeping and its questions in one short commit. */
export function page(work: Work, fn: (tx: TransactionSql) => Promise<void>): Promise<void> {
  work.signal.throwIfAborted();

  return commit(work, fn);
}

/** What the database's planner knows of tables that a run fills. */
import { analyzed, refreshStatistics } from '../db/queries/engine/session.ts';
import { commit, type Work } from './engine.ts';

/** Has each of them looked at, in short commits: live events wait for a transaction that has written. */
export async function refreshAllStatistics(work: Pick<Work, 'engine' | 'run'>): Promise<void> {
  for (const table of analyzed) await commit(work, (tx) => refreshStatistics(tx, table));
}

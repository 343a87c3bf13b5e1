/** One run, top to bottom: pull, plan (match, merge, guard), apply. */
import { hasPendingHere } from '../db/queries/engine/log.ts';
import { hasLostStaged, type Progress, readProgress } from '../db/queries/engine/staging.ts';
import type { RunPhase } from '../model/sync.ts';
import { phases } from '../model/telemetry.ts';
import { apply } from './apply.ts';
import { look, type Work } from './engine.ts';
import { planRun } from './plan-run.ts';
import { pull } from './pull.ts';
import { searchesOf } from './searches.ts';
import { undo } from './undo.ts';

/**
 * Brings one integration and Homeroom into step, or as far as it may. What waits for a person stays PENDING.
 * Safe to call again after a crash at any point: pages that are staged are not read again, a plan that is complete is
 * not made again, and what was sent without an answer is looked up before it is sent again.
 */
export async function reconcile(work: Work): Promise<readonly Progress[]> {
  if (work.run.undoes !== null) {
    const { undoes } = work.run;
    await inPhase('APPLYING', () => undo(work, undoes));
    return [];
  }
  if (work.run.phase === 'APPLYING' && (await canGoOn(work))) {
    await inPhase('APPLYING', () => apply(work));
    return look(work, (tx) => readProgress(tx, work.run.id));
  }
  const searches = await searchesOf(work);
  const progress = await inPhase('PULLING', () => pull(work, searches));
  await inPhase('PLANNING', () => planRun(work, progress, searches));
  await inPhase('APPLYING', () => apply(work));

  return progress;
}

/** A finished plan goes on where it stopped, unless what is left of it would be made of records that are gone from staging. */
function canGoOn(work: Work): Promise<boolean> {
  return look(work, async (tx) => !((await hasPendingHere(tx, work.run)) && (await hasLostStaged(tx, work.run.id))));
}

function inPhase<T>(phase: RunPhase, work: () => Promise<T>): Promise<T> {
  return phases.tracePromise(work, { phase });
}

/** An undo, top to bottom: what it touches is read there, the inverse planned, and once a person has approved it, applied. */
import { apply } from './apply.ts';
import type { Work } from './engine.ts';
import { planAll, planTurn } from './plan-run.ts';
import { pull } from './pull.ts';
import { searchesOf } from './searches.ts';
import { planUndo } from './undo-plan.ts';

/** Takes back what the run `undoes` wrote, through the same log, guards and apply as any plan. No checkpoint moves. */
export async function undo(work: Work, undoes: string): Promise<void> {
  if (work.run.phase !== 'APPLYING') {
    const searches = await searchesOf(work);
    const there = [...(searches?.values() ?? [])].some((sought) => sought.length > 0);
    // What was written here only is compared with what is here.
    if (there) await pull(work, searches);
    await planAll(work, async (recorder) => {
      for (const flow of work.flows.toReversed()) {
        await planTurn(work);
        await planUndo(work, flow, undoes, recorder);
      }
      return [];
    });
  }
  await apply(work);
}

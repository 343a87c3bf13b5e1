/** Planning a run: every stream's differences in, the whole plan in the log out, with what waits for a person marked. */

import { guardLimits } from '../db/queries/engine/integration.ts';
import {
  countPending,
  dropUnfinishedPlan,
  holdEntries,
  releaseEntries,
  skipPending,
  waitingFingerprints,
} from '../db/queries/engine/log.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import type { Progress } from '../db/queries/engine/staging.ts';
import { contentHash } from '../model/values.ts';
import { commit, look, tell, type Work } from './engine.ts';
import { defaultLimits, guard, type Tally } from './guard.ts';
import { mirrorPlanner } from './plan-mirror-stream.ts';
import { planSourceStream } from './plan-source-stream.ts';
import type { Searches } from './pull.ts';
import { openRecorder } from './record.ts';

/** Draws up and records the plan. A plan that a crash left half done is drawn up anew; what was sent stays. */
export async function planRun(work: Work, progress: readonly Progress[], searches: Searches | null): Promise<void> {
  await commit(work, async (tx) => {
    await dropUnfinishedPlan(tx, work.run);
    await moveRun(tx, work.run, { phase: 'PLANNING', setCompleted: 0, total: null });
  });
  const approved = work.run.approvedHash
    ? new Set(await look(work, (tx) => waitingFingerprints(tx, work.run)))
    : new Set<string>();
  const recorder = await openRecorder(work, approved);
  const mirror = mirrorPlanner(work, recorder, searches);
  const tallies: Tally[] = [];
  for (const flow of work.flows) {
    const read = progress.find((row) => row.stream === flow.name);
    if (!read) continue;
    tallies.push(
      flow.stream.born === 'here' ? await mirror(flow, read) : await planSourceStream(work, flow, read, recorder),
    );
  }
  await settlePlan(work, tallies, recorder.released);
}

async function settlePlan(work: Work, tallies: readonly Tally[], released: ReadonlyMap<string, Set<string>>) {
  const limits = { ...defaultLimits, ...(await look(work, (tx) => guardLimits(tx, work.run))) };
  const holds = guard(tallies, limits);
  await commit(work, async (tx) => {
    const { run, engine } = work;
    const approved = [...released.values()].flatMap((fingerprints) => [...fingerprints]);
    if (run.approvedHash) {
      await releaseEntries(tx, run, approved);
      const moved = await skipPending(tx, run, engine.clock.now(), 'waiting', 'moved since');
      await moveRun(tx, run, { counts: { skipped: moved.records } });
      await tell(tx, run, [{ kind: 'log', parentId: run.id, ids: moved.ids }]);
    }
    for (const hold of holds) {
      const kinds =
        hold.what === 'removals' ? (['remove'] as const) : (['create', 'update', 'remove', 'link'] as const);
      await holdEntries(tx, run, hold.stream, kinds, approved);
    }
    const waiting = await waitingFingerprints(tx, run);
    const { ready } = await countPending(tx, run);
    await moveRun(tx, run, {
      phase: 'APPLYING',
      setCompleted: 0,
      total: ready,
      planHash: waiting.length > 0 ? contentHash(...waiting) : null,
      heldReason: waiting.length > 0 ? [...new Set(holds.map((hold) => hold.reason))].join(' ') : null,
    });
    await tell(tx, run, [{ kind: 'run', parentId: run.id, ids: [run.id] }]);
  });
}

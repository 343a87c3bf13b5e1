/** Planning a run: every stream's differences in, the whole plan in the log out, with what waits for a person marked. */

import type { TransactionSql } from '../db/client.ts';
import { schoolSettings } from '../db/queries/engine/integration.ts';
import {
  countPending,
  countPlanned,
  dropUnfinishedPlan,
  holdEntries,
  skipPending,
  skipUnapproved,
  waitingHash,
} from '../db/queries/engine/log.ts';
import { removedLately } from '../db/queries/engine/removal.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import type { Progress } from '../db/queries/engine/staging.ts';
import { defaultSettings } from '../model/school-settings.ts';
import { commit, look, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { guard, type Hold, type Tally } from './guard.ts';
import { planBothStream } from './plan-both.ts';
import { mirrorPlanner, type PlanStream } from './plan-mirror-stream.ts';
import { planSourceStream } from './plan-source-stream.ts';
import type { Searches } from './pull.ts';
import { openRecorder, type Recorder } from './record.ts';
import { mustBeWhole } from './staged.ts';
import { myTurn } from './turn.ts';

/** Draws up and records the plan. A plan that a crash left half done is drawn up anew; what was sent stays. */
export function planRun(work: Work, progress: readonly Progress[], searches: Searches | null): Promise<void> {
  return planAll(work, async (recorder) => {
    const mirror = mirrorPlanner(work, recorder, searches);
    const tallies: Tally[] = [];
    for (const flow of work.flows) {
      await planTurn(work);
      const read = progress.find((row) => row.stream === flow.name);
      if (!read) continue;
      tallies.push(await planStream(work, flow, read, recorder, mirror));
    }
    return tallies;
  });
}

function planStream(work: Work, flow: Flow, read: Progress, recorder: Recorder, mirror: PlanStream): Promise<Tally> {
  switch (flow.stream.born) {
    case 'there':
      return planSourceStream(work, flow, read, recorder);
    case 'here':
      return mirror(flow, read);
    case 'both':
      return planBothStream(work, flow, read, recorder, mirror);
  }
}

/**
 * A bulk run plans a stream at a time, and lets a quick run go in between: while it lays what it read beside what is here,
 * nothing may move. A quick run plans at once, and waits before it writes.
 */
export async function planTurn(work: Work): Promise<void> {
  if (work.run.lane === 'BULK') await myTurn(work);
}

/** Whatever is planned: the plan of before is dropped, `plan` writes a new one, and what waits of it is marked. */
export async function planAll(work: Work, plan: (recorder: Recorder) => Promise<readonly Tally[]>): Promise<void> {
  await commit(work, async (tx) => {
    await dropUnfinishedPlan(tx, work.run, !work.writes);
    await moveRun(tx, work.run, { phase: 'PLANNING', setCompleted: 0, total: null });
  });
  const recorder = await openRecorder(work);
  await settlePlan(work, await plan(recorder));
}

/** Marks what waits for a person. In a preview that is everything; after its approval, nothing: what is new is left. */
async function settlePlan(work: Work, tallies: readonly Tally[]): Promise<void> {
  const limits = { ...defaultSettings, ...(await look(work, (tx) => schoolSettings(tx, work.run))) };
  const removed = await look(work, (tx) => removedLately(tx, work.run, work.engine.clock.now()));
  const holds = guard(tallies, limits, removed);
  await commit(work, async (tx) => {
    await mustBeWhole(tx, work);
    const { run } = work;
    if (run.approvedHash) await leaveTheRest(tx, work);
    for (const hold of holds) {
      const kinds =
        hold.what === 'removals' ? (['remove'] as const) : (['create', 'update', 'remove', 'link'] as const);
      await holdEntries(tx, run, hold.stream, kinds);
    }
    if (!work.writes) await moveRun(tx, run, { counts: await countPlanned(tx, run) });
    const { ready, waiting } = await countPending(tx, run);
    const held = waiting > 0 || !work.writes;
    await moveRun(tx, run, {
      phase: 'APPLYING',
      setCompleted: 0,
      total: ready,
      planHash: held ? await waitingHash(tx, run) : null,
      heldReason: held ? reasonOf(work, holds, waiting) : null,
    });
    await tell(tx, run, [{ kind: 'run', parentId: run.id, ids: [run.id] }]);
  });
}

/** What a person said yes to and is still planned has been let go; the rest of it has moved, and so has what is new. */
async function leaveTheRest(tx: TransactionSql, { run, engine }: Work): Promise<void> {
  const now = engine.clock.now();
  const moved = await skipPending(tx, run, now, 'waiting', 'moved since');
  const left = run.mode === 'PREVIEW' ? await skipUnapproved(tx, run, now) : { ids: [], records: 0 };
  await moveRun(tx, run, { counts: { skipped: moved.records + left.records } });
  await tell(tx, run, [{ kind: 'log', parentId: run.id, ids: [...moved.ids, ...left.ids] }]);
}

function reasonOf(work: Work, holds: readonly Hold[], waiting: number): string {
  const guarded = new Set(holds.map((hold) => hold.reason));

  return [...(work.writes ? [] : [previewReason(work, waiting)]), ...guarded].join(' ');
}

function previewReason({ run, firstPlan, connector }: Work, waiting: number): string {
  if (run.undoes !== null) {
    return waiting > 0
      ? 'This undoes an earlier sync: nothing is written until somebody approves it. What is left alone is in the log, with the reason.'
      : 'Nothing of that sync can be undone: the log says why.';
  }
  if (firstPlan) return `This is the first plan for ${connector.name}: nothing is written until somebody approves it.`;
  if (waiting === 0) return 'This is a preview: nothing needs to be done.';

  return 'This is a preview: nothing was written. Approve it to have exactly this done.';
}

/** A person's click in the middle of a run: a run of its own, by another worker, that goes in between. */
import assert from 'node:assert/strict';
import type { RunSeen, TestEngine, TestWorker } from '../../../test/harness/engine.ts';
import type { Engine } from '../engine.ts';

/** The run that was under way, and the one that went in between. */
export interface Both {
  bulk: RunSeen;
  quick: RunSeen;
}

export interface Meeting {
  /** Asks for the run that goes in between. */
  click(): Promise<unknown>;
  /** Sees to it that `click` is called at some moment of the long run, which waits for it; answers who carries that run out. */
  during(click: () => Promise<void>): Engine;
}

/**
 * Carries out what the bulk lane has waiting, and at some moment of it what a click asks for. The long run goes on from there
 * when the other one has ended, or waits for its turn.
 */
export async function runBoth(engine: TestEngine, integrationId: string, meeting: Meeting): Promise<Both> {
  const ended: string[] = [];
  const note = (run: RunSeen) => {
    ended.push(run.id);
    return run;
  };
  let quick: Promise<RunSeen> | undefined;
  const by = meeting.during(async () => {
    await meeting.click();
    const started = await startQuick(engine, integrationId);
    quick = started.ended.then(note);
    await Promise.race([quick, started.waits]);
  });
  const worker = await engine.worker(by);
  const bulk = note(await (await worker.take(integrationId, 'BULK')).ended);
  assert.ok(quick, `The moment never came: ${JSON.stringify(bulk)}`);
  const between = await quick;
  assert.deepEqual(ended, [between.id, bulk.id], 'The click was answered first.');

  return { bulk, quick: between };
}

/** Another worker carries out what the quick lane has waiting. `waits`: it has planned, and the other run is writing. */
export async function startQuick(
  engine: TestEngine,
  integrationId: string,
  by: Engine = engine.engine,
): Promise<{ worker: TestWorker; ended: Promise<RunSeen>; waits: Promise<void> }> {
  let committed = (): void => undefined;
  const waits = new Promise<void>((resolve, reject) => {
    // Whoever waits for the turn asks for it again and again, and each time is a commit.
    committed = () =>
      void isWaiting(engine, integrationId).then((waiting) => {
        if (waiting) resolve();
      }, reject);
  });
  waits.catch(() => undefined);
  const worker = await engine.worker({ ...by, wake: () => committed() });
  const { ended } = await worker.take(integrationId, 'QUICK');

  return { worker, ended, waits };
}

function isWaiting(engine: TestEngine, integrationId: string): Promise<boolean> {
  return engine.write(async (tx) => {
    const rows = await tx`
      select from sync_run q join sync_run b on b.integration_id = q.integration_id and b.lane = 'BULK' and b.has_turn
      where q.integration_id = ${integrationId} and q.lane = 'QUICK' and q.status = 'RUNNING' and q.phase = 'APPLYING'`;
    return rows.length > 0;
  });
}

/** A claimed run from its first step to its end: the client made, time and cancellation watched, the outcome written. */

import type { TransactionSql } from '../db/client.ts';
import { isCutShort, isDatabaseGone, isInTheWay } from '../db/gone.ts';
import { writeCheckpoint } from '../db/queries/engine/checkpoint.ts';
import { reopenQuestions } from '../db/queries/engine/conflict.ts';
import { keepPromise } from '../db/queries/engine/health.ts';
import { findIntegration, trustIntegration } from '../db/queries/engine/integration.ts';
import { settlePages } from '../db/queries/engine/known-page.ts';
import { countPending, failedStreams, skipPending, waitingHash } from '../db/queries/engine/log.ts';
import { endRun, LostClaim, moveRun, type RunRow, readCounts } from '../db/queries/engine/run.ts';
import { dropSomeStaged, dropStaged, type Progress } from '../db/queries/engine/staging.ts';
import { dropSomeUnlinked } from '../db/queries/engine/unlinked.ts';
import type { RunError } from '../model/sync.ts';
import { type RunFacts, runs } from '../model/telemetry.ts';
import { Cancelled, type Claim, holdClaim } from './claim.ts';
import { clientFor } from './client.ts';
import { commit, commitStep, type Engine, flowNamed, look, tell, type Work } from './engine.ts';
import { asPreview, isFirstPlan } from './first-plan.ts';
import { judge, standing } from './health.ts';
import { takeOver } from './held.ts';
import { reconcile } from './reconcile.ts';
import { StagingLost } from './staged.ts';
import { BreaksOff, endOf, runErrorOf } from './status.ts';

/** This process is closing: the run stays RUNNING and another worker, or the next start, goes on with it. */
class Leaving extends Error {
  override readonly name = 'Leaving';
}

/** Staged records that are dropped in one commit: some 25 ms. */
const stagedAtOnce = 10_000;

/**
 * So often a run is taken up without getting any further before it is given up: a record that ends every worker that meets it would
 * otherwise do so for ever, and nobody would be told.
 */
const mostTries = 20;

/** So often when its statements take longer than they may: once is a busy hour, but each time costs the database a minute. */
const mostTriesCutShort = 3;

/** Operations of a plan that is given up in one commit: a first plan may have half a million, and live events wait for it. */
const abandonedAtOnce = 1000;

/** A plan that waits is forgotten after three days. */
const approvalMs = 72 * 60 * 60 * 1000;

/** Carries a claimed run to its end. Resolves also when the run failed: that is written on it. */
export function carryOut(engine: Engine, run: RunRow, leaving: AbortSignal): Promise<void> {
  const { id: runId, mode, trigger, lane } = run;
  const facts: RunFacts = { runId, mode, trigger, lane, provider: 'unknown', status: 'LEFT', counts: null };

  return runs.tracePromise(() => carryOutAs(facts, engine, run, leaving), facts);
}

async function carryOutAs(facts: RunFacts, engine: Engine, run: RunRow, leaving: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const leave = () => stop.abort(new Leaving('This process is closing.'));
  leaving.addEventListener('abort', leave, { once: true });
  if (leaving.aborted) leave();
  const claim = holdClaim(engine, run, stop);
  try {
    await commit({ engine, run }, (tx) => tell(tx, run, [{ kind: 'run', parentId: run.id, ids: [run.id] }]));
    if (run.tries > mostTries) throw new BreaksOff(mostTries);
    Object.assign(facts, await withClient(facts, engine, run, claim, stop.signal));
  } catch (error) {
    if (stop.signal.reason instanceof Leaving) return;
    const out = [error, stop.signal.reason].find((each) => isOutOfHand(each, run));
    if (out) return engine.log.warn({ runId: run.id, error: out }, 'a run is left for whoever claims it next');
    const cancelled = stop.signal.reason instanceof Cancelled;
    Object.assign(facts, await finish(engine, run, null, cancelled ? null : error, cancelled));
  } finally {
    claim.end();
    leaving.removeEventListener('abort', leave);
    stop.abort(new Leaving('The run has ended.'));
  }
}

/** Nothing is known of the run that could be written on it: another worker has it, or will find out; or the next try will do. */
function isOutOfHand(error: unknown, { tries }: RunRow): boolean {
  if (isCutShort(error)) return tries < mostTriesCutShort;

  return error instanceof LostClaim || error instanceof StagingLost || isDatabaseGone(error) || isInTheWay(error);
}

async function withClient(
  facts: RunFacts,
  engine: Engine,
  run: RunRow,
  claim: Claim,
  signal: AbortSignal,
): Promise<End> {
  const integration = await look({ engine, run }, (tx) => findIntegration(tx, run));
  if (!integration) throw new LostClaim('The integration is gone.');
  facts.provider = integration.provider;
  const connected = await clientFor(engine, integration, signal, claim.permit);
  const firstPlan = await isFirstPlan(engine, run, integration, connected.connector);
  const started = firstPlan ? await asPreview(engine, run) : run;
  const writes = started.mode !== 'PREVIEW' || started.approvedHash !== null;
  const work: Work = { engine, run: started, signal, writes, firstPlan, afresh: new Set(), ...connected };
  const progress = await reconcile(work);

  return finish(engine, started, { work, progress }, null, false);
}

/** How a run ended. */
type End = Pick<RunFacts, 'status' | 'counts'>;

interface Finished {
  work: Work;
  progress: readonly Progress[];
}

async function finish(
  engine: Engine,
  run: RunRow,
  finished: Finished | null,
  problem: unknown,
  cancelled: boolean,
): Promise<End> {
  const reference = run.id.slice(-12);
  const error: RunError | null = problem === null ? null : runErrorOf(problem, reference);
  if (error?.code === 'internal')
    engine.log.error({ runId: run.id, error: problem, reference }, 'a run failed unexpectedly');
  const now = engine.clock.now();
  // Should we die in between, the next worker finds nothing to do, or reads again what is not there.
  let dropped: number;
  for (const drop of [dropSomeStaged, dropSomeUnlinked]) {
    do dropped = await commitStep({ engine, run }, (tx) => drop(tx, run.id, stagedAtOnce));
    while (dropped === stagedAtOnce);
  }
  if (!finished) {
    const why = cancelled ? 'The run was cancelled.' : 'The run could not go on.';
    do dropped = await commit({ engine, run }, (tx) => abandon(tx, run, now, why));
    while (dropped === abandonedAtOnce);
  }
  const wrong = await look({ engine, run }, (tx) => standing(tx, engine, run));
  return commit({ engine, run }, async (tx) => {
    const { waiting } = await countPending(tx, run);
    const counts = await readCounts(tx, run);
    const preview = finished !== null && !finished.work.writes;
    const status = endOf({ cancelled, error, preview, waiting, failed: counts.failed });
    const held = status === 'HELD';
    await endRun(
      tx,
      run,
      {
        status,
        error,
        heldReason: held ? (counts.heldReason ?? 'Some operations wait for a person.') : null,
        planHash: held ? await waitingHash(tx, run) : null,
        planExpiresAt: held ? new Date(now.getTime() + approvalMs) : null,
      },
      now,
    );
    if (finished && !preview) await settle(tx, finished, now);
    if (finished && run.whole && status !== 'FAILED' && status !== 'CANCELLED')
      await takeOver(tx, finished.work, held, now);
    // What a person answered and a guard stopped is still on its way.
    const reopened = held ? [] : await reopenQuestions(tx, run.tenantId, run.id);
    // A plan that waits for its first approval keeps a promise too: it is the school's turn.
    if (finished && run.whole && (!preview || finished.work.firstPlan)) await keepPromise(tx, run, !preview, now);
    await judge(tx, engine, run, wrong, now);
    await dropStaged(tx, run.id);
    await tell(tx, run, [
      { kind: 'run', parentId: run.id, ids: [run.id] },
      { kind: 'conflict', ids: reopened },
      { kind: 'integration', parentId: run.integrationId, ids: [run.integrationId] },
    ]);
    const { heldReason: _why, ...did } = counts;

    return { status, counts: did };
  });
}

/** What was not begun is told as not done. */
/** Answers how many operations were told as not done. */
async function abandon(tx: TransactionSql, run: RunRow, now: Date, why: string): Promise<number> {
  const skipped = await skipPending(tx, run, now, 'all', why, {}, abandonedAtOnce);
  await moveRun(tx, run, { counts: { skipped: skipped.records } });
  await tell(tx, run, [{ kind: 'log', parentId: run.id, ids: skipped.ids }]);

  return skipped.ids.length;
}

/** A run that came to its end: checkpoints move where nothing is left over, and older held plans are overtaken. */
async function settle(tx: TransactionSql, { work, progress }: Finished, now: Date): Promise<void> {
  const { run } = work;
  const unsettled = new Set(await failedStreams(tx, run));
  for (const read of progress) {
    // What a quick run has read, the bulk run beside it may not know: the next list of changes begins where it began.
    if (run.lane === 'QUICK' || (!run.whole && !read.mark)) continue;
    if (unsettled.has(read.stream) || !read.done) continue;
    if (run.whole && read.snapshot) await settlePages(tx, run, read.stream);
    await writeCheckpoint(tx, run, read.stream, {
      cursor: read.mark,
      readWholeAt: read.snapshot && run.whole ? now : null,
      afresh: work.afresh.has(read.stream) || flowNamed(work, read.stream).stream.born !== 'there',
    });
  }
  if (run.whole) await trustIntegration(tx, run, now);
}

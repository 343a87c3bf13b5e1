/** Runs that follow from another: only what failed in it tried again, or what it wrote undone. */
import type { TransactionSql } from '../db/client.ts';
import { findFollowUp, insertFollowUp } from '../db/queries/engine/follow-up.ts';
import { findIntegration } from '../db/queries/engine/integration.ts';
import { failedRecords, writtenThere, wroteAnything } from '../db/queries/engine/log-of-run.ts';
import { addToScope, findRun, type RunRow } from '../db/queries/engine/run.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound } from '../model/problems.ts';
import { finalStatuses } from '../model/sync.ts';
import { type Engine, tell } from './engine.ts';
import { laneOf } from './lane.ts';

type Needs = Pick<Engine, 'connectors' | 'enqueue'>;

interface Act {
  tenantId: string;
  runId: string;
  by: string;
  now: Date;
}

/**
 * Asks for a run of only the records whose operations failed in this one, and of those that waited for them. Answers
 * its id; while one is under way or waits, that one's.
 *
 * @throws NotFound; InvalidState when the run has not ended, nothing failed in it, or its integration is disconnected.
 */
export async function retryFailed(tx: TransactionSql, engine: Needs, act: Act): Promise<string> {
  const { run, provider } = await endedRun(tx, act);
  const failed = await failedRecords(tx, run);
  if (failed.length === 0) throw new InvalidState('Nothing failed in this run: trigger a sync instead.');

  const lane = await laneOf(tx, engine, { ...run, provider, trigger: 'MANUAL', mode: 'DELTA', whole: false });

  return followUp(tx, engine, run, act, { retries: run.id, undoes: null, mode: 'DELTA', lane }, failed);
}

/**
 * Asks for a plan of the inverse of what this run wrote; it ends HELD for a person to approve. Answers its id; while an
 * undo of this run is under way or waits, that one's.
 *
 * @throws NotFound; InvalidState when the run has not ended, it wrote nothing, or its integration is disconnected.
 */
export async function undoRun(tx: TransactionSql, engine: Needs, act: Act): Promise<string> {
  const { run } = await endedRun(tx, act);
  if (!(await wroteAnything(tx, run))) throw new InvalidState('This run wrote nothing that could be undone.');
  const there = await writtenThere(tx, run);

  return followUp(tx, engine, run, act, { retries: null, undoes: run.id, mode: 'PREVIEW', lane: 'BULK' }, there);
}

async function endedRun(tx: TransactionSql, act: Act): Promise<{ run: RunRow; provider: string }> {
  const run = await findRun(tx, act.tenantId, act.runId);
  if (!run) throw new NotFound('There is no such sync run.');
  if (!(finalStatuses as readonly string[]).includes(run.status))
    throw new InvalidState('This run has not ended yet: wait for it, decide on what it holds, or cancel it first.');
  const integration = await findIntegration(tx, run, 'for update');
  if (!integration) throw new NotFound('There is no such sync run.');
  if (integration.status === 'DISCONNECTED')
    throw new InvalidState('This integration is disconnected: enter its credentials first.');

  return { run, provider: integration.provider };
}

async function followUp(
  tx: TransactionSql,
  engine: Needs,
  run: RunRow,
  act: Act,
  how: Pick<RunRow, 'retries' | 'undoes' | 'mode' | 'lane'>,
  records: Awaited<ReturnType<typeof failedRecords>>,
): Promise<string> {
  const { tenantId, schoolId, integrationId } = run;
  const existing = await findFollowUp(tx, run, how);
  if (existing) return existing;
  const id = newId();
  const place = { tenantId, schoolId, integrationId, id };
  await insertFollowUp(tx, { ...place, ...how, requestedBy: act.by, now: act.now });
  for (const { entity, recordIds } of records) await addToScope(tx, place, entity, recordIds);
  await engine.enqueue(tx, { tenantId, integrationId, lane: how.lane }, act.now);
  await tell(tx, place, [{ kind: 'run', parentId: id, ids: [id] }]);

  return id;
}

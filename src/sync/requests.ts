/** What people ask of runs: to start one, to approve what waits, to stop. Each works inside the caller's transaction. */
import type { TransactionSql } from '../db/client.ts';
import { reopenQuestions } from '../db/queries/engine/conflict.ts';
import { findIntegration, trustIntegration } from '../db/queries/engine/integration.ts';
import { skipPending } from '../db/queries/engine/log.ts';
import { classScope, personScope } from '../db/queries/engine/related.ts';
import { addToScope, changeStatus, findRun, planOf, requestCancel, upsertQueuedRun } from '../db/queries/engine/run.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound, Stale } from '../model/problems.ts';
import type { RunMode, RunTrigger } from '../model/sync.ts';
import { type Engine, tell } from './engine.ts';
import { laneOf } from './lane.ts';

export interface RunRequest {
  tenantId: string;
  integrationId: string;
  trigger: RunTrigger;
  mode: RunMode;
  /** Only these classes, and who is in them. */
  classIds?: readonly string[];
  /** Only these people, and where they are enrolled. */
  personIds?: readonly string[];
  /** null: nobody, its time had come. */
  requestedBy: string | null;
  now: Date;
  /** Not before this instant; absent: at once. */
  dueAt?: Date;
}

type Needs = Pick<Engine, 'connectors' | 'enqueue'>;

/**
 * Asks for a run and answers its id: a new one, or the one that already waits in its lane, into which the request folds. A
 * preview is always a run of its own.
 *
 * @throws NotFound; InvalidState when the integration is disconnected.
 */
export async function requestRun(tx: TransactionSql, engine: Needs, request: RunRequest): Promise<string> {
  const integration = await findIntegration(tx, request, 'for update');
  if (!integration) throw new NotFound('There is no such integration.');
  if (integration.status === 'DISCONNECTED')
    throw new InvalidState('This integration is disconnected: enter its credentials first.');

  const scoped = (request.classIds?.length ?? 0) + (request.personIds?.length ?? 0) > 0;
  const { tenantId, integrationId, trigger, mode, requestedBy, dueAt = request.now } = request;
  const { schoolId } = integration;
  const place = { tenantId, schoolId, integrationId, id: newId() };
  const wish = { trigger, mode, whole: !scoped };
  const lane = await laneOf(tx, engine, { ...place, ...wish, provider: integration.provider });
  const run = await upsertQueuedRun(tx, { ...place, ...wish, lane, dueAt, requestedBy });
  if (scoped) {
    const wanted = [
      ...(await classScope(tx, { tenantId, schoolId }, request.classIds ?? [])),
      ...(await personScope(tx, { tenantId, schoolId }, request.personIds ?? [])),
    ];
    // One that is not there is not skipped over: the caller would believe it was looked at.
    const found = new Set(wanted.flatMap(({ recordIds }) => recordIds));
    const asked = [...(request.classIds ?? []), ...(request.personIds ?? [])];
    if (asked.some((id) => !found.has(id))) throw new NotFound('There is no such class or person.');
    for (const { entity, recordIds } of wanted)
      await addToScope(tx, { tenantId, schoolId, id: run.id }, entity, recordIds);
  }
  await engine.enqueue(tx, { tenantId, integrationId, lane }, dueAt);
  await tell(tx, place, [{ kind: 'run', parentId: run.id, ids: [run.id] }]);

  return run.id;
}

interface Act {
  tenantId: string;
  runId: string;
  by: string;
  now: Date;
}

/**
 * Sends a held run round again: what its fresh plan still holds of what the person saw is applied. A whole preview that
 * is approved is also the yes to its destination: later runs write without being asked.
 *
 * @throws NotFound; InvalidState when nothing waits; Stale for another plan or a lapsed one.
 */
export async function approveRun(
  tx: TransactionSql,
  engine: Pick<Engine, 'enqueue'>,
  act: Act & { planHash: string },
): Promise<void> {
  const run = await findRun(tx, act.tenantId, act.runId);
  if (!run) throw new NotFound('There is no such sync run.');
  if (run.status !== 'HELD') throw new InvalidState('Only a held run can be approved.');
  const plan = await planOf(tx, run);
  if (plan.hash !== act.planHash) throw new Stale('The plan has changed since you looked: review it again.');
  if (plan.expiresAt && plan.expiresAt <= act.now) throw new Stale('This plan has lapsed: trigger the sync again.');

  await changeStatus(tx, run, { status: 'QUEUED', approvedHash: act.planHash, finishedAt: null, dueAt: act.now });
  if (run.mode === 'PREVIEW' && run.whole) await trustIntegration(tx, run, act.now);
  await engine.enqueue(tx, run, act.now);
  await tell(tx, run, [{ kind: 'run', parentId: run.id, ids: [run.id] }]);
}

/**
 * Stops a run: what is done stays done; on a held run it means no.
 *
 * @throws NotFound; InvalidState when it has ended.
 */
export async function cancelRun(tx: TransactionSql, act: Act): Promise<void> {
  const run = await findRun(tx, act.tenantId, act.runId);
  if (!run) throw new NotFound('There is no such sync run.');
  switch (run.status) {
    case 'RUNNING':
      await requestCancel(tx, run);
      return;
    case 'QUEUED':
    case 'HELD': {
      await changeStatus(tx, run, { status: 'CANCELLED', approvedHash: null, finishedAt: act.now, dueAt: act.now });
      const skipped = await skipPending(tx, run, act.now, 'all', `Refused by ${act.by}.`);
      const reopened = await reopenQuestions(tx, run.tenantId, run.id);
      await tell(tx, run, [
        { kind: 'log', parentId: run.id, ids: skipped.ids },
        { kind: 'run', parentId: run.id, ids: [run.id] },
        { kind: 'conflict', ids: reopened },
        { kind: 'integration', parentId: run.integrationId, ids: reopened.length > 0 ? [run.integrationId] : [] },
      ]);
      return;
    }
    case 'SUCCEEDED':
    case 'PARTIAL':
    case 'FAILED':
    case 'CANCELLED':
      throw new InvalidState('This run has ended already.');
  }
}

/** People's answers to conflicts: checked, carried out, and for a push a small run of that record asked for. */
import type { TransactionSql } from '../db/client.ts';
import { type ConflictRow, decideConflict, findConflict } from '../db/queries/engine/conflict.ts';
import { findIntegration } from '../db/queries/engine/integration.ts';
import { relatedRecords } from '../db/queries/engine/related.ts';
import { addToScope, upsertQueuedRun } from '../db/queries/engine/run.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound, Stale, ValidationFailed } from '../model/problems.ts';
import { type Answer, act, type Case, type Needs } from './conflict-answers.ts';
import { tell } from './engine.ts';
import { type Flow, flowsOf } from './flow.ts';
import { laneOf } from './lane.ts';
import { noteAnswer } from './record-edits.ts';

/**
 * Answers a question. Resolves to the run that carries out a PUSH_LOCAL, else null.
 *
 * @throws NotFound; Stale when either side has moved since; InvalidState when it is settled, or names no field of it;
 * ValidationFailed for a candidate that is missing, or is none of this conflict's.
 */
export async function resolveConflict(
  tx: TransactionSql,
  engine: Needs,
  answer: Answer,
): Promise<{ runId: string | null }> {
  const opened = await open(tx, engine, answer);
  const { conflict, chosen } = opened;
  const pushes = answer.resolution === 'PUSH_LOCAL' && opened.flow.stream.born !== 'there';
  await act(tx, engine, opened);
  // The values of a candidate are read again before they are taken over.
  const adopts = conflict.kind === 'DUPLICATE_MATCH' && answer.resolution === 'ACCEPT_EXTERNAL';
  const requested = pushes || adopts ? await requestPush(tx, engine, opened) : null;
  const runId = pushes ? requested : null;
  const left = conflict.fields.filter((field) => !chosen.includes(field));
  const status = left.length > 0 ? 'OPEN' : runId ? 'RESOLVING' : 'RESOLVED';
  const { resolution, by } = answer;
  await decideConflict(
    tx,
    conflict,
    {
      status,
      resolution: status === 'OPEN' ? null : resolution,
      by,
      runId,
      fields: left.length > 0 ? left : conflict.fields,
    },
    answer.now,
  );
  await noteAnswer(tx, answer, conflict, chosen);
  await tell(tx, conflict, [
    { kind: 'conflict', ids: [conflict.id] },
    { kind: 'integration', parentId: conflict.integrationId, ids: [conflict.integrationId] },
    { kind: 'run', parentId: requested, ids: requested ? [requested] : [] },
  ]);

  return { runId };
}

async function open(tx: TransactionSql, engine: Needs, answer: Answer): Promise<Case> {
  const conflict = await findConflict(tx, answer.tenantId, answer.conflictId);
  if (!conflict) throw new NotFound('There is no such conflict.');
  if (conflict.status !== 'OPEN') throw new InvalidState('This conflict is settled already.');
  if (conflict.version !== answer.version)
    throw new Stale('It has changed since you looked: refetch and decide again.');
  const integration = await findIntegration(tx, conflict);
  const connector = engine.connectors.find((candidate) => candidate.id === integration?.provider);
  const flow = connector && flowsOf(connector).find((candidate) => candidate.name === conflict.stream);
  if (!integration || !flow) throw new InvalidState('Its integration is no longer offered.');
  if (integration.status === 'DISCONNECTED' && answer.resolution === 'PUSH_LOCAL') {
    throw new InvalidState('Its integration is disconnected: nothing can be written there.');
  }
  checkCandidate(conflict, flow, answer);
  const chosen = answer.fields
    ? conflict.fields.filter((field) => answer.fields?.includes(field.name))
    : conflict.fields;
  if (answer.fields && chosen.length < answer.fields.length)
    throw new InvalidState('It does not ask about all of these fields.');

  return { conflict, provider: integration.provider, flow, chosen, answer };
}

/** A candidate is chosen where there are some, and only one of them. */
function checkCandidate(conflict: ConflictRow, flow: Flow, { resolution, externalId }: Answer): void {
  if (conflict.kind !== 'DUPLICATE_MATCH' || resolution === 'IGNORE') {
    if (externalId !== undefined) throw noCandidate('Here is no candidate to choose: leave this out.');
    return;
  }
  if (externalId === undefined) {
    if (resolution === 'ACCEPT_EXTERNAL') throw noCandidate('Say which of the candidates it is.');
    if (!flow.stream.push?.create)
      throw new InvalidState('This integration makes none there: choose one of the candidates, or ignore them.');
    return;
  }
  if (!conflict.candidates.some((candidate) => candidate.externalId === externalId))
    throw noCandidate('This is none of the candidates.');
}

function noCandidate(message: string): ValidationFailed {
  return new ValidationFailed([{ path: ['externalId'], message }]);
}

export interface Batch extends Omit<Answer, 'conflictId' | 'version' | 'fields' | 'externalId'> {
  conflicts: readonly { conflictId: string; version: number }[];
}

export interface Settled {
  settled: string[];
  failures: { conflictId: string; error: Error }[];
  /** One for each integration with something to push. */
  runIds: string[];
}

/** Answers many questions alike, each by itself: one that is refused leaves the others as they are. */
export async function resolveConflicts(tx: TransactionSql, engine: Needs, batch: Batch): Promise<Settled> {
  const outcome: Settled = { settled: [], failures: [], runIds: [] };
  const { conflicts, ...rest } = batch;
  // In the order of their ids, so that two people who answer the same ones do not wait for each other in a circle.
  const ordered = conflicts.toSorted((left, right) => (left.conflictId < right.conflictId ? -1 : 1));
  for (const each of ordered) {
    try {
      const { runId } = await tx.savepoint((step) => resolveConflict(step, engine, { ...rest, ...each }));
      outcome.settled.push(each.conflictId);
      if (runId !== null && !outcome.runIds.includes(runId)) outcome.runIds.push(runId);
    } catch (error) {
      if (!(error instanceof Error) || !isRefusal(error)) throw error;
      outcome.failures.push({ conflictId: each.conflictId, error });
    }
  }

  return outcome;
}

function isRefusal(error: Error): boolean {
  return [NotFound, Stale, InvalidState, ValidationFailed].some((refusal) => error instanceof refusal);
}

async function requestPush(
  tx: TransactionSql,
  engine: Needs,
  { conflict, provider, flow, answer }: Case,
): Promise<string> {
  const { tenantId, schoolId, integrationId, recordId, entity } = conflict;
  const whole = flow.stream.pull.some === undefined;
  const wish = { tenantId, integrationId, trigger: 'MANUAL', mode: 'DELTA', whole } as const;
  const lane = await laneOf(tx, engine, { ...wish, provider });
  const request = { ...wish, schoolId, id: newId(), lane, dueAt: answer.now, requestedBy: answer.by };
  const run = await upsertQueuedRun(tx, request);
  const place = { tenantId, schoolId, id: run.id };
  await addToScope(tx, place, entity, [recordId]);
  // What is made there again takes what it holds with it.
  if (conflict.kind === 'DELETED_EXTERNALLY') {
    for (const each of await relatedRecords(tx, tenantId, entity, [recordId]))
      await addToScope(tx, place, each.entity, each.recordIds);
  }
  await engine.enqueue(tx, { tenantId, integrationId, lane }, answer.now);

  return run.id;
}

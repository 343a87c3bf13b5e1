/** What a person's answer to a conflict does: a decision on the link, and for a push a small run of that record. */
import type { TransactionSql } from '../db/client.ts';
import { type ConflictRow, decideConflict, findConflict } from '../db/queries/engine/conflict.ts';
import { archiveRecord, dropOverrides, readRecord, writeOverride, writeRecord } from '../db/queries/engine/edit.ts';
import { findIntegration, otherLinks } from '../db/queries/engine/integration.ts';
import { changeLinks, findLink } from '../db/queries/engine/link.ts';
import { relatedRecords } from '../db/queries/engine/related.ts';
import { addToScope, upsertQueuedRun } from '../db/queries/engine/run.ts';
import type { Decisions } from '../db/tables/link.ts';
import type { Value } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound, Stale } from '../model/problems.ts';
import type { ConflictField, Resolution } from '../model/sync.ts';
import { contentHash, stableJson } from '../model/values.ts';
import { noteChanges } from './changes.ts';
import { type Engine, tell } from './engine.ts';
import { type Flow, flowsOf, localValues } from './flow.ts';

export interface Answer {
  tenantId: string;
  conflictId: string;
  /** The version the person saw. */
  version: number;
  resolution: Resolution;
  /** Only these fields; the others stay open. */
  fields?: readonly string[];
  by: string;
  now: Date;
}

type Needs = Pick<Engine, 'connectors' | 'clock' | 'enqueue'>;

interface Case {
  conflict: ConflictRow;
  flow: Flow;
  /** The fields the answer is about. */
  chosen: readonly ConflictField[];
  answer: Answer;
}

/**
 * Answers a question. Resolves to the run that carries out a PUSH_LOCAL, else null.
 *
 * @throws NotFound; Stale when either side has moved since; InvalidState when it is settled, or names no field of it.
 */
export async function resolveConflict(
  tx: TransactionSql,
  engine: Needs,
  answer: Answer,
): Promise<{ runId: string | null }> {
  const opened = await open(tx, engine, answer);
  const { conflict, chosen } = opened;
  const pushes = answer.resolution === 'PUSH_LOCAL' && opened.flow.stream.born !== 'there';
  const runId = pushes ? await requestPush(tx, engine, opened) : null;
  await act(tx, engine, opened);
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
  await tell(tx, conflict, [
    { kind: 'conflict', ids: [conflict.id] },
    { kind: 'integration', parentId: conflict.integrationId, ids: [conflict.integrationId] },
    { kind: 'run', parentId: runId, ids: runId ? [runId] : [] },
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
  const chosen = answer.fields
    ? conflict.fields.filter((field) => answer.fields?.includes(field.name))
    : conflict.fields;
  if (answer.fields && chosen.length < answer.fields.length)
    throw new InvalidState('It does not ask about all of these fields.');

  return { conflict, flow, chosen, answer };
}

function act(tx: TransactionSql, engine: Needs, opened: Case): Promise<void> {
  switch (opened.conflict.kind) {
    case 'FIELD_CHANGED':
      return actOnFields(tx, engine, opened);
    case 'DELETED_EXTERNALLY':
      return actOnVanished(tx, engine, opened);
    case 'DELETED_LOCALLY':
      return actOnArchived(tx, engine, opened);
    case 'DUPLICATE_MATCH':
      throw new InvalidState('Duplicate matches cannot be answered yet.');
  }
}

async function actOnFields(tx: TransactionSql, engine: Needs, opened: Case): Promise<void> {
  if (opened.flow.stream.born === 'there') return actOnSourceFields(tx, engine, opened);

  const { conflict, flow, chosen, answer } = opened;
  const link = await findLink(tx, conflict);
  switch (answer.resolution) {
    case 'ACCEPT_EXTERNAL': {
      // A reference that is derived here (who teaches a class) has no place to take their value: both sides are left.
      const taken = chosen.filter(({ name }) => name in flow.stream.fields);
      const left = chosen.filter(({ name }) => !(name in flow.stream.fields));
      const values = externalValues(taken);
      await writeHere(tx, engine, opened, values);
      const decisions = left.length > 0 ? ignoring(link?.decisions, left) : (link?.decisions ?? null);
      await changeLink(tx, conflict, { base: values, state: 'LINKED', decisions });
      return;
    }
    case 'PUSH_LOCAL': {
      const push = [...new Set([...(link?.decisions?.push ?? []), ...chosen.map((field) => field.name)])];
      await changeLink(tx, conflict, { decisions: { ...link?.decisions, push } });
      return;
    }
    case 'IGNORE':
      await changeLink(tx, conflict, { decisions: ignoring(link?.decisions, chosen) });
  }
}

/** At a source nothing can be written: its value is taken here, or ours is kept until it says something else again. */
async function actOnSourceFields(tx: TransactionSql, engine: Needs, opened: Case): Promise<void> {
  const { conflict, chosen, answer } = opened;
  switch (answer.resolution) {
    case 'ACCEPT_EXTERNAL':
      await dropOverrides(
        tx,
        conflict,
        chosen.map((field) => field.name),
      );
      await writeHere(tx, engine, opened, externalValues(chosen));
      return;
    case 'PUSH_LOCAL':
    case 'IGNORE':
      for (const field of chosen) await keepAgainstSource(tx, opened, field);
  }
}

function externalValues(fields: readonly ConflictField[]): Record<string, Value> {
  return Object.fromEntries(fields.map((field) => [field.name, field.externalValue as Value]));
}

/** These pairs of values are not asked about again. */
function ignoring(decisions: Decisions | null | undefined, fields: readonly ConflictField[]): Decisions {
  const pairs = fields.map(
    (field) => [field.name, { local: field.localValue, external: field.externalValue }] as const,
  );

  return { ...decisions, ignored: { ...decisions?.ignored, ...Object.fromEntries(pairs) } };
}

/** Writes the other side's values here. Where a source owns them they are kept against it, until it says something else. */
async function writeHere(
  tx: TransactionSql,
  engine: Needs,
  opened: Case,
  values: Record<string, Value>,
): Promise<void> {
  const { conflict, flow, answer } = opened;
  const chosen = opened.chosen.filter(({ name }) => name in values);
  const source = await sourceOf(tx, engine, conflict);
  await writeRecord(tx, conflict.tenantId, flow.shape, conflict.recordId, values);
  if (source) {
    for (const field of chosen) {
      await writeOverride(tx, conflict, field.name, {
        value: field.externalValue as Value,
        sourceValue: field.localValue as Value,
        decidedBy: answer.by,
      });
    }
  }
  const change = { entity: conflict.entity, recordIds: [conflict.recordId] };
  await noteChanges(tx, engine, { ...conflict, ...change });
  await tell(tx, conflict, [{ kind: 'record', entity: conflict.entity, ids: [conflict.recordId] }]);
}

async function keepAgainstSource(tx: TransactionSql, { conflict, answer }: Case, field: ConflictField): Promise<void> {
  await writeOverride(tx, conflict, field.name, {
    value: field.localValue as Value,
    sourceValue: field.externalValue as Value,
    decidedBy: answer.by,
  });
}

async function actOnVanished(tx: TransactionSql, engine: Needs, opened: Case): Promise<void> {
  const { conflict, flow, answer } = opened;
  switch (answer.resolution) {
    case 'ACCEPT_EXTERNAL': {
      await changeLink(tx, conflict, { state: 'EXCLUDED' });
      if (await sourceOf(tx, engine, conflict)) return;
      await archiveRecord(tx, conflict.tenantId, flow.shape, conflict.recordId);
      await noteChanges(tx, engine, { ...conflict, recordIds: [conflict.recordId] });
      await tell(tx, conflict, [{ kind: 'record', entity: conflict.entity, ids: [conflict.recordId] }]);
      return;
    }
    case 'PUSH_LOCAL':
      await changeLink(tx, conflict, { decisions: { makeAgain: true } });
      return;
    case 'IGNORE': {
      const local = await readRecord(tx, conflict.tenantId, flow.shape, conflict.recordId);
      await changeLink(tx, conflict, {
        decisions: { ignoredAbsence: contentHash(stableJson(localValues(flow, local ?? {}))) },
      });
    }
  }
}

async function actOnArchived(tx: TransactionSql, engine: Needs, opened: Case): Promise<void> {
  const { conflict, flow, answer } = opened;
  switch (answer.resolution) {
    case 'ACCEPT_EXTERNAL':
      // Back here, as the API words it; the values out there come with the next run's questions.
      await writeRecord(tx, conflict.tenantId, flow.shape, conflict.recordId, {}, 'ACTIVE');
      await noteChanges(tx, engine, { ...conflict, recordIds: [conflict.recordId] });
      await tell(tx, conflict, [{ kind: 'record', entity: conflict.entity, ids: [conflict.recordId] }]);
      return;
    case 'PUSH_LOCAL':
      await changeLink(tx, conflict, { decisions: { push: ['*'] } });
      return;
    case 'IGNORE':
      await changeLink(tx, conflict, { state: 'EXCLUDED' });
  }
}

async function requestPush(tx: TransactionSql, engine: Needs, { conflict, flow, answer }: Case): Promise<string> {
  const { tenantId, schoolId, integrationId, recordId, entity } = conflict;
  const whole = flow.stream.pull.some === undefined;
  const request = { tenantId, schoolId, integrationId, id: newId(), whole, dueAt: answer.now, requestedBy: answer.by };
  const run = await upsertQueuedRun(tx, { ...request, trigger: 'MANUAL', mode: 'DELTA' });
  const place = { tenantId, schoolId, id: run.id };
  await addToScope(tx, place, entity, [recordId]);
  // What is made there again takes what it holds with it.
  if (conflict.kind === 'DELETED_EXTERNALLY') {
    for (const each of await relatedRecords(tx, tenantId, entity, [recordId]))
      await addToScope(tx, place, each.entity, each.recordIds);
  }
  await engine.enqueue(tx, { tenantId, integrationId }, answer.now);

  return run.id;
}

async function changeLink(
  tx: TransactionSql,
  conflict: ConflictRow,
  change: Omit<Parameters<typeof changeLinks>[3][number], 'recordId'>,
): Promise<void> {
  await changeLinks(tx, conflict, null, [{ recordId: conflict.recordId, ...change }]);
}

/** The source that owns the record, when one does. */
async function sourceOf(tx: TransactionSql, engine: Needs, conflict: ConflictRow): Promise<string | null> {
  const links = await otherLinks(tx, conflict, conflict.recordId);
  const owner = links.find((link) => {
    const connector = engine.connectors.find((candidate) => candidate.id === link.provider);
    return connector?.streams[link.stream]?.born === 'there';
  });

  return owner?.integrationId ?? null;
}

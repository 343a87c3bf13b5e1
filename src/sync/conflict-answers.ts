/** What each answer does to the record and its link: the table of conflicts. */
import type { TransactionSql } from '../db/client.ts';
import type { ConflictRow } from '../db/queries/engine/conflict.ts';
import {
  archiveRecord,
  dropOverrides,
  readRecord,
  readRefs,
  writeOverride,
  writeRecord,
} from '../db/queries/engine/edit.ts';
import { type UpdateRow, updateHere } from '../db/queries/engine/here.ts';
import { changeLinks, findLink, holdersOf, holdersOfRecords, lookAgain } from '../db/queries/engine/link.ts';
import type { Decisions } from '../db/tables/link.ts';
import type { Value } from '../model/entities.ts';
import { Stale } from '../model/problems.ts';
import type { ConflictField, Resolution } from '../model/sync.ts';
import { noteChanges } from './changes.ts';
import { type Engine, tell } from './engine.ts';
import type { Flow } from './flow.ts';
import { contentOf, contentOfAll, contentOfThese } from './ignored.ts';
import { ownersOf } from './owners.ts';

export interface Answer {
  tenantId: string;
  conflictId: string;
  /** The version the person saw. */
  version: number;
  resolution: Resolution;
  /** Only these fields; the others stay open. */
  fields?: readonly string[];
  /** DUPLICATE_MATCH: the candidate to link. */
  externalId?: string;
  by: string;
  now: Date;
}

export type Needs = Pick<Engine, 'connectors' | 'clock' | 'enqueue'>;

export interface Case {
  conflict: ConflictRow;
  provider: string;
  flow: Flow;
  /** The fields the answer is about. */
  chosen: readonly ConflictField[];
  answer: Answer;
}

export function act(tx: TransactionSql, engine: Needs, opened: Case): Promise<void> {
  switch (opened.conflict.kind) {
    case 'FIELD_CHANGED':
      return actOnFields(tx, engine, opened);
    case 'DELETED_EXTERNALLY':
      return actOnVanished(tx, engine, opened);
    case 'DELETED_LOCALLY':
      return actOnArchived(tx, engine, opened);
    case 'DUPLICATE_MATCH':
      return actOnDuplicate(tx, opened);
  }
}

async function actOnFields(tx: TransactionSql, engine: Needs, opened: Case): Promise<void> {
  if (opened.flow.stream.born === 'there') return actOnSourceFields(tx, engine, opened);

  const { conflict, flow, chosen, answer } = opened;
  const link = await findLink(tx, conflict);
  switch (answer.resolution) {
    case 'ACCEPT_EXTERNAL': {
      // A reference that follows from what is here (who teaches a class) does not take their value: both sides are left.
      const taken = chosen.filter(({ name }) => name in flow.stream.fields || flow.stream.born === 'both');
      const left = chosen.filter((field) => !taken.includes(field));
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
  await lookAgain(tx, conflict);
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
  const owners = await ownersOf(tx, engine, conflict.tenantId, [conflict.recordId]);
  await writeRecord(tx, conflict.tenantId, flow.shape, conflict.recordId, values);
  const refs = Object.entries(values).filter(([name]) => !(name in flow.stream.fields));
  if (refs.length > 0) {
    const to = Object.fromEntries(refs) as UpdateRow['refs'];
    await updateHere(tx, { ...conflict, ...flow }, [
      { seq: 0, recordId: conflict.recordId, before: {}, after: {}, refs: to },
    ]);
  }
  for (const field of opened.chosen) {
    const owner = field.name in values ? owners.of(conflict.recordId, field.name) : null;
    if (owner === null || owner.integrationId === conflict.integrationId) continue;
    await writeOverride(tx, conflict, field.name, {
      value: field.externalValue as Value,
      sourceValue: field.localValue as Value,
      decidedBy: answer.by,
    });
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
      if (await hasSource(tx, engine, conflict)) return;
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
      const refs = await readRefs(tx, conflict.tenantId, flow.shape, conflict.recordId);
      await changeLink(tx, conflict, {
        decisions: { ignoredAbsence: contentOf(flow, local ?? {}, refs) },
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
      await changeLink(tx, conflict, { decisions: { ignoredPresence: contentOfThese(conflict.fields) } });
  }
}

/** Nothing is linked by guesswork: the chosen one, a new one, or none until our record changes. */
async function actOnDuplicate(tx: TransactionSql, { conflict, flow, answer }: Case): Promise<void> {
  const { resolution, externalId } = answer;
  if (resolution === 'IGNORE') {
    const local = await readRecord(tx, conflict.tenantId, flow.shape, conflict.recordId);
    await changeLink(tx, conflict, { state: 'EXCLUDED', decisions: { ignoredAbsence: contentOfAll(local ?? {}) } });
    return;
  }
  if (externalId === undefined) {
    await changeLink(tx, conflict, { state: 'WAITING', blocker: null, decisions: { makeNew: true } });
    return;
  }
  const holder = (await holdersOf(tx, conflict, [externalId])).get(externalId);
  if (holder !== undefined && holder !== conflict.recordId)
    throw new Stale('Another record has been linked to this one since: refetch and decide again.');
  const decisions = { adopt: externalId, ...(resolution === 'PUSH_LOCAL' && { push: ['*'] }) };
  await changeLink(tx, conflict, { key: externalId, state: 'WAITING', blocker: null, decisions });
}

async function changeLink(
  tx: TransactionSql,
  conflict: ConflictRow,
  change: Omit<Parameters<typeof changeLinks>[3][number], 'recordId'>,
): Promise<void> {
  await changeLinks(tx, conflict, null, [{ recordId: conflict.recordId, ...change }]);
}

/** Another integration brings the record into being: it is not ours to archive. */
async function hasSource(tx: TransactionSql, engine: Needs, conflict: ConflictRow): Promise<boolean> {
  const holders = await holdersOfRecords(tx, conflict.tenantId, [conflict.recordId]);

  return holders.some(({ integrationId, provider, stream }) => {
    const connector = engine.connectors.find((candidate) => candidate.id === provider);
    return integrationId !== conflict.integrationId && connector?.streams[stream]?.born !== 'here';
  });
}

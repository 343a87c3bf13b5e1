import {
  countOpenConflictsOfIntegrations,
  countSyncConflictsOfSchools,
  type SyncConflictRow,
  syncConflictsByIds,
  syncConflictsOfSchools,
} from '../db/queries/sync-conflict.ts';
import type { ConflictField, ConflictKind, ConflictStatus, Resolution } from '../model/sync.ts';
import { builder } from './builder.ts';
import { childConnection, counted } from './child-connection.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { EntityReference, EntityType } from './entity.ts';
import { visible } from './field-change.ts';
import { rawId } from './ids.ts';
import { Integration } from './integration.ts';
import { loaderFor } from './loaders.ts';
import { globalId, Node, registerNode } from './node.ts';
import { idsLimit, recordsAmong } from './record-filter.ts';
import { School } from './school.ts';

type Described<Word extends string> = Record<Word, { description: string }>;

const ConflictKindEnum = builder.enumType('ConflictKind', {
  description: 'What the two sides disagree about.',
  values: {
    FIELD_CHANGED: { description: 'A field that both sides may change has two values.' },
    DELETED_EXTERNALLY: { description: 'The record is gone in the other system.' },
    DELETED_LOCALLY: { description: 'The record is archived here, and changed in the other system since.' },
    DUPLICATE_MATCH: { description: 'The record could be one of several in the other system.' },
  } as const satisfies Described<ConflictKind>,
});

const ConflictStatusEnum = builder.enumType('ConflictStatus', {
  description: 'How far a conflict is settled.',
  values: {
    OPEN: { description: 'Waits for a decision.' },
    RESOLVING: { description: 'Decided, and our value is on its way there; OPEN again if that fails.' },
    RESOLVED: { description: 'Settled.' },
  } as const satisfies Described<ConflictStatus>,
});

export const ConflictResolution = builder.enumType('ConflictResolution', {
  description: 'How to settle a conflict. What each means depends on the conflict’s kind.',
  values: {
    ACCEPT_EXTERNAL: {
      description:
        'FIELD_CHANGED: their value here. DELETED_EXTERNALLY: archive here. DELETED_LOCALLY: bring it back here. DUPLICATE_MATCH: adopt one candidate.',
    },
    PUSH_LOCAL: {
      description:
        'FIELD_CHANGED: our value there. DELETED_EXTERNALLY: create it there again. DELETED_LOCALLY: remove it there. DUPLICATE_MATCH: create a new one there.',
    },
    IGNORE: { description: 'Leave both sides as they are. DUPLICATE_MATCH: link nothing.' },
  } as const satisfies Described<Resolution>,
});

const ConflictFieldType = builder.objectRef<ConflictField>('ConflictField').implement({
  description: 'A field with two values.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The field’s name.' }),
    baseValue: t.expose('baseValue', {
      type: 'JSON',
      nullable: true,
      description: 'What both sides last agreed on; null where there was none.',
    }),
    localValue: t.expose('localValue', {
      type: 'JSON',
      nullable: true,
      description: 'The value in Homeroom; null where there is none.',
    }),
    externalValue: t.expose('externalValue', {
      type: 'JSON',
      nullable: true,
      description: 'The value in the other system; null where there is none.',
    }),
  }),
});

const ConflictCandidate = builder.simpleObject('ConflictCandidate', {
  description: 'A record of the other system that ours could be.',
  fields: (t) => ({
    externalId: t.string({ description: 'Its id there.' }),
    name: t.string({ description: 'What people call it.' }),
  }),
});

const Decider = builder.simpleObject('Decider', {
  description: 'Who decided something.',
  fields: (t) => ({ name: t.string({ description: 'The person’s name, or the key’s.' }) }),
});

export const SyncConflict = builder.loadableObject('SyncConflict', {
  description: 'A question about one record that only a person can answer.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<SyncConflictRow[]> =>
    context.read((db) => syncConflictsByIds(db, ids)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('SyncConflict')),
    version: t.exposeInt('version', {
      description: 'Changes when either side moves: send back what the person saw.',
    }),
    integration: t.field({
      type: Integration,
      description: 'Between which two systems.',
      resolve: (row) => row.integrationId,
    }),
    entity: t.field({ type: EntityReference, description: 'The record in question.', resolve: (row) => row }),
    kind: t.expose('kind', { type: ConflictKindEnum, description: 'What the sides disagree about.' }),
    fields: t.field({
      type: [ConflictFieldType],
      description: 'The fields with two values. Contact details are left out without the scope `pii:read`.',
      resolve: (row, _args, context) => visible(context, row.fields),
    }),
    candidates: t.field({
      type: [ConflictCandidate],
      description: 'DUPLICATE_MATCH: who it could be in the other system; else empty.',
      resolve: ({ candidates }) => [...candidates],
    }),
    detectedAt: t.expose('detectedAt', { type: 'DateTime', description: 'When a run first saw it.' }),
    status: t.expose('status', { type: ConflictStatusEnum, description: 'How far it is settled.' }),
    resolution: t.field({
      type: ConflictResolution,
      nullable: true,
      description: 'What was decided; null while OPEN, or when both sides agreed again by themselves.',
      resolve: ({ status, resolution }) => (status === 'OPEN' ? null : resolution),
    }),
    resolvedBy: t.field({
      type: Decider,
      nullable: true,
      description: 'Who decided; null when nobody did yet, or both sides agreed by themselves.',
      resolve: ({ status, resolvedBy }) => (status === 'OPEN' || resolvedBy === null ? null : { name: resolvedBy }),
    }),
    resolvedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was settled; null until RESOLVED.',
      resolve: ({ status, resolvedAt }) => (status === 'RESOLVED' ? resolvedAt : null),
    }),
  }),
});

registerNode(SyncConflict);

const SyncConflictConnection = builder.connectionObject(
  { type: SyncConflict, name: 'SyncConflictConnection', description: 'A page of conflicts.' },
  { name: 'SyncConflictEdge', description: 'A conflict in a list.' },
);

const SyncConflictFilter = builder.inputType('SyncConflictFilter', {
  description: 'Which conflicts to list: those that fit everything given here.',
  fields: (t) => ({
    status: t.field({ type: [ConflictStatusEnum], description: 'In one of these states.' }),
    kind: t.field({ type: [ConflictKindEnum], description: 'Of one of these kinds.' }),
    integrationIds: t.idList({ description: 'Of one of these integrations.' }),
    entityType: t.field({ type: [EntityType], description: 'About one of these kinds of records.' }),
    recordIds: t.idList({ description: `About one of these records. ${idsLimit}` }),
    detectedFrom: t.field({ type: 'DateTime', description: 'First seen at this instant or later.' }),
    detectedBefore: t.field({ type: 'DateTime', description: 'First seen before this instant.' }),
  }),
});

const SyncConflictOrder = orderInput('SyncConflict', { DETECTED_AT: { description: 'When a run first saw it.' } });

builder.objectField(School, 'conflicts', (t) =>
  t.field({
    type: SyncConflictConnection,
    description: 'The school’s conflicts in all its integrations, newest first unless told otherwise.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: SyncConflictFilter, description: 'Which conflicts; left out: all.' }),
      orderBy: t.arg({ type: SyncConflictOrder, description: 'In which order; left out: newest first.' }),
    },
    resolve: (school, { filter, orderBy, ...args }, context, info) => {
      const wanted = {
        status: filter?.status ?? undefined,
        kind: filter?.kind ?? undefined,
        integrationIds: filter?.integrationIds?.flatMap((id) => rawId('Integration', id) ?? []),
        entities: filter?.entityType ?? undefined,
        recordIds: filter?.recordIds == null ? undefined : recordsAmong(filter.recordIds),
        detected: { from: filter?.detectedFrom, before: filter?.detectedBefore },
      };

      return childConnection<SyncConflictRow>(context, info, school, {
        name: 'conflicts',
        args,
        descending: orderBy?.direction !== 'ASC',
        key: (row) => row.id,
        parentOf: (row) => row.schoolId,
        load: (db, ids, page) => syncConflictsOfSchools(db, ids, page, wanted),
        count: (db, ids) => countSyncConflictsOfSchools(db, ids, wanted),
      });
    },
  }),
);

builder.objectField(Integration, 'openConflictCount', (t) =>
  t.int({
    description: 'How many of its conflicts are OPEN.',
    resolve: (integration, _args, context) =>
      loaderFor<number>(context, null, 'openConflicts', async (ids) => {
        const counts = await context.read((db) => countOpenConflictsOfIntegrations(db, ids));

        return counted(ids, counts);
      }).load(integration.id),
  }),
);

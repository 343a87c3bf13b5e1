import { countSyncLogsOfRuns, type SyncLogRow, syncLogsByIds, syncLogsOfRuns } from '../db/queries/sync-log.ts';
import { builder } from './builder.ts';
import { childConnection } from './child-connection.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { EntityReference } from './entity.ts';
import { changesBetween, FieldChange, visible } from './field-change.ts';
import { idIn } from './input.ts';
import { globalId, Node, registerNode } from './node.ts';
import { mentions } from './selection.ts';
import { SyncRun } from './sync-run.ts';
import { SyncLogStatus } from './sync-words.ts';

export const SyncLog = builder.loadableObject('SyncLog', {
  description: 'One operation of a run’s plan, and what became of it.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<SyncLogRow[]> => context.read((db) => syncLogsByIds(db, ids)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('SyncLog')),
    syncRun: t.field({ type: SyncRun, description: 'The run it belongs to.', resolve: (row) => row.runId }),
    action: t.exposeString('action', {
      description: 'What was to be done, from the general to the particular: `google_classroom.roster.student.add`.',
    }),
    status: t.expose('status', { type: SyncLogStatus, description: 'What became of it.' }),
    timestamp: t.expose('at', { type: 'DateTime', description: 'Since when it has its present status.' }),
    details: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The provider’s response or error, without secrets; null while PENDING.',
      resolve: ({ status, details }) => (status === 'PENDING' ? null : (details ?? {})),
    }),
    reason: t.exposeString('reason', { description: 'Why the engine did this, in one sentence.' }),
    entity: t.field({ type: EntityReference, description: 'The record it is about.', resolve: (row) => row }),
    changes: t.field({
      type: [FieldChange],
      description: 'The fields it changes. Contact details are left out without the scope `pii:read`.',
      resolve: ({ before, after }, _args, context) => visible(context, changesBetween(before, after)),
    }),
  }),
});

registerNode(SyncLog);

const SyncLogConnection = builder.connectionObject(
  { type: SyncLog, name: 'SyncLogConnection', description: 'A page of a run’s log.' },
  { name: 'SyncLogEdge', description: 'An operation in a list.' },
);

const SyncLogFilter = builder.inputType('SyncLogFilter', {
  description: 'Which operations to list: those that fit everything given here.',
  fields: (t) => ({
    status: t.field({ type: [SyncLogStatus], description: 'With one of these outcomes.' }),
    action: t.string({ description: 'Whose action begins so: `google_classroom.roster`.' }),
    personId: t.id({
      description: 'About this person or one of their enrollments. Batches that stand for many records are left out.',
    }),
    classId: t.id({
      description: 'About this class or one of its enrollments. Batches that stand for many records are left out.',
    }),
    timestampFrom: t.field({ type: 'DateTime', description: 'Whose `timestamp` is this instant or later.' }),
    timestampBefore: t.field({ type: 'DateTime', description: 'Whose `timestamp` is before this instant.' }),
  }),
});

const SyncLogOrder = orderInput('SyncLog', {
  PLACE: { description: 'The place in the plan, which never changes.' },
});

builder.objectField(SyncRun, 'logs', (t) =>
  t.field({
    type: SyncLogConnection,
    description: 'Its plan, and what became of each operation; the last planned first unless told otherwise.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: SyncLogFilter, description: 'Which operations; left out: all.' }),
      orderBy: t.arg({ type: SyncLogOrder, description: 'In which order; left out: the last planned first.' }),
    },
    resolve: (run, { filter, orderBy, ...args }, context, info) => {
      const wanted = {
        status: filter?.status ?? undefined,
        action: filter?.action ?? undefined,
        personId: filter?.personId == null ? undefined : idIn('Person', filter.personId),
        classId: filter?.classId == null ? undefined : idIn('Class', filter.classId),
        settled: { from: filter?.timestampFrom, before: filter?.timestampBefore },
      };
      const parts = {
        about: mentions(info, 'reason') || mentions(info, 'entity'),
        values: mentions(info, 'details') || mentions(info, 'changes'),
      };

      return childConnection<SyncLogRow>(context, info, run, {
        name: 'logs',
        args,
        descending: orderBy?.direction !== 'ASC',
        key: (row) => String(row.seq),
        keyLooks: (text) => /^\d{1,15}$/.test(text),
        parentOf: (row) => row.runId,
        variant: `${parts.about} ${parts.values}`,
        load: (db, ids, page) => syncLogsOfRuns(db, ids, page, wanted, parts),
        count: (db, ids) => countSyncLogsOfRuns(db, ids, wanted),
      });
    },
  }),
);

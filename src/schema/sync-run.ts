import {
  countSyncRunsOfIntegrations,
  type SyncRunRow,
  syncRunsByIds,
  syncRunsOfIntegrations,
} from '../db/queries/sync-run.ts';
import { finalStatuses, type RunCounts, type RunError, type RunPhase } from '../model/sync.ts';
import { builder } from './builder.ts';
import { childConnection } from './child-connection.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { Integration } from './integration.ts';
import { grouped, loaderFor } from './loaders.ts';
import { globalId, Node, registerNode } from './node.ts';
import { SyncMode, SyncPhase, SyncRunStatus, SyncTrigger } from './sync-words.ts';

const SyncCounts = builder.objectRef<RunCounts>('SyncCounts').implement({
  description: 'What a run did, in records.',
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'Made, here or there.' }),
    updated: t.exposeInt('updated', { description: 'Changed, here or there.' }),
    deleted: t.exposeInt('deleted', { description: 'Archived or removed, here or there.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Looked at and left as they were.' }),
    skipped: t.exposeInt('skipped', { description: 'Not written, for a reason the log tells.' }),
    failed: t.exposeInt('failed', { description: 'Refused, or not answered.' }),
    conflicts: t.exposeInt('conflicts', { description: 'Left for a person to decide.' }),
  }),
});

const SyncProgress = builder.simpleObject('SyncProgress', {
  description: 'How far a running sync has come.',
  fields: (t) => ({
    phase: t.field({ type: SyncPhase, description: 'What it is doing now.' }),
    completed: t.int({ description: 'Records done in this phase.' }),
    total: t.int({ nullable: true, description: 'Records there will be in this phase; null while unknown.' }),
  }),
});

const SyncError = builder.objectRef<RunError>('SyncError').implement({
  description: 'Why a run could not go on.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable, for programs: `oneroster_not_found_at_address`.' }),
    message: t.exposeString('message', { description: 'What happened, in one sentence.' }),
    remedy: t.exposeString('remedy', { description: 'What an administrator can do about it.' }),
  }),
});

const SyncPlan = builder.simpleObject('SyncPlan', {
  description: 'What a run means to do, as a person may approve it.',
  fields: (t) => ({
    hash: t.string({ description: 'Names exactly this plan: send it back to approve it.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it can be approved; of a run that has ended, its end.',
    }),
  }),
});

const SyncReport = builder.simpleObject('SyncReport', {
  description: 'A run’s errors and warnings as a CSV file.',
  fields: (t) => ({
    url: t.string({ description: 'Where to fetch it, without a key.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when the address works.' }),
  }),
});

const progressOf = ({
  status,
  phase,
  completed,
  total,
}: SyncRunRow): { phase: RunPhase; completed: number; total: number | null } | null =>
  status === 'RUNNING' ? { phase: phase ?? 'PULLING', completed, total } : null;

/** Nothing more happens in it. */
export const hasEnded = ({ status }: SyncRunRow): boolean => (finalStatuses as readonly string[]).includes(status);

function planOf({ planHash, planExpiresAt, finishedAt }: SyncRunRow): { hash: string; expiresAt: Date } | null {
  const expiresAt = planExpiresAt ?? finishedAt;

  return planHash === null || expiresAt === null ? null : { hash: planHash, expiresAt };
}

export const SyncRun = builder.loadableObject('SyncRun', {
  description:
    'One pass over one integration: what is there is read, compared with what is here, and the difference settled.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<SyncRunRow[]> => context.read((db) => syncRunsByIds(db, ids)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('SyncRun')),
    integration: t.field({ type: Integration, description: 'What it syncs.', resolve: (row) => row.integrationId }),
    status: t.expose('status', { type: SyncRunStatus, description: 'Where it stands.' }),
    trigger: t.expose('trigger', { type: SyncTrigger, description: 'What set it off.' }),
    mode: t.expose('mode', { type: SyncMode, description: 'How much it reads, and whether it writes.' }),
    heldReason: t.string({
      nullable: true,
      description: 'Why something waits for a person, in one sentence; null unless HELD.',
      resolve: ({ status, heldReason }) => (status === 'HELD' ? heldReason : null),
    }),
    error: t.field({
      type: SyncError,
      nullable: true,
      description: 'Why it could not go on; null unless FAILED.',
      resolve: ({ status, error }) => (status === 'FAILED' ? error : null),
    }),
    progress: t.field({
      type: SyncProgress,
      nullable: true,
      description: 'How far it has come; null unless RUNNING.',
      resolve: progressOf,
    }),
    counts: t.field({
      type: SyncCounts,
      description: 'What it has done so far; of a preview that waits, what it would do.',
      resolve: (row) => row,
    }),
    plan: t.field({
      type: SyncPlan,
      nullable: true,
      description: 'What it means to do; null until planned.',
      resolve: planOf,
    }),
    report: t.field({
      type: SyncReport,
      nullable: true,
      description: 'Its errors and warnings as a file; null until it has ended.',
      resolve: (row, _args, { deps, identity }) =>
        hasEnded(row) ? deps.reports.link({ tenantId: identity.tenantId, schoolId: row.schoolId, id: row.id }) : null,
    }),
    requestedBy: t.exposeString('requestedBy', {
      nullable: true,
      description: 'The name of whoever asked for it; null when nobody did.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it began; null while QUEUED.',
      resolve: ({ status, startedAt }) => (status === 'QUEUED' ? null : startedAt),
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null until then, also while HELD.',
      resolve: (row) => (hasEnded(row) ? row.finishedAt : null),
    }),
  }),
});

registerNode(SyncRun);

const SyncRunConnection = builder.connectionObject(
  { type: SyncRun, name: 'SyncRunConnection', description: 'A page of runs.' },
  { name: 'SyncRunEdge', description: 'A run in a list.' },
);

const SyncRunFilter = builder.inputType('SyncRunFilter', {
  description: 'Which runs to list: those that fit everything given here.',
  fields: (t) => ({
    status: t.field({ type: [SyncRunStatus], description: 'In one of these states.' }),
    trigger: t.field({ type: [SyncTrigger], description: 'Set off by one of these.' }),
    mode: t.field({ type: [SyncMode], description: 'In one of these modes.' }),
    createdFrom: t.field({ type: 'DateTime', description: 'Asked for at this instant or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Asked for before this instant.' }),
  }),
});

const SyncRunOrder = orderInput('SyncRun', { CREATED_AT: { description: 'When the run was asked for.' } });

builder.objectField(Integration, 'syncRuns', (t) =>
  t.field({
    type: SyncRunConnection,
    description: 'Its runs, newest first unless told otherwise.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: SyncRunFilter, description: 'Which runs; left out: all.' }),
      orderBy: t.arg({ type: SyncRunOrder, description: 'In which order; left out: newest first.' }),
    },
    resolve: (integration, { filter, orderBy, ...args }, context, info) => {
      const wanted = {
        status: filter?.status ?? undefined,
        trigger: filter?.trigger ?? undefined,
        mode: filter?.mode ?? undefined,
        created: { from: filter?.createdFrom, before: filter?.createdBefore },
      };

      return childConnection<SyncRunRow>(context, info, integration, {
        name: 'syncRuns',
        args,
        descending: orderBy?.direction !== 'ASC',
        key: (row) => row.id,
        parentOf: (row) => row.integrationId,
        load: (db, ids, page) => syncRunsOfIntegrations(db, ids, page, wanted),
        count: (db, ids) => countSyncRunsOfIntegrations(db, ids, wanted),
      });
    },
  }),
);

builder.objectField(Integration, 'latestSyncRun', (t) =>
  t.field({
    type: SyncRun,
    nullable: true,
    description: 'The run that was asked for last; null before the first.',
    authScopes: { scope: 'roster:read' },
    resolve: (integration, _args, context) =>
      loaderFor<SyncRunRow | null>(context, null, 'latestSyncRun', async (ids) => {
        const newest = { after: null, limit: 1, descending: true };
        const rows = await context.read((db) => syncRunsOfIntegrations(db, ids, newest));

        return grouped(ids, rows, (row) => row.integrationId).map(([run]) => run ?? null);
      }).load(integration.id),
  }),
);

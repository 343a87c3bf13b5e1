/** Asking for a run, saying yes to it, and stopping it. */
import { InvalidState, NotFound, Stale } from '../model/problems.ts';
import { builder } from './builder.ts';
import { act, idIn, idsIn } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { SyncRun } from './sync-run.ts';
import { SyncMode } from './sync-words.ts';

const TriggerSyncInput = builder.inputType('TriggerSyncInput', {
  description: 'What to sync. Without classes and people: the whole integration.',
  fields: (t) => ({
    integrationId: t.id({ required: true, description: 'The integration.' }),
    mode: t.field({ type: SyncMode, defaultValue: 'DELTA', description: 'How much to read, and whether to write.' }),
    classIds: t.idList({ description: 'Only these classes, at most 200.' }),
    personIds: t.idList({ description: 'Only these people, at most 200.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const TriggerSyncPayload = builder.simpleObject('TriggerSyncPayload', {
  description: 'The run was asked for.',
  fields: (t) => ({
    syncRun: t.field({ type: SyncRun, description: 'The run: a new one, or the one that already waits.' }),
  }),
});

builder.mutationField('triggerSync', (t) =>
  t.field({
    type: TriggerSyncPayload,
    description:
      'Asks for a run. While one is under way, requests for the whole integration become the one run that waits behind it. Chosen classes or people go in between two batches of it, in a run of their own; such requests add up while theirs waits. Where the provider can only be read whole they wait like the others.',
    authScopes: { scope: 'sync:run' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: TriggerSyncInput, required: true, description: 'What to sync.' }) },
    resolve: once(async (input, context) => {
      const { tenantId, by: requestedBy, now } = act(context);
      const classIds = idsIn('Class', 'classIds', input.classIds);
      const personIds = idsIn('Person', 'personIds', input.personIds);
      const request = {
        tenantId,
        integrationId: idIn('Integration', input.integrationId),
        trigger: 'MANUAL' as const,
        mode: input.mode ?? ('DELTA' as const),
        ...(classIds && { classIds }),
        ...(personIds && { personIds }),
        requestedBy,
        now,
      };

      return { syncRun: await context.write((tx) => context.deps.sync.requestRun(tx, request)) };
    }),
  }),
);

const SyncPersonInput = builder.inputType('SyncPersonInput', {
  description: 'Whom to sync.',
  fields: (t) => ({
    personId: t.id({ required: true, description: 'The person.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const SyncPersonPayload = builder.simpleObject('SyncPersonPayload', {
  description: 'The runs were asked for.',
  fields: (t) => ({
    syncRuns: t.field({
      type: [SyncRun],
      description:
        'One for each connected integration of the school that knows people: a new one, or the one that already waits.',
    }),
  }),
});

builder.mutationField('syncPerson', (t) =>
  t.field({
    type: SyncPersonPayload,
    description:
      'Syncs one person now, everywhere, with the classes they are enrolled in. A source that cannot be asked for one person is asked for what changed.',
    authScopes: { scope: 'sync:run' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: SyncPersonInput, required: true, description: 'Whom.' }) },
    resolve: once(async (input, context) => {
      const request = { ...act(context), personId: idIn('Person', input.personId) };

      return { syncRuns: await context.write((tx) => context.deps.sync.syncPerson(tx, request)) };
    }),
  }),
);

const ApproveSyncRunInput = builder.inputType('ApproveSyncRunInput', {
  description: 'A yes to a plan.',
  fields: (t) => ({
    syncRunId: t.id({ required: true, description: 'The run that is HELD.' }),
    planHash: t.string({ required: true, description: 'The `plan.hash` the person read.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ApproveSyncRunPayload = builder.simpleObject('ApproveSyncRunPayload', {
  description: 'The plan was approved.',
  fields: (t) => ({ syncRun: t.field({ type: SyncRun, description: 'The run, which goes round again.' }) }),
});

builder.mutationField('approveSyncRun', (t) =>
  t.field({
    type: ApproveSyncRunPayload,
    description: 'Lets what waits be done. Another hash, or a plan that has lapsed, answers STALE.',
    authScopes: { scope: 'sync:approve' },
    errors: { types: [...retryErrors, NotFound, Stale, InvalidState] },
    args: { input: t.arg({ type: ApproveSyncRunInput, required: true, description: 'Which plan.' }) },
    resolve: once(async (input, context) => {
      const runId = idIn('SyncRun', input.syncRunId);
      const request = { ...act(context), runId, planHash: input.planHash };
      await context.write((tx) => context.deps.sync.approveRun(tx, request));

      return { syncRun: runId };
    }),
  }),
);

const CancelSyncRunInput = builder.inputType('CancelSyncRunInput', {
  description: 'Which run to stop.',
  fields: (t) => ({
    syncRunId: t.id({ required: true, description: 'The run.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const CancelSyncRunPayload = builder.simpleObject('CancelSyncRunPayload', {
  description: 'The run was told to stop.',
  fields: (t) => ({
    syncRun: t.field({ type: SyncRun, description: 'The run; one that is RUNNING stops at its next step.' }),
  }),
});

builder.mutationField('cancelSyncRun', (t) =>
  t.field({
    type: CancelSyncRunPayload,
    description: 'Stops a run: what is done stays done. On a run that is HELD it means no.',
    authScopes: { scope: 'sync:run' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: CancelSyncRunInput, required: true, description: 'Which run.' }) },
    resolve: once(async (input, context) => {
      const runId = idIn('SyncRun', input.syncRunId);
      await context.write((tx) => context.deps.sync.cancelRun(tx, { ...act(context), runId }));

      return { syncRun: runId };
    }),
  }),
);

const RetryFailedInput = builder.inputType('RetryFailedInput', {
  description: 'Which run’s failures to try again.',
  fields: (t) => ({
    syncRunId: t.id({ required: true, description: 'The run; it has ended.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const RetryFailedPayload = builder.simpleObject('RetryFailedPayload', {
  description: 'What failed is tried again.',
  fields: (t) => ({
    syncRun: t.field({ type: SyncRun, description: 'The new run; while one is under way already, that one.' }),
  }),
});

builder.mutationField('retryFailed', (t) =>
  t.field({
    type: RetryFailedPayload,
    description: 'Asks for a run of only what failed in another, and of what waited for it.',
    authScopes: { scope: 'sync:run' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: RetryFailedInput, required: true, description: 'Which run.' }) },
    resolve: once(async (input, context) => {
      const request = { ...act(context), runId: idIn('SyncRun', input.syncRunId) };

      return { syncRun: await context.write((tx) => context.deps.sync.retryFailed(tx, request)) };
    }),
  }),
);

const UndoSyncRunInput = builder.inputType('UndoSyncRunInput', {
  description: 'Which run to undo.',
  fields: (t) => ({
    syncRunId: t.id({ required: true, description: 'The run; it has ended.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UndoSyncRunPayload = builder.simpleObject('UndoSyncRunPayload', {
  description: 'The undo is being planned.',
  fields: (t) => ({
    syncRun: t.field({
      type: SyncRun,
      description: 'The run that undoes; it ends HELD for approval. Its plan is null until it is made.',
    }),
  }),
});

builder.mutationField('undoSyncRun', (t) =>
  t.field({
    type: UndoSyncRunPayload,
    description:
      'Plans the inverse of what a run wrote. What has changed since, or cannot be taken back, is left alone and listed in the log.',
    authScopes: { scope: 'sync:run' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: UndoSyncRunInput, required: true, description: 'Which run.' }) },
    resolve: once(async (input, context) => {
      const request = { ...act(context), runId: idIn('SyncRun', input.syncRunId) };

      return { syncRun: await context.write((tx) => context.deps.sync.undoRun(tx, request)) };
    }),
  }),
);

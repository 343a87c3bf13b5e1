import { InvalidState, NotFound, Stale } from '../model/problems.ts';
import { builder } from './builder.ts';
import { act, idIn, invalid } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { ConflictResolution, SyncConflict } from './sync-conflict.ts';
import { SyncRun } from './sync-run.ts';

const ResolveConflictInput = builder.inputType('ResolveConflictInput', {
  description: 'A person’s decision about a conflict.',
  fields: (t) => ({
    conflictId: t.id({ required: true, description: 'The conflict.' }),
    version: t.int({ required: true, description: 'The version the person saw; another one answers STALE.' }),
    resolution: t.field({ type: ConflictResolution, required: true, description: 'What was decided.' }),
    fields: t.stringList({ description: 'Only these fields; the others stay OPEN. Left out: all.' }),
    externalId: t.string({
      description:
        'DUPLICATE_MATCH: the candidate to link. ACCEPT_EXTERNAL takes its values and needs it; PUSH_LOCAL writes ours to it, or without it makes a new one.',
    }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ResolveConflictPayload = builder.simpleObject('ResolveConflictPayload', {
  description: 'The decision was taken down.',
  fields: (t) => ({
    conflict: t.field({ type: SyncConflict, description: 'The conflict as it is now.' }),
    syncRun: t.field({ type: SyncRun, nullable: true, description: 'The run of PUSH_LOCAL; null otherwise.' }),
  }),
});

builder.mutationField('resolveConflict', (t) =>
  t.field({
    type: ResolveConflictPayload,
    description: 'Settles a conflict.',
    authScopes: { scope: 'sync:approve' },
    errors: { types: [...retryErrors, NotFound, Stale, InvalidState] },
    args: { input: t.arg({ type: ResolveConflictInput, required: true, description: 'The decision.' }) },
    resolve: once(async (input, context) => {
      const { version, resolution, fields, externalId } = input;
      const conflictId = idIn('SyncConflict', input.conflictId);
      if (fields?.length === 0) throw invalid('fields', 'Name at least one field, or leave this out.');

      const request = {
        ...act(context),
        conflictId,
        version,
        resolution,
        ...(fields && { fields }),
        ...(externalId != null && { externalId }),
      };
      const { runId } = await context.write((tx) => context.deps.sync.resolveConflict(tx, request));

      return { conflict: conflictId, syncRun: runId };
    }),
  }),
);

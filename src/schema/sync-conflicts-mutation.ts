/** One answer to many conflicts at once. */
import { builder } from './builder.ts';
import { codeOf, ErrorCode } from './errors.ts';
import { act, idIn, invalid } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { ConflictResolution, SyncConflict } from './sync-conflict.ts';
import { SyncRun } from './sync-run.ts';

const most = 200;

const ConflictVersionInput = builder.inputType('ConflictVersionInput', {
  description: 'A conflict as the person saw it.',
  fields: (t) => ({
    conflictId: t.id({ required: true, description: 'The conflict.' }),
    version: t.int({ required: true, description: 'The version the person saw; another one answers STALE.' }),
  }),
});

const ResolveConflictsInput = builder.inputType('ResolveConflictsInput', {
  description: 'The same decision about several conflicts.',
  fields: (t) => ({
    conflicts: t.field({
      type: [ConflictVersionInput],
      required: true,
      description: `Which, at most ${most}; of the same one named twice, the first counts.`,
    }),
    resolution: t.field({ type: ConflictResolution, required: true, description: 'What was decided.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ConflictFailure = builder.simpleObject('ConflictFailure', {
  description: 'A conflict that could not be settled; the others were.',
  fields: (t) => ({
    conflictId: t.id({ description: 'The id that was given.' }),
    code: t.field({ type: ErrorCode, description: 'The kind of refusal.' }),
    message: t.string({ description: 'One sentence for the person.' }),
  }),
});

const ResolveConflictsPayload = builder.simpleObject('ResolveConflictsPayload', {
  description: 'Each decision was taken down, or refused by itself.',
  fields: (t) => ({
    conflicts: t.field({ type: [SyncConflict], description: 'Those that were settled, as they are now.' }),
    failures: t.field({ type: [ConflictFailure], description: 'Those that were not, and why.' }),
    syncRuns: t.field({ type: [SyncRun], description: 'The runs of PUSH_LOCAL, one for each integration.' }),
  }),
});

builder.mutationField('resolveConflicts', (t) =>
  t.field({
    type: ResolveConflictsPayload,
    description: 'Settles several conflicts alike, each by itself: one that is refused leaves the others settled.',
    authScopes: { scope: 'sync:approve' },
    errors: { types: [...retryErrors] },
    args: { input: t.arg({ type: ResolveConflictsInput, required: true, description: 'The decision.' }) },
    resolve: once(async (input, context) => {
      const { resolution } = input;
      if (input.conflicts.length === 0) throw invalid('conflicts', 'Choose at least one.');
      if (input.conflicts.length > most) throw invalid('conflicts', `Choose at most ${most}.`);
      const given = new Map<string, { globalId: string; version: number }>();
      for (const { conflictId, version } of input.conflicts) {
        const id = idIn('SyncConflict', conflictId);
        if (!given.has(id)) given.set(id, { globalId: conflictId, version });
      }
      const conflicts = [...given].map(([conflictId, { version }]) => ({ conflictId, version }));
      const request = { ...act(context), conflicts, resolution };
      const { settled, failures, runIds } = await context.write((tx) =>
        context.deps.sync.resolveConflicts(tx, request),
      );

      return {
        conflicts: settled,
        failures: failures.map(({ conflictId, error }) => ({
          conflictId: given.get(conflictId)?.globalId ?? conflictId,
          code: codeOf(error),
          message: error.message,
        })),
        syncRuns: runIds,
      };
    }),
  }),
);

import { countExportsOfSchools, endExport, exportToChange, forgetExports, insertExport } from '../db/queries/export.ts';
import { schoolsByIds } from '../db/queries/school.ts';
import { exportLifetimeMs, exportOrder, isExportOpen } from '../model/export.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound } from '../model/problems.ts';
import { builder } from './builder.ts';
import { EntityType } from './entity.ts';
import { askerSeen, Export } from './export.ts';
import { idIn, invalid } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { RecordStatus } from './record.ts';

/** Of one asker at one school that wait to be fetched to their end: each may be a stream that reads the whole school. */
const mostOpen = 10;

const keptMs = 90 * 24 * 60 * 60 * 1_000;

const StartExportInput = builder.inputType('StartExportInput', {
  description: 'What to export. What is left out narrows nothing, but for `status`.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    entityTypes: t.field({ type: [EntityType], description: 'Only these kinds of records; left out: all of them.' }),
    status: t.field({ type: [RecordStatus], description: 'Records in one of these states; left out: ACTIVE.' }),
    updatedSince: t.field({
      type: 'DateTime',
      description:
        'Only what changed in Homeroom at this instant or later. With ARCHIVED among `status` it tells of what is gone, too.',
    }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const StartExportPayload = builder.simpleObject('StartExportPayload', {
  description: 'The export can be fetched.',
  fields: (t) => ({ export: t.field({ type: Export, description: 'The export; `download` says where to fetch it.' }) }),
});

/** @throws ValidationFailed for an empty list, which would be an export of nothing. */
function chosen<Word>(field: string, words: readonly Word[] | null | undefined, all: readonly Word[]): Word[] {
  if (words?.length === 0) throw invalid(field, 'Choose at least one, or leave this out.');

  return [...new Set(words ?? all)];
}

builder.mutationField('startExport', (t) =>
  t.field({
    type: StartExportPayload,
    description:
      'Makes a school’s records ready to be fetched as JSON Lines, for 24 hours. Nothing is stored: they are read under your rights while you fetch them.',
    authScopes: { scope: 'roster:read' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: StartExportInput, required: true, description: 'What to export.' }) },
    resolve: once(async (input, context) => {
      const { identity, deps } = context;
      const { tenantId, actor } = identity;
      const schoolId = idIn('School', input.schoolId);
      const wanted = chosen('entityTypes', input.entityTypes, exportOrder);
      const recordStatus = chosen('status', input.status, ['ACTIVE'] as const);
      const liveCursor = await deps.feed.cursor(tenantId);
      const now = deps.clock.now();
      const id = newId();
      await context.write(async (tx) => {
        if ((await schoolsByIds(tx, [schoolId])).length === 0) throw new NotFound('There is no such school.');
        await forgetExports(tx, schoolId, new Date(now.getTime() - keptMs));
        const open = { askedBy: actor.id, status: ['PENDING', 'RUNNING'] as const, now };
        const [counted] = await countExportsOfSchools(tx, [schoolId], open);
        if ((counted?.count ?? 0) >= mostOpen) {
          throw new InvalidState(`${mostOpen} exports of this school wait for you already: fetch or cancel one.`);
        }
        await insertExport(tx, {
          tenantId,
          id,
          schoolId,
          recordStatus,
          liveCursor,
          entities: exportOrder.filter((entity) => wanted.includes(entity)),
          updatedSince: input.updatedSince ?? null,
          contacts: context.has('pii:read'),
          askerKind: actor.kind,
          askedBy: actor.id,
          askerName: actor.name,
          createdAt: now,
          expiresAt: new Date(now.getTime() + exportLifetimeMs),
        });
      });

      return { export: id };
    }),
  }),
);

const CancelExportInput = builder.inputType('CancelExportInput', {
  description: 'Which export to end.',
  fields: (t) => ({
    exportId: t.id({ required: true, description: 'The export.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const CancelExportPayload = builder.simpleObject('CancelExportPayload', {
  description: 'The export has ended.',
  fields: (t) => ({ export: t.field({ type: Export, description: 'The export, CANCELLED.' }) }),
});

builder.mutationField('cancelExport', (t) =>
  t.field({
    type: CancelExportPayload,
    description:
      'Ends an export: its links open nothing any more, and a transfer that is under way breaks off within seconds.',
    authScopes: { scope: 'roster:read' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: CancelExportInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => {
      const id = idIn('Export', input.exportId);
      const now = context.deps.clock.now();
      await context.write(async (tx) => {
        const row = await exportToChange(tx, id, askerSeen(context));
        if (row === undefined) throw new NotFound('There is no such export.');
        if (!isExportOpen(row, now)) throw new InvalidState('This export has ended already.');
        await endExport(tx, id, 'CANCELLED', now);
      });

      return { export: id };
    }),
  }),
);

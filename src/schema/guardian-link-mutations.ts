import { z } from 'zod';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { optionalText } from './form-fields.ts';
import { GuardianLink } from './guardian-link.ts';
import { act, idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { archive } from './record-status.ts';

const relationship = 'What the adult is to the student: `parent`, `guardian` …';

const CreateGuardianLinkInput = builder.inputType('CreateGuardianLinkInput', {
  description: 'Which adult answers for which student.',
  fields: (t) => ({
    studentId: t.id({ required: true, description: 'The student.' }),
    guardianId: t.id({ required: true, description: 'The adult, of the same school.' }),
    relationship: t.string({ description: relationship }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateGuardianLinkInput = builder.inputType('UpdateGuardianLinkInput', {
  description: 'What to change about a guardian link. What is left out stays as it is; null empties it.',
  fields: (t) => ({
    guardianLinkId: t.id({ required: true, description: 'The guardian link.' }),
    relationship: t.string({ description: relationship }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const GuardianLinkChanges = z.object({ relationship: optionalText }).partial();

const CreateGuardianLinkPayload = builder.simpleObject('CreateGuardianLinkPayload', {
  description: 'The adult answers for the student.',
  fields: (t) => ({ guardianLink: t.field({ type: GuardianLink, description: 'The guardian link.' }) }),
});

builder.mutationField('createGuardianLink', (t) =>
  t.field({
    type: CreateGuardianLinkPayload,
    description:
      'Lets an adult answer for a student in Homeroom; connected destinations follow by themselves. One that was put away here comes back.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: CreateGuardianLinkInput, required: true, description: 'Who, and for whom.' }) },
    resolve: once(async ({ studentId, guardianId, ...fields }, context) => {
      const { relationship: given = null } = validated(GuardianLinkChanges, fields);
      const people = { studentId: idIn('Person', studentId), guardianId: idIn('Person', guardianId) };
      const request = { ...act(context), ...people, relationship: given };

      return { guardianLink: await context.write((tx) => context.deps.sync.linkGuardian(tx, request)) };
    }),
  }),
);

const UpdateGuardianLinkPayload = builder.simpleObject('UpdateGuardianLinkPayload', {
  description: 'The guardian link was changed.',
  fields: (t) => ({ guardianLink: t.field({ type: GuardianLink, description: 'The guardian link as it is now.' }) }),
});

builder.mutationField('updateGuardianLink', (t) =>
  t.field({
    type: UpdateGuardianLinkPayload,
    description: 'Changes what an adult is to a student; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource] },
    args: { input: t.arg({ type: UpdateGuardianLinkInput, required: true, description: 'Which, and what.' }) },
    resolve: once(async ({ guardianLinkId, ...fields }, context) => {
      const recordId = idIn('GuardianLink', guardianLinkId);
      const changes = validated(GuardianLinkChanges, fields);
      const request = { ...act(context), entity: 'guardianLink' as const, recordId, changes };
      await context.write((tx) => context.deps.sync.changeRecord(tx, request));

      return { guardianLink: recordId };
    }),
  }),
);

const ArchiveGuardianLinkInput = builder.inputType('ArchiveGuardianLinkInput', {
  description: 'Which guardian link ends.',
  fields: (t) => ({
    guardianLinkId: t.id({ required: true, description: 'The guardian link.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ArchiveGuardianLinkPayload = builder.simpleObject('ArchiveGuardianLinkPayload', {
  description: 'The adult does not answer for the student any more.',
  fields: (t) => ({ guardianLink: t.field({ type: GuardianLink, description: 'The guardian link, ARCHIVED.' }) }),
});

builder.mutationField('archiveGuardianLink', (t) =>
  t.field({
    type: ArchiveGuardianLinkPayload,
    description:
      'Ends a guardian link; both people stay. `createGuardianLink` brings it back. One that a connected source has is removed there.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: ArchiveGuardianLinkInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => ({
      guardianLink: await archive(context, 'guardianLink', input.guardianLinkId),
    })),
  }),
);

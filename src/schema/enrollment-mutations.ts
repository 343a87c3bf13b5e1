import { z } from 'zod';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { Enrollment } from './enrollment.ts';
import { classRole, day } from './form-fields.ts';
import { act, idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';

const EnrollPersonInput = builder.inputType('EnrollPersonInput', {
  description: 'Who is to be in which class, and as what.',
  fields: (t) => ({
    classId: t.id({ required: true, description: 'The class.' }),
    personId: t.id({ required: true, description: 'The person, of the same school.' }),
    role: t.string({
      required: true,
      description: 'What the person is to be in the class, in OneRoster’s words: `student`, `teacher` …',
    }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const EnrollmentRole = z.object({ role: classRole });

const EnrollPersonPayload = builder.simpleObject('EnrollPersonPayload', {
  description: 'The person is in the class.',
  fields: (t) => ({ enrollment: t.field({ type: Enrollment, description: 'The enrollment.' }) }),
});

builder.mutationField('enrollPerson', (t) =>
  t.field({
    type: EnrollPersonPayload,
    description: 'Puts a person into a class in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: EnrollPersonInput, required: true, description: 'Who, where and as what.' }) },
    resolve: once(async (input, context) => {
      const request = {
        ...act(context),
        classId: idIn('Class', input.classId),
        personId: idIn('Person', input.personId),
        ...validated(EnrollmentRole, { role: input.role }),
      };

      return { enrollment: await context.write((tx) => context.deps.sync.enrollPerson(tx, request)) };
    }),
  }),
);

const UpdateEnrollmentInput = builder.inputType('UpdateEnrollmentInput', {
  description: 'What to change about an enrollment. What is left out stays as it is; null empties a day.',
  fields: (t) => ({
    enrollmentId: t.id({ required: true, description: 'The enrollment.' }),
    role: t.string({ description: 'What the person is in the class, in OneRoster’s words.' }),
    primary: t.boolean({ description: 'Whether they are the class’s first teacher.' }),
    beginDate: t.string({ description: 'Its first day: `2026-09-01`.' }),
    endDate: t.string({ description: 'The first day after it.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const EnrollmentChanges = z
  .object({
    role: classRole,
    primary: z.boolean('This cannot be empty.'),
    beginDate: day.nullable(),
    endDate: day.nullable(),
  })
  .partial()
  .refine(({ beginDate, endDate }) => beginDate == null || endDate == null || beginDate < endDate, {
    path: ['endDate'],
    message: 'This is not after the first day.',
  });

const UpdateEnrollmentPayload = builder.simpleObject('UpdateEnrollmentPayload', {
  description: 'The enrollment was changed.',
  fields: (t) => ({ enrollment: t.field({ type: Enrollment, description: 'The enrollment as it is now.' }) }),
});

builder.mutationField('updateEnrollment', (t) =>
  t.field({
    type: UpdateEnrollmentPayload,
    description: 'Changes somebody’s part in a class; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource] },
    args: { input: t.arg({ type: UpdateEnrollmentInput, required: true, description: 'Which, and what.' }) },
    resolve: once(async ({ enrollmentId, ...fields }, context) => {
      const recordId = idIn('Enrollment', enrollmentId);
      const changes = validated(EnrollmentChanges, fields);
      const request = { ...act(context), entity: 'enrollment' as const, recordId, changes };
      await context.write((tx) => context.deps.sync.changeRecord(tx, request));

      return { enrollment: recordId };
    }),
  }),
);

const ArchiveEnrollmentInput = builder.inputType('ArchiveEnrollmentInput', {
  description: 'Who leaves which class.',
  fields: (t) => ({
    enrollmentId: t.id({ required: true, description: 'The enrollment.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ArchiveEnrollmentPayload = builder.simpleObject('ArchiveEnrollmentPayload', {
  description: 'The person is no longer in the class.',
  fields: (t) => ({ enrollment: t.field({ type: Enrollment, description: 'The enrollment, ARCHIVED.' }) }),
});

builder.mutationField('archiveEnrollment', (t) =>
  t.field({
    type: ArchiveEnrollmentPayload,
    description:
      'Takes a person out of a class; connected destinations follow by themselves. `enrollPerson` brings it back. One that a connected source has is removed there.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: ArchiveEnrollmentInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => {
      const recordId = idIn('Enrollment', input.enrollmentId);
      const request = { ...act(context), entity: 'enrollment' as const, recordId };
      await context.write((tx) => context.deps.sync.archiveRecord(tx, request));

      return { enrollment: recordId };
    }),
  }),
);

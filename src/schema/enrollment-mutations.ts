import { z } from 'zod';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { Enrollment } from './enrollment.ts';
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

const EnrollmentRole = z.object({
  role: z.string().trim().min(1, 'This cannot be empty.').max(64, 'At most 64 characters.'),
});

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

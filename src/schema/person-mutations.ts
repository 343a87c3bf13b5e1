import { z } from 'zod';
import { NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { act, idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { Person } from './person.ts';

const UpdatePersonInput = builder.inputType('UpdatePersonInput', {
  description:
    'What to change about a person. What is left out stays as it is; null empties a field that may be empty.',
  fields: (t) => ({
    personId: t.id({ required: true, description: 'The person.' }),
    givenName: t.string({ description: 'First name.' }),
    familyName: t.string({ description: 'Last name.' }),
    middleName: t.string({ description: 'Middle name.' }),
    username: t.string({ description: 'The name to sign in with.' }),
    email: t.string({ description: 'E-mail address.' }),
    role: t.string({ description: 'What they are at the school, in OneRoster’s words.' }),
    identifier: t.string({ description: 'The number people know them by.' }),
    phone: t.string({ description: 'Telephone number.' }),
    sms: t.string({ description: 'Number for text messages.' }),
    grades: t.stringList({ description: 'Grades, in the source’s codes.' }),
    enabled: t.boolean({ description: 'Whether their accounts are to work.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const text = z
  .string('This cannot be empty.')
  .trim()
  .min(1, 'This cannot be empty.')
  .max(255, 'At most 255 characters.');
const empty = text.nullable();

const PersonChanges = z
  .object({
    givenName: text,
    familyName: text,
    middleName: empty,
    username: empty,
    email: z.email('This is no e-mail address.').max(254, 'At most 254 characters.').nullable(),
    role: text,
    identifier: empty,
    phone: empty,
    sms: empty,
    grades: z.array(text, 'This cannot be empty.').max(50, 'At most 50 grades.'),
    enabled: z.boolean('This cannot be empty.'),
  })
  .partial();

const UpdatePersonPayload = builder.simpleObject('UpdatePersonPayload', {
  description: 'The person was changed.',
  fields: (t) => ({ person: t.field({ type: Person, description: 'The person as they are now.' }) }),
});

builder.mutationField('updatePerson', (t) =>
  t.field({
    type: UpdatePersonPayload,
    description: 'Changes a person in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource] },
    args: { input: t.arg({ type: UpdatePersonInput, required: true, description: 'Who, and what.' }) },
    resolve: once(async ({ personId: globalId, ...fields }, context) => {
      const personId = idIn('Person', globalId);
      const changes = validated(PersonChanges, fields);
      await context.write((tx) => context.deps.sync.updatePerson(tx, { ...act(context), personId, changes }));

      return { person: personId };
    }),
  }),
);

import { z } from 'zod';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { list, optionalText, personRole, requiredText } from './form-fields.ts';
import { act, given, idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { Person } from './person.ts';
import { archive, restore } from './record-status.ts';

const words = {
  givenName: 'First name.',
  familyName: 'Last name.',
  middleName: 'Middle name.',
  username: 'The name to sign in with.',
  email: 'E-mail address.',
  role: 'What they are at the school, in OneRoster’s words: `student`, `teacher` …',
  identifier: 'The number people know them by.',
  phone: 'Telephone number.',
  sms: 'Number for text messages.',
  grades: 'Grades, in the source’s codes.',
  enabled: 'Whether their accounts are to work.',
} as const;

const CreatePersonInput = builder.inputType('CreatePersonInput', {
  description: 'A new person at a school.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    givenName: t.string({ required: true, description: words.givenName }),
    familyName: t.string({ required: true, description: words.familyName }),
    middleName: t.string({ description: words.middleName }),
    username: t.string({ description: words.username }),
    email: t.string({ description: words.email }),
    role: t.string({ required: true, description: words.role }),
    identifier: t.string({ description: words.identifier }),
    phone: t.string({ description: words.phone }),
    sms: t.string({ description: words.sms }),
    grades: t.stringList({ description: words.grades }),
    enabled: t.boolean({ defaultValue: true, description: words.enabled }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdatePersonInput = builder.inputType('UpdatePersonInput', {
  description:
    'What to change about a person. What is left out stays as it is; null empties a field that may be empty.',
  fields: (t) => ({
    personId: t.id({ required: true, description: 'The person.' }),
    givenName: t.string({ description: words.givenName }),
    familyName: t.string({ description: words.familyName }),
    middleName: t.string({ description: words.middleName }),
    username: t.string({ description: words.username }),
    email: t.string({ description: words.email }),
    role: t.string({ description: words.role }),
    identifier: t.string({ description: words.identifier }),
    phone: t.string({ description: words.phone }),
    sms: t.string({ description: words.sms }),
    grades: t.stringList({ description: words.grades }),
    enabled: t.boolean({ description: words.enabled }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const PersonChanges = z
  .object({
    givenName: requiredText,
    familyName: requiredText,
    middleName: optionalText,
    username: optionalText,
    email: z.email('This is no e-mail address.').max(254, 'At most 254 characters.').nullable(),
    role: personRole,
    identifier: optionalText,
    phone: optionalText,
    sms: optionalText,
    grades: list,
    enabled: z.boolean('This cannot be empty.'),
  })
  .partial();

const CreatePersonPayload = builder.simpleObject('CreatePersonPayload', {
  description: 'The person was made.',
  fields: (t) => ({ person: t.field({ type: Person, description: 'The new person.' }) }),
});

builder.mutationField('createPerson', (t) =>
  t.field({
    type: CreatePersonPayload,
    description: 'Makes a person in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: CreatePersonInput, required: true, description: 'Who, and where.' }) },
    resolve: once(async ({ schoolId, ...fields }, context) => {
      const values = validated(PersonChanges, given(fields));
      const request = { ...act(context), entity: 'person' as const, schoolId: idIn('School', schoolId), values };

      return { person: await context.write((tx) => context.deps.sync.createRecord(tx, request)) };
    }),
  }),
);

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

const ArchivePersonInput = builder.inputType('ArchivePersonInput', {
  description: 'Who leaves.',
  fields: (t) => ({
    personId: t.id({ required: true, description: 'The person.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ArchivePersonPayload = builder.simpleObject('ArchivePersonPayload', {
  description: 'The person has left.',
  fields: (t) => ({ person: t.field({ type: Person, description: 'The person, ARCHIVED.' }) }),
});

builder.mutationField('archivePerson', (t) =>
  t.field({
    type: ArchivePersonPayload,
    description:
      'Puts a person away: they leave their classes, here and in connected destinations; their history stays. One that a connected source has is removed there.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: ArchivePersonInput, required: true, description: 'Who.' }) },
    resolve: once(async (input, context) => ({
      person: await archive(context, 'person', input.personId),
    })),
  }),
);

const RestorePersonInput = builder.inputType('RestorePersonInput', {
  description: 'Who comes back.',
  fields: (t) => ({
    personId: t.id({ required: true, description: 'The person.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const RestorePersonPayload = builder.simpleObject('RestorePersonPayload', {
  description: 'The person is back.',
  fields: (t) => ({ person: t.field({ type: Person, description: 'The person, ACTIVE.' }) }),
});

builder.mutationField('restorePerson', (t) =>
  t.field({
    type: RestorePersonPayload,
    description: 'Brings back a person whom somebody put away here; `enrollPerson` puts them into their classes again.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: RestorePersonInput, required: true, description: 'Who.' }) },
    resolve: once(async (input, context) => ({
      person: await restore(context, 'person', input.personId),
    })),
  }),
);

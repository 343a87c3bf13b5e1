import { z } from 'zod';
import { schoolToChange, updateSchool } from '../db/queries/school.ts';
import { insertSchool } from '../db/queries/tenant-setup.ts';
import { newId } from '../model/ids.ts';
import { NotFound } from '../model/problems.ts';
import { builder } from './builder.ts';
import { requiredText } from './form-fields.ts';
import { idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { needsAllSchools } from './refusals.ts';
import { School } from './school.ts';
import { changedSettings, SchoolSettingsInput, SettingsForm } from './school-settings.ts';

const words = {
  name: 'What people call it: at most 255 characters.',
  sourcedId: 'Its id in the student information system.',
  timeZone: 'IANA time zone, such as `Europe/Paris`.',
} as const;

const name = requiredText;
const timeZone = z
  .string('This cannot be empty.')
  .refine(isTimeZone, 'There is no such time zone: `Europe/Paris` is one.');
const sourcedId = name.nullish();
const settings = SettingsForm.nullish();

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const CreateSchoolInput = builder.inputType('CreateSchoolInput', {
  description: 'A new school.',
  fields: (t) => ({
    name: t.string({ required: true, description: words.name }),
    sourcedId: t.string({ description: words.sourcedId }),
    timeZone: t.string({ required: true, description: words.timeZone }),
    settings: t.field({ type: SchoolSettingsInput, description: 'Its settings; left out: the defaults.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const CreateSchoolPayload = builder.simpleObject('CreateSchoolPayload', {
  description: 'The school was made.',
  fields: (t) => ({
    school: t.field({ type: School, description: 'The new school, without integrations or records.' }),
  }),
});

const NewSchoolForm = z.object({ name, sourcedId, timeZone, settings });

builder.mutationField('createSchool', (t) =>
  t.field({
    type: CreateSchoolPayload,
    description: 'Adds a school to the tenant. Only for those who see all its schools.',
    authScopes: { scope: 'tenant:admin' },
    errors: { types: [...retryErrors] },
    args: { input: t.arg({ type: CreateSchoolInput, required: true, description: 'The school.' }) },
    resolve: once(async (input, context) => {
      const { tenantId, schoolIds } = context.identity;
      if (schoolIds !== null) throw needsAllSchools();
      const given = validated(NewSchoolForm, input);
      const school = { ...given, tenantId, id: newId(), sourcedId: given.sourcedId ?? null };
      const made = { ...school, settings: changedSettings({}, given.settings ?? {}) };
      await context.write((tx) => insertSchool(tx, made));

      return { school: made.id };
    }),
  }),
);

const UpdateSchoolInput = builder.inputType('UpdateSchoolInput', {
  description: 'What to change about a school. Left out: as it is.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    name: t.string({ description: words.name }),
    sourcedId: t.string({ description: `${words.sourcedId} Null: it has none.` }),
    timeZone: t.string({ description: words.timeZone }),
    settings: t.field({ type: SchoolSettingsInput, description: 'Its settings.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateSchoolPayload = builder.simpleObject('UpdateSchoolPayload', {
  description: 'The school was changed.',
  fields: (t) => ({ school: t.field({ type: School, description: 'The school as it is now.' }) }),
});

const SchoolChanges = z.object({ name, sourcedId, timeZone }).partial().extend({ settings });

builder.mutationField('updateSchool', (t) =>
  t.field({
    type: UpdateSchoolPayload,
    description:
      'Changes a school: what it is called, where it lies, when its plans wait for a person, and when nothing starts by itself.',
    authScopes: { scope: 'integration:admin' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: UpdateSchoolInput, required: true, description: 'What to change.' }) },
    resolve: once(async (input, context) => {
      const id = idIn('School', input.schoolId);
      const { settings: given, ...changes } = validated(SchoolChanges, input);
      await context.write(async (tx) => {
        const present = await schoolToChange(tx, id);
        if (!present) throw new NotFound('There is no such school.');
        const named = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
        await updateSchool(tx, { ...present, ...named, settings: changedSettings(present.settings, given ?? {}) });
      });

      return { school: id };
    }),
  }),
);

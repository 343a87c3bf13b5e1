/** What a school sets itself: when a plan waits for a person, and on which days nothing starts by itself. */
import { z } from 'zod';
import { schoolsByIds, updateSchoolSettings } from '../db/queries/school.ts';
import { NotFound } from '../model/problems.ts';
import { type Blackout, defaultSettings, type SchoolSettings } from '../model/school-settings.ts';
import { builder } from './builder.ts';
import { idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { School } from './school.ts';

const words = {
  removalShare:
    'Share of the mirrored records, 0 to 1, above which removals of a stream within 24 hours wait for a person.',
  removalMax: 'Number of removals of a stream within 24 hours above which they wait, whatever the share.',
  keyFieldShare: 'Share of the mirrored records, 0 to 1, whose e-mail addresses may change at once.',
  previewFirst: 'The first plan of a destination writes nothing until somebody has approved it.',
  blackouts: 'Days on which no schedule starts a run.',
  from: 'The first day, `YYYY-MM-DD` in the school’s time zone.',
  until: 'The last day, included.',
} as const;

const BlackoutDates = builder.objectRef<Blackout>('BlackoutDates').implement({
  description: 'Days on which no schedule starts a run: holidays, the year’s rollover.',
  fields: (t) => ({
    from: t.exposeString('from', { description: words.from }),
    until: t.exposeString('until', { description: words.until }),
  }),
});

const Settings = builder.objectRef<Required<SchoolSettings>>('SchoolSettings').implement({
  description: 'What a school has set itself, or the defaults.',
  fields: (t) => ({
    removalShare: t.exposeFloat('removalShare', { description: words.removalShare }),
    removalMax: t.exposeInt('removalMax', { description: words.removalMax }),
    keyFieldShare: t.exposeFloat('keyFieldShare', { description: words.keyFieldShare }),
    previewFirst: t.exposeBoolean('previewFirst', { description: words.previewFirst }),
    blackouts: t.field({
      type: [BlackoutDates],
      description: words.blackouts,
      resolve: ({ blackouts }) => [...blackouts],
    }),
  }),
});

builder.objectField(School, 'settings', (t) =>
  t.field({
    type: Settings,
    description: 'When its plans wait for a person, and when nothing starts by itself.',
    resolve: ({ settings }) => ({ ...defaultSettings, ...settings }),
  }),
);

const BlackoutDatesInput = builder.inputType('BlackoutDatesInput', {
  description: 'Days on which no schedule starts a run.',
  fields: (t) => ({
    from: t.string({ required: true, description: words.from }),
    until: t.string({ required: true, description: words.until }),
  }),
});

const SettingsInput = builder.inputType('SchoolSettingsInput', {
  description: 'What to set. Left out: as it is. Null: back to the default.',
  fields: (t) => ({
    removalShare: t.float({ description: words.removalShare }),
    removalMax: t.int({ description: words.removalMax }),
    keyFieldShare: t.float({ description: words.keyFieldShare }),
    previewFirst: t.boolean({ description: words.previewFirst }),
    blackouts: t.field({ type: [BlackoutDatesInput], description: `${words.blackouts} At most 100.` }),
  }),
});

const share = z.number().min(0).max(1).nullish();
const day = z.iso.date();
const form = z.object({
  removalShare: share,
  removalMax: z.int().min(0).nullish(),
  keyFieldShare: share,
  previewFirst: z.boolean().nullish(),
  blackouts: z
    .array(
      z
        .object({ from: day, until: day })
        .refine(({ from, until }) => from <= until, 'The last day comes before the first.'),
    )
    .max(100)
    .nullish(),
});

const UpdateSchoolInput = builder.inputType('UpdateSchoolInput', {
  description: 'What to change about a school.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    settings: t.field({ type: SettingsInput, required: true, description: 'Its settings.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateSchoolPayload = builder.simpleObject('UpdateSchoolPayload', {
  description: 'The school was changed.',
  fields: (t) => ({ school: t.field({ type: School, description: 'The school as it is now.' }) }),
});

builder.mutationField('updateSchool', (t) =>
  t.field({
    type: UpdateSchoolPayload,
    description: 'Sets when a school’s plans wait for a person, and when nothing starts by itself.',
    authScopes: { scope: 'integration:admin' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: UpdateSchoolInput, required: true, description: 'What to change.' }) },
    resolve: once(async (input, context) => {
      const school = idIn('School', input.schoolId);
      const given = validated(form, input.settings);
      await context.write(async (tx) => {
        const [row] = await schoolsByIds(tx, [school]);
        if (!row) throw new NotFound('There is no such school.');
        const merged = Object.entries({ ...row.settings, ...given }).filter(([, value]) => value != null);
        await updateSchoolSettings(tx, school, Object.fromEntries(merged));
      });

      return { school };
    }),
  }),
);

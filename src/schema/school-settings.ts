/** What a school sets itself: when a plan waits for a person, and on which days nothing starts by itself. */
import { z } from 'zod';
import { type Blackout, defaultSettings, type SchoolSettings } from '../model/school-settings.ts';
import { builder } from './builder.ts';
import { dayText } from './day.ts';
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

export const SchoolSettingsInput = builder.inputType('SchoolSettingsInput', {
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
const day = dayText();
/** What the input may hold. */
export const SettingsForm = z.object({
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

/** Settings after a change: what is left out stays, null goes back to the default. */
export function changedSettings(settings: SchoolSettings, given: z.infer<typeof SettingsForm>): SchoolSettings {
  return Object.fromEntries(Object.entries({ ...settings, ...given }).filter(([, value]) => value != null));
}

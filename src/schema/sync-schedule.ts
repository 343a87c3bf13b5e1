/** When an integration syncs by itself, as the API shows it and takes it. */
import type { Schedule } from '../model/schedule.ts';
import { builder } from './builder.ts';
import { invalid } from './input.ts';

const words = {
  expression:
    'Five fields: minute, hour, day of the month, month, day of the week, such as `30 5 * * 1-5`. Each local time comes once a day, also where clocks change.',
  timeZone: 'IANA name, such as `Europe/Paris`; null: the school’s.',
  from: 'When it opens, `HH:MM` in local time.',
  until: 'When it closes, `HH:MM` in local time, later on the same day.',
  windows: 'At most 24, which do not overlap. Each has one run, at a minute of its own.',
  days: 'Days of the week, 1 (Monday) to 7 (Sunday); left out: all.',
};

const SyncCron = builder.simpleObject('SyncCron', {
  description: 'Times, as a cron expression. However many were missed, one run follows.',
  fields: (t) => ({
    expression: t.string({ description: words.expression }),
    timeZone: t.string({ nullable: true, description: words.timeZone }),
  }),
});

const SyncWindow = builder.simpleObject('SyncWindow', {
  description: 'A part of the day in which one run starts.',
  fields: (t) => ({
    from: t.string({ description: words.from }),
    until: t.string({ description: words.until }),
  }),
});

const SyncWindows = builder.simpleObject('SyncWindows', {
  description: 'Parts of the day, each with one run. One that passes without (no worker was there) is not made up for.',
  fields: (t) => ({
    windows: t.field({ type: [SyncWindow], description: words.windows }),
    days: t.intList({ description: 'Days of the week, 1 (Monday) to 7 (Sunday).' }),
    timeZone: t.string({ nullable: true, description: words.timeZone }),
  }),
});

export const SyncSchedule = builder.objectRef<Schedule>('SyncSchedule').implement({
  description: 'When an integration syncs by itself: exactly one of the two is there.',
  fields: (t) => ({
    cron: t.field({
      type: SyncCron,
      nullable: true,
      description: 'Null when it has windows.',
      resolve: (row) => (row.kind === 'cron' ? { expression: row.cron, timeZone: row.timeZone ?? null } : null),
    }),
    windows: t.field({
      type: SyncWindows,
      nullable: true,
      description: 'Null when it has a cron expression.',
      resolve: (row) =>
        row.kind === 'windows'
          ? {
              windows: [...row.windows],
              days: [...(row.days ?? [1, 2, 3, 4, 5, 6, 7])],
              timeZone: row.timeZone ?? null,
            }
          : null,
    }),
  }),
});

const SyncCronInput = builder.inputType('SyncCronInput', {
  description: 'Times, as a cron expression.',
  fields: (t) => ({
    expression: t.string({ required: true, description: words.expression }),
    timeZone: t.string({ description: words.timeZone }),
  }),
});

const SyncWindowInput = builder.inputType('SyncWindowInput', {
  description: 'A part of the day in which one run starts.',
  fields: (t) => ({
    from: t.string({ required: true, description: words.from }),
    until: t.string({ required: true, description: words.until }),
  }),
});

const SyncWindowsInput = builder.inputType('SyncWindowsInput', {
  description: 'Parts of the day, each with one run.',
  fields: (t) => ({
    windows: t.field({ type: [SyncWindowInput], required: true, description: words.windows }),
    days: t.intList({ description: words.days }),
    timeZone: t.string({ description: words.timeZone }),
  }),
});

export const SyncScheduleInput = builder.inputType('SyncScheduleInput', {
  description: 'When an integration is to sync by itself: exactly one of the two.',
  fields: (t) => ({
    cron: t.field({ type: SyncCronInput, description: 'At the times of a cron expression.' }),
    windows: t.field({ type: SyncWindowsInput, description: 'Once in each window.' }),
  }),
});

/** @throws ValidationFailed unless exactly one of the two is given. */
export function scheduleIn(input: typeof SyncScheduleInput.$inferInput | null): Schedule | null {
  if (input === null) return null;
  const { cron, windows } = input;
  const zone = (timeZone: string | null | undefined) => (timeZone == null ? {} : { timeZone });
  if (cron && !windows) return { kind: 'cron', cron: cron.expression, ...zone(cron.timeZone) };
  if (windows && !cron) {
    const days = windows.days ? { days: windows.days } : {};
    return { kind: 'windows', windows: windows.windows, ...days, ...zone(windows.timeZone) };
  }
  throw invalid('schedule', 'Give either `cron` or `windows`; null takes the schedule away.');
}

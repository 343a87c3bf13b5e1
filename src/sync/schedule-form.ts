/** A schedule as a person filled it in: what is wrong with it, said field by field. */
import { Cron } from 'croner';
import { type FieldProblem, ValidationFailed } from '../model/problems.ts';
import type { Schedule } from '../model/schedule.ts';
import { slotAfter } from './due.ts';

const mostWindows = 24;

const time = /^([01]\d|2[0-3]):[0-5]\d$/;

/** @throws ValidationFailed with paths under `schedule`, for a schedule that nothing can be made of or that never comes. */
export function assertSchedule(schedule: Schedule, schoolZone: string, now: Date): void {
  const problems = [
    ...zoneProblems(schedule),
    ...(schedule.kind === 'cron' ? cronProblems(schedule.cron) : windowProblems(schedule)),
  ];
  if (problems.length > 0) throw new ValidationFailed(problems);
  if (!slotAfter({ schedule, timeZone: schoolZone, spread: 0 }, now))
    throw new ValidationFailed([{ path: ['schedule'], message: 'This time never comes: mend the days and months.' }]);
}

function zoneProblems({ kind, timeZone }: Schedule): FieldProblem[] {
  if (timeZone === undefined) return [];
  try {
    Intl.DateTimeFormat('en', { timeZone });
    return [];
  } catch {
    const path = ['schedule', kind, 'timeZone'];
    return [{ path, message: 'There is no such time zone: use an IANA name such as `Europe/Paris`.' }];
  }
}

function cronProblems(expression: string): FieldProblem[] {
  const path = ['schedule', 'cron', 'expression'];
  if (expression.trim().split(/\s+/).length !== 5) {
    return [{ path, message: 'Five fields: minute, hour, day of the month, month, day of the week.' }];
  }
  const parse = () => new Cron(expression, { paused: true });
  try {
    parse();
    return [];
  } catch {
    return [{ path, message: 'This is no cron expression, such as `30 5 * * 1-5`.' }];
  }
}

function windowProblems({ windows, days }: Extract<Schedule, { kind: 'windows' }>): FieldProblem[] {
  const path = ['schedule', 'windows'];
  const problems: FieldProblem[] = [];
  const tell = (message: string, ...where: string[]) => void problems.push({ path: [...path, ...where], message });
  if (windows.length === 0) tell('Name at least one window.', 'windows');
  if (windows.length > mostWindows) tell(`Name at most ${mostWindows} windows.`, 'windows');
  if (days?.length === 0) tell('Choose at least one day, or leave this out.', 'days');
  if (days?.some((day) => !Number.isInteger(day) || day < 1 || day > 7))
    tell('Days are numbers from 1 (Monday) to 7 (Sunday).', 'days');
  for (const [index, { from, until }] of windows.entries()) {
    if (!time.test(from)) tell('A time of day, such as `05:30`.', 'windows', String(index), 'from');
    if (!time.test(until)) tell('A time of day, such as `06:30`.', 'windows', String(index), 'until');
    else if (until <= from) tell('A window ends after it begins, on the same day.', 'windows', String(index), 'until');
  }
  const sorted = windows.toSorted((left, right) => left.from.localeCompare(right.from));
  if (sorted.some((window, index) => window.from < (sorted[index - 1]?.until ?? '')))
    tell('Windows may not overlap.', 'windows');

  return problems;
}

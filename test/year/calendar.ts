/** Days of a French school year and the clock on its wall, reckoned here once more so that nothing is proved by itself. */

/** A date at the school: `2026-10-19`. */
export type Day = string;

const dayMs = 86_400_000;
const hourMs = 3_600_000;

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Autumn, Christmas, winter, spring, and the days off of May; first and last day. */
const holidays: readonly (readonly [Day, Day])[] = [
  ['2026-10-24', '2026-11-01'],
  ['2026-11-11', '2026-11-11'],
  ['2026-12-19', '2027-01-03'],
  ['2027-02-20', '2027-03-07'],
  ['2027-03-29', '2027-03-29'],
  ['2027-04-17', '2027-05-02'],
  ['2027-05-06', '2027-05-08'],
  ['2027-05-17', '2027-05-17'],
];

export function isSchoolDay(day: Day): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();

  return weekday % 6 !== 0 && !holidays.some(([first, last]) => first <= day && day <= last);
}

/** In Europe clocks change at one in the morning UTC, on the last Sundays of March and October. */
function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 0, 1));

  return last.getTime() - last.getUTCDay() * dayMs;
}

/** Hours that Paris is ahead of UTC. */
function aheadAt(instant: number): number {
  const year = new Date(instant).getUTCFullYear();

  return lastSunday(year, 3) <= instant && instant < lastSunday(year, 10) ? 2 : 1;
}

/** What the clock on the wall shows: `2026-10-19T08:30:00`. */
export function wallAt(instant: Date): string {
  return new Date(instant.getTime() + aheadAt(instant.getTime()) * hourMs).toISOString().slice(0, 19);
}

export function dayAt(instant: Date): Day {
  return wallAt(instant).slice(0, 10);
}

/** The first of two; a time that is left out is moved on by the hour that is. Milliseconds. */
export function instantOf(wall: string): number {
  const shown = Date.parse(`${wall}Z`);
  const summer = shown - 2 * hourMs;
  if (aheadAt(summer) === 2) return summer;

  return shown - hourMs;
}

/** The nights in which clocks change, by the day that is an hour longer or shorter. */
const clockChanges = ['2026-10-25', '2027-03-28'];

/** Whether Homeroom syncs on that day: on days of school, and in the nights in which clocks change. */
export function isLive(day: Day): boolean {
  return isSchoolDay(day) || clockChanges.includes(day);
}

/** The days between on which nothing syncs, in ranges of first and last day. */
export function darkDays(from: Day, until: Day): { from: Day; until: Day }[] {
  const ranges: { from: Day; until: Day }[] = [];
  for (let day = from; day <= until; day = addDays(day, 1)) {
    if (isLive(day)) continue;
    const last = ranges.at(-1);
    if (last?.until === addDays(day, -1)) last.until = day;
    else ranges.push({ from: day, until: day });
  }

  return ranges;
}

// Which sheets a list shows: a range of at most 90 days, narrowed by who is on them and whether they are locked.
import type { SimulatorRequest } from '../kit/exchange.ts';
import { refuse } from './envelope.ts';
import type { Sheet } from './world.ts';

const longestRange = 90 * 86_400_000;

/** The sheets that begin within the range, in order of their beginning. */
export function listSheets(sheets: Iterable<Sheet>, { query }: SimulatorRequest): Sheet[] {
  const [from, to] = [instantOf(query.get('start')), instantOf(query.get('end'))];
  if (from !== undefined && to !== undefined && (to < from || to - from > longestRange)) {
    return refuse('The range between start and end must not exceed 90 days');
  }
  const tests = [
    ...(from === undefined ? [] : [(sheet: Sheet) => startOf(sheet) >= from]),
    ...(to === undefined ? [] : [(sheet: Sheet) => startOf(sheet) <= to]),
    ...filters(query),
  ];

  return [...sheets]
    .filter((sheet) => tests.every((test) => test(sheet)))
    .sort((one, other) => startOf(one) - startOf(other) || (one.ID < other.ID ? -1 : 1));
}

const instants = new Map<string, number>();

/** Milliseconds. A year of sheets is looked through for each page, and has far fewer different times than sheets. */
export function startOf({ START }: Sheet): number {
  const instant = instants.get(START) ?? Date.parse(START);
  instants.set(START, instant);
  return instant;
}

function filters(query: URLSearchParams): ((sheet: Sheet) => boolean)[] {
  const tests: ((sheet: Sheet) => boolean)[] = [];
  const when = (name: string, test: (value: string, sheet: Sheet) => boolean) => {
    const value = query.get(name) ?? '';
    if (value !== '') tests.push((sheet) => test(value, sheet));
  };
  when('filters', (value, { LOCKED }) => {
    const words = value.split(',');
    return (!words.includes('locked') || LOCKED) && (!words.includes('unlocked') || !LOCKED);
  });
  when('groupId', (value, sheet) => sheet.SCHOOL_GROUP.includes(value));
  when('studentId', (value, sheet) => sheet.STUDENTS.some(({ studentId }) => studentId === value));
  when('professorId', (value, sheet) => [sheet.PROFESSOR, sheet.PROFESSOR_2, sheet.PROFESSOR_3].includes(value));
  when('classroom', (value, sheet) => sheet.CLASSROOM === value);
  when('dateCreated', (value, sheet) => sheet.DATE_CREATED >= value);
  when('dateUpdated', (value, sheet) => sheet.DATE_UPDATED >= value);
  return tests;
}

function instantOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? refuse('start and end must be dates') : instant;
}

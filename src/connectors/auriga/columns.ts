/** Columns of a favourite, found by their headings: places and extra columns make no difference. */
import { SetupProblem } from '../kit/errors.ts';
import { comparable } from './text.ts';

/** Our names of the columns, and Auriga's headings. */
export const columns = {
  id: 'ID',
  start: 'Start',
  end: 'End',
  unit: 'Educational Unit.Label',
  activityType: 'Activity Type.Label',
  description: 'Session (Description)',
  roomLabel: 'Resource.Label',
  roomCode: 'Resource.Code',
  learners: 'Learner(s)',
  instructors: 'Instructor(s)',
  groupIds: 'Group ID(s)',
  label: 'Label',
  code: 'Code',
} as const;

export type Column = keyof typeof columns;

/** A heading that stands for a column of ours in this school's favourites. */
export interface Alias {
  heading: string;
  column: (typeof columns)[Column];
}

/** A row as the grid sends it: cells in the order of the headings, or under them. */
export type Row = readonly unknown[] | Readonly<Record<string, unknown>>;

export type Cells = Readonly<Partial<Record<Column, unknown>>>;

/**
 * Reads rows by their headings. `headings` come with the grid; a grid that has none has them on its rows. Without a column
 * of `required` every row would be wrong: a `SetupProblem` that names it. An empty grid without headings is just empty.
 */
export function readRows(
  grid: { headings: readonly string[]; rows: readonly Row[] },
  required: readonly Column[],
  aliases: readonly Alias[],
  favorite: string,
): readonly Cells[] {
  const { rows } = grid;
  const headings = grid.headings.length > 0 ? grid.headings : keysOf(rows);
  if (headings.length === 0 && rows.length === 0) return [];

  const places = placesOf(headings, aliases);
  const missing = required.filter((column) => !places.has(column));
  if (missing.length > 0) throw wrongShape(favorite, missing);

  return rows.map((row) => {
    const cells: Partial<Record<Column, unknown>> = {};
    for (const [column, { place, heading }] of places) {
      cells[column] = Array.isArray(row) ? row[place] : (row as Readonly<Record<string, unknown>>)[heading];
    }
    return cells;
  });
}

function keysOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => (Array.isArray(row) ? [] : Object.keys(row))))];
}

/** Of two columns with one heading the first counts. */
function placesOf(headings: readonly string[], aliases: readonly Alias[]) {
  const meant = new Map<string, Column>(
    (Object.entries(columns) as [Column, string][]).map(([column, heading]) => [comparable(heading), column]),
  );
  for (const { heading, column } of aliases) {
    const target = meant.get(comparable(column));
    if (target !== undefined) meant.set(comparable(heading), target);
  }
  const places = new Map<Column, { place: number; heading: string }>();
  for (const [place, heading] of headings.entries()) {
    const column = meant.get(comparable(heading));
    if (column !== undefined && !places.has(column)) places.set(column, { place, heading });
  }

  return places;
}

function wrongShape(favorite: string, missing: readonly Column[]): SetupProblem {
  const names = missing.map((column) => `“${columns[column]}”`).join(', ');

  return new SetupProblem({
    code: 'FAVORITE_SHAPE',
    message: `The ${favorite} favourite of Auriga lacks the column ${names}, so that no row of it can be read.`,
    remedy: 'Add the column to the favourite in Auriga, or enter its other heading under “Other column headings”.',
    details: { missing: missing.map((column) => columns[column]).join(', ') },
  });
}

/** The two favourites as grids: headings and rows as Auriga's query tool sends them. */
import type { AurigaGroup, AurigaSession, AurigaWorld, Label } from './world.ts';

export interface GridStyle {
  /** Labels as objects, or as JSON text. */
  labels: 'object' | 'text';
  /** Rows as lists of cells, or keyed by heading. */
  rows: 'positional' | 'keyed';
  /** Headings that this school has changed: Auriga's own, and what it is called instead; null for a column left out. */
  headings: Readonly<Record<string, string | null>>;
}

type Cells = Readonly<Record<string, unknown>>;

/** Its first row, and the first that is no longer on it. */
type Page = readonly [from: number, to: number];

export function interventionsGrid({ sessions, people }: AurigaWorld, style: GridStyle, page: Page): Cells[] {
  const packed = (ids: readonly string[]) =>
    ids
      .map((id) => people.get(id))
      .filter((person) => person !== undefined)
      .map(({ id, familyName, givenName, email }) => [id, familyName, givenName, email ?? ''].join('/'))
      .join('|');
  const row = (session: AurigaSession): Cells => ({
    ID: asNumber(session.id),
    Start: session.start,
    End: session.end,
    'Educational Unit.Label': label(session.unit, style),
    'Activity Type.Label': label(session.activityType, style),
    'Session (Description)': session.description,
    'Resource.Label': session.roomLabel,
    'Resource.Code': session.roomCode,
    'Learner(s)': packed(session.learners),
    'Instructor(s)': packed(session.instructors),
    'Group ID(s)': session.groups.join('|'),
    ...session.cells,
  });

  return [...sessions.values()].slice(...page).map(row);
}

export function groupsGrid({ groups }: AurigaWorld, style: GridStyle, page: Page): Cells[] {
  return [...groups.values()].slice(...page).map((group: AurigaGroup) => ({
    ID: asNumber(group.id),
    Label: label(group.label, style),
    Code: group.code,
    'Learner(s)': group.learners.join('|'),
  }));
}

export const headings = {
  interventions: [
    'ID',
    'Start',
    'End',
    'Educational Unit.Label',
    'Activity Type.Label',
    'Session (Description)',
    'Resource.Label',
    'Resource.Code',
    'Learner(s)',
    'Instructor(s)',
    'Group ID(s)',
  ],
  groups: ['ID', 'Label', 'Code', 'Learner(s)'],
} as const;

/** One page of `content`. */
export function content(
  names: readonly string[],
  rows: readonly Cells[],
  { rows: kind, headings: changed }: GridStyle,
) {
  const shown = names.filter((name) => changed[name] !== null);
  const called = (name: string) => changed[name] ?? name;

  return {
    columns: shown.map((name) => ({ label: called(name) })),
    lines: rows.map((row) =>
      kind === 'positional'
        ? shown.map((name) => row[name])
        : Object.fromEntries(shown.map((name) => [called(name), row[name]])),
    ),
  };
}

function label(given: Label | null, { labels }: GridStyle): unknown {
  return given === null || labels === 'object' ? given : JSON.stringify(given);
}

function asNumber(id: string): string | number {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

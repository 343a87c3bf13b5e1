/** What is told when the syncs are through: a table of what happened, what was counted, how long it took, where to look. */
import type { Counts } from './answers.ts';
import { count, cut, duration, left, right, width } from './columns.ts';
import type { Journey } from './journey.ts';
import type { Leg } from './leg.ts';
import type { LogLine } from './live-log.ts';
import type { Paint } from './paint.ts';
import type { Tally } from './verdict.ts';

const margin = '  ';
const figures = [
  ['created', 'created'],
  ['changed', 'updated'],
  ['removed', 'deleted'],
  ['skipped', 'skipped'],
  ['failed', 'failed'],
  ['conflicts', 'conflicts'],
] as const satisfies readonly (readonly [string, keyof Counts])[];

/** A line for each leg that was travelled: what its runs did, and in which time. */
export function countsTable(journeys: readonly Journey[], columns: number, paint: Paint): string[] {
  const figure = 10;
  const legWidth = 13;
  const longest = Math.max(...journeys.map(({ school }) => width(school.name)));
  const nameWidth = Math.max(
    8,
    Math.min(longest, columns - margin.length - legWidth - 2 - figure * (figures.length + 1)),
  );
  const head = `${margin}${left('', nameWidth + 2 + legWidth)}${figures.map(([title]) => right(title, figure)).join('')}${right('time', figure)}`;
  const rows = journeys.flatMap(({ school, legs }) =>
    [
      { name: school.name, to: '→ Homeroom', leg: legs.sis },
      { name: '', to: '→ Classroom', leg: legs.classroom },
    ]
      .filter(({ leg }) => leg.beganAt !== null)
      .map(({ name, to, leg }) => {
        const cells = figures.map(([, key]) => cell(leg.counts[key], key, figure, paint));
        return `${margin}${left(name, nameWidth)}  ${left(to, legWidth)}${cells.join('')}${right(legTime(leg), figure)}`;
      }),
  );

  return [paint.dim(head), ...rows].map((line) => cut(line, columns));
}

/** Nothing is told quietly; what failed or asks is told loudly. */
function cell(value: number, key: keyof Counts, columns: number, paint: Paint): string {
  if (value === 0) return paint.dim(right('·', columns));
  const text = right(count(value), columns);
  return key === 'failed' ? paint.red(text) : key === 'conflicts' || key === 'skipped' ? paint.yellow(text) : text;
}

function legTime({ beganAt, endedAt }: Leg): string {
  return beganAt === null || endedAt === null ? '' : duration(endedAt - beganAt);
}

/** What the systems hold, side by side. */
export function tallyTable(counted: readonly Tally[], paint: Paint): string[] {
  const column = 12;
  const withClassroom = counted.some(({ classroom }) => classroom !== null);
  const titles = ['SIS', 'Homeroom', ...(withClassroom ? ['Classroom'] : [])];
  const rows = counted.map(({ what, sis, homeroom, classroom }) => {
    const cells = [sis, homeroom, ...(withClassroom ? [classroom] : [])].map((value) => {
      const text = right(value === null ? '·' : count(value), column);
      return value === null ? paint.dim(text) : value === sis ? text : paint.red(text);
    });
    return `${margin}${left(what, 14)}${cells.join('')}`;
  });

  return [paint.dim(`${margin}${left('', 14)}${titles.map((title) => right(title, column)).join('')}`), ...rows];
}

/** Titled lines under one another. */
export function facts(lines: readonly (readonly [title: string, text: string])[], paint: Paint): string[] {
  const widest = Math.max(...lines.map(([title]) => width(title)));
  return lines.map(([title, text]) => `${margin}${paint.dim(left(title, widest))}  ${text}`);
}

/** The first log entries that did not go well, with the reason the log tells. */
export function troubleLines(troubles: readonly LogLine[], columns: number, paint: Paint): string[] {
  return troubles.map(({ school, entry }) => {
    const why = entry.details?.message ?? entry.details?.why ?? entry.reason;
    const mark = entry.status === 'FAILED' ? paint.red('✗') : paint.yellow('–');
    return cut(`${margin}${mark} ${entry.action}  ${entry.entity.name}, ${school}: ${why}`, columns);
  });
}

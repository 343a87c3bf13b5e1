/** What is told when the syncs are through: a table of what happened, what was counted, how long it took, where to look. */
import type { Counts } from './answers.ts';
import { count, cut, duration, left, right, width, wrap } from './columns.ts';
import type { Journey } from './journey.ts';
import type { Leg } from './leg.ts';
import type { LogLine } from './live-log.ts';
import type { Paint } from './paint.ts';
import type { Tally } from './verdict.ts';

const margin = '  ';
/** `quiet`: left out where no leg has any. */
const figures = [
  { title: 'created', key: 'created', quiet: false },
  { title: 'changed', key: 'updated', quiet: true },
  { title: 'removed', key: 'deleted', quiet: true },
  { title: 'skipped', key: 'skipped', quiet: true },
  { title: 'failed', key: 'failed', quiet: false },
  { title: 'conflicts', key: 'conflicts', quiet: false },
] as const satisfies readonly { title: string; key: keyof Counts; quiet: boolean }[];

const labelWidth = 24;
const figureWidth = 11;

/** Each school with a line for each leg it has travelled: what its runs did, and in which time. */
export function countsTable(journeys: readonly Journey[], columns: number, paint: Paint): string[] {
  const legs = journeys.flatMap((journey) => Object.values<Leg>(journey.legs));
  const shown = figures.filter(({ key, quiet }) => !quiet || legs.some(({ counts }) => counts[key] > 0));
  const titles = [...shown.map(({ title }) => title), 'time'];
  const head = margin + ' '.repeat(labelWidth) + titles.map((title) => right(title, figureWidth)).join('');
  const row = (label: string, { counts, beganAt, endedAt }: Leg) => {
    const cells = shown.map(({ key }) => cell(counts[key], key, paint));
    const time = beganAt === null || endedAt === null ? '' : duration(endedAt - beganAt);
    return `${margin}${left(label, labelWidth)}${cells.join('')}${right(time, figureWidth)}`;
  };
  const rows = journeys.flatMap(({ school, legs: { sis, classroom } }) => [
    `${margin}${school.name}`,
    row('  SIS → Homeroom', sis),
    ...(classroom.beganAt === null ? [] : [row('  Homeroom → Classroom', classroom)]),
  ]);

  return [paint.dim(head), ...rows].map((line) => cut(line, columns));
}

/** Nothing is told quietly; what failed or asks is told loudly. */
function cell(value: number, key: keyof Counts, paint: Paint): string {
  if (value === 0) return paint.dim(right('·', figureWidth));
  const text = right(count(value), figureWidth);
  if (key === 'failed') return paint.red(text);

  return key === 'conflicts' || key === 'skipped' ? paint.yellow(text) : text;
}

/** What the systems hold, side by side. */
export function tallyTable(counted: readonly Tally[], paint: Paint): string[] {
  const withClassroom = counted.some(({ classroom }) => classroom !== null);
  const titles = ['SIS', 'Homeroom', ...(withClassroom ? ['Classroom'] : [])];
  const rows = counted.map(({ what, sis, homeroom, classroom }) => {
    const cells = [sis, homeroom, ...(withClassroom ? [classroom] : [])].map((value) => {
      const text = right(value === null ? '·' : count(value), figureWidth);
      return value === null ? paint.dim(text) : value === sis ? text : paint.red(text);
    });
    return `${margin}${left(what, labelWidth)}${cells.join('')}`;
  });

  return [
    paint.dim(`${margin}${left('', labelWidth)}${titles.map((title) => right(title, figureWidth)).join('')}`),
    ...rows,
  ];
}

/** Titled lines under one another, broken between words where they are too long. */
export function facts(
  lines: readonly (readonly [title: string, text: string])[],
  columns: number,
  paint: Paint,
): string[] {
  const titleWidth = Math.max(...lines.map(([title]) => width(title)));
  const room = Math.max(20, columns - margin.length - titleWidth - 2);
  const line = (title: string, text: string) => `${margin}${paint.dim(left(title, titleWidth))}  ${text}`;

  return lines.flatMap(([title, text]) => {
    // What begins with a space or a brace is to be copied as it is.
    const parts = /^[\s{"}]/.test(text) ? [text] : wrap(text, room);
    return parts.map((part, index) => line(index === 0 ? title : '', part));
  });
}

/** The first log entries that did not go well, with the reason the log tells. */
export function troubleLines(troubles: readonly LogLine[], columns: number, paint: Paint): string[] {
  return troubles.map(({ school, entry }) => {
    const why = entry.details?.message ?? entry.details?.why ?? entry.reason;
    const mark = entry.status === 'FAILED' ? paint.red('✗') : paint.yellow('–');
    return cut(`${margin}${mark} ${entry.action}  ${entry.entity.name}, ${school}: ${why}`, columns);
  });
}

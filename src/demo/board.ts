/** The board: a line for each school with its two legs, and the last of the live log beneath. */
import { count, cut, duration, left, plural, width } from './columns.ts';
import { type Leg, shares, written } from './leg.ts';
import type { LogLine } from './live-log.ts';
import type { Paint } from './paint.ts';

export interface BoardState {
  schools: readonly { name: string; legs: { sis: Leg; classroom: Leg } }[];
  /** False where the second leg is left for later. */
  withClassroom: boolean;
  log: readonly LogLine[];
  received: number;
  /** Milliseconds since the process started. */
  now: number;
  /** Milliseconds that so many more calls take at Google’s quota. */
  callsTake(calls: number): number;
}

export interface Size {
  columns: number;
  rows: number;
}

const margin = '  ';
const widest = 118;
const mostLogLines = 6;
const labelWidth = 17;
const actionWidth = 36;
/** A leg that takes longer is told with the time that is left, in milliseconds. */
const worthTelling = 60_000;

/** As many lines as fit, none wider than the screen. */
export function drawBoard(state: BoardState, size: Size, paint: Paint): string[] {
  const columns = Math.min(size.columns, widest);
  const legs = state.withClassroom ? 2 : 1;
  const longest = Math.max(...state.schools.map(({ name }) => width(name)));
  const nameWidth = Math.min(longest, Math.max(12, Math.floor(columns * 0.27)));
  const legWidth = Math.floor((columns - margin.length - nameWidth) / legs) - 2;
  const barWidth = Math.max(0, Math.min(30, legWidth - labelWidth - 1));

  const heads = ['SIS → Homeroom', 'Homeroom → Classroom'].slice(0, legs);
  const head = `${margin}${left('', nameWidth)}${heads.map((text) => `  ${left(text, legWidth)}`).join('')}`;
  const rows = state.schools.map(({ name, legs: { sis, classroom } }) => {
    const shown = (state.withClassroom ? [sis, classroom] : [sis]).map(
      (leg) => `  ${left(drawLeg(leg, barWidth, state, paint), legWidth)}`,
    );
    return `${margin}${left(name, nameWidth)}${shown.join('')}`;
  });

  const fixed = rows.length + 5;
  const shown = Math.max(0, Math.min(mostLogLines, size.rows - fixed - 1, state.log.length));
  const logLines = state.log.slice(state.log.length - shown);
  const foot = [
    duration(state.now),
    `${plural(state.received, 'log entry', 'log entries')}, live over a WebSocket`,
    ...(isPaced(state) ? ['Google’s quota sets the pace now'] : []),
  ].join(' · ');
  const lines = [
    paint.dim(head),
    ...rows,
    '',
    ...logLines.map((line) => drawLogLine(line, columns, paint)),
    paint.dim(margin + foot),
  ];

  return lines.map((line) => cut(line.trimEnd(), columns));
}

/** Past what an account may do at once, calls go out as fast as its quota refills. */
function isPaced({ schools, callsTake }: BoardState): boolean {
  return schools.some(({ legs: { classroom } }) => classroom.phase === 'writing' && callsTake(classroom.done) > 0);
}

function drawLeg(leg: Leg, barWidth: number, state: BoardState, paint: Paint): string {
  const bar = barWidth < 6 ? '' : `${drawBar(leg, barWidth, paint)} `;
  return bar + drawLabel(leg, state, paint);
}

/** Written in front of read in front of what is left; without colours each has a sign of its own. */
function drawBar(leg: Leg, barWidth: number, paint: Paint): string {
  const { read, written } = shares(leg);
  const done = Math.round(written * barWidth);
  const seen = Math.max(done, Math.round(read * barWidth)) - done;
  const fill = isTroubled(leg) ? paint.yellow : paint.green;

  return fill('━'.repeat(done)) + paint.cyan('╌'.repeat(seen)) + paint.dim('·'.repeat(barWidth - done - seen));
}

function drawLabel(leg: Leg, { now, callsTake }: BoardState, paint: Paint): string {
  switch (leg.phase) {
    case 'waiting':
      return '';
    case 'queued':
      return paint.dim('about to start');
    case 'reading':
      return `reading ${count(leg.done)}`;
    case 'comparing':
      return 'comparing';
    case 'writing': {
      const total = leg.total ?? 0;
      const remaining = remainingMs(leg, now, callsTake);
      if (remaining < worthTelling) return `${count(leg.done)} of ${count(total)}`;
      return `${Math.floor((100 * leg.done) / total)} %, ${Math.ceil(remaining / 60_000)} min left`;
    }
    case 'ended':
      return endLabel(leg, paint);
  }
}

function endLabel(leg: Leg, paint: Paint): string {
  if (leg.outcome === 'FAILED') return paint.red('failed');
  if (isTroubled(leg)) return paint.yellow(`${count(written(leg.counts))}, ${leg.outcome?.toLowerCase() ?? ''}`);
  return `${count(written(leg.counts))} in ${duration((leg.endedAt ?? 0) - (leg.beganAt ?? 0))}`;
}

function isTroubled({ outcome }: Leg): boolean {
  return outcome !== null && outcome !== 'SUCCEEDED';
}

/** By the pace so far once there is one, and no faster than the quota. */
function remainingMs({ done, total, phaseAt }: Leg, now: number, callsTake: (calls: number) => number): number {
  const rest = (total ?? 0) - done;
  const spent = now - (phaseAt ?? now);
  return done === 0 || spent < 5_000 ? 0 : Math.max((spent / done) * rest, rest > 2_000 ? callsTake(rest) : 0);
}

function drawLogLine({ school, entry }: LogLine, columns: number, paint: Paint): string {
  const time = entry.timestamp.toTimeString().slice(0, 8);
  const mark = { SUCCESS: paint.green('✓'), FAILED: paint.red('✗'), SKIPPED: paint.yellow('–'), PENDING: ' ' };
  const begin = `${margin}${paint.dim(time)} ${mark[entry.status]} ${left(entry.action, actionWidth)}  `;
  const room = columns - width(begin);
  if (room < 50) return begin + entry.entity.name;
  const schoolWidth = Math.min(width(school), Math.floor(room / 2));

  return `${begin}${left(entry.entity.name, room - schoolWidth - 2)}  ${paint.dim(left(school, schoolWidth))}`;
}

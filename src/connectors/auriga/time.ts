/** Instants out of what stands in a grid: mostly a clock on a wall, in the school's time zone. */

const written = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

const day = 86_400_000;

/**
 * The instant as the model writes it (`2026-06-15T06:30:00.000Z`), or null: for a date without a time, for a day or hour
 * that no calendar has, and for anything else. Without an offset the time is that of a clock in `timeZone`: one that the
 * change to summer time leaves out is moved on by as much, and of one that comes twice the first is meant.
 */
export function readInstant(cell: unknown, timeZone: string): string | null {
  const found = typeof cell === 'string' ? written.exec(cell.trim()) : null;
  if (found === null) return null;

  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const milliseconds = Number((found[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const wall = Date.UTC(year, month - 1, date, hour, minute, second || 0, milliseconds);
  const back = new Date(wall);
  const exists = back.getUTCFullYear() === year && back.getUTCMonth() === month - 1 && back.getUTCDate() === date;
  if (!exists || hour > 23 || minute > 59 || (second || 0) > 59) return null;

  const offset = found[8] === undefined ? undefined : statedOffset(found[8]);
  if (offset === null) return null;
  return new Date(offset === undefined ? instantOf(wall, timeZone) : wall - offset).toISOString();
}

/** Milliseconds ahead of UTC; null for an offset that no place on earth has. */
function statedOffset(text: string): number | null {
  if (/^z$/i.test(text)) return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))];
  if (hours > 14 || minutes > 59) return null;

  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** @param wall what the clock shows, as if it were UTC. */
function instantOf(wall: number, timeZone: string): number {
  const before = offsetAt(wall - day, timeZone);
  const after = offsetAt(wall + day, timeZone);
  const meant = [wall - before, wall - after].filter((instant) => instant + offsetAt(instant, timeZone) === wall);

  return meant.length > 0 ? Math.min(...meant) : wall - before;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** A plan has far fewer different times than rows, and asking the calendar is slow; beyond so many they are forgotten. */
const mostOffsets = 20_000;

function offsetAt(instant: number, timeZone: string): number {
  const asked = `${instant} ${timeZone}`;
  const offset = offsets.get(asked) ?? lookUpOffset(instant, timeZone);
  if (offsets.size >= mostOffsets) offsets.clear();
  offsets.set(asked, offset);

  return offset;
}

/** Milliseconds the zone is ahead of UTC at an instant. */
function lookUpOffset(instant: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    const clock = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, era: 'short', ...numeric, ...clock });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
  const shown = new Date(0);
  shown.setUTCFullYear(year, part('month') - 1, part('day'));
  shown.setUTCHours(part('hour'), part('minute'), part('second'));

  return shown.getTime() - Math.floor(instant / 1000) * 1000;
}

/** Whether there is a zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What is told of a leg where nothing can be redrawn: a line at its start, at each quarter and at its end. */
import { count, duration, plural } from './columns.ts';
import { type Leg, shares, written } from './leg.ts';

const names = { sis: 'SIS → Homeroom', classroom: 'Homeroom → Classroom' } as const;

/** What is over in so many milliseconds is not told in quarters. */
const worthQuarters = 2_000;

/**
 * The line for the step from `before` to `after`, or null where nothing worth a line happened.
 *
 * @param now milliseconds since the process started.
 */
export function milestone(
  school: string,
  leg: keyof typeof names,
  { before, after, now }: { before: Leg; after: Leg; now: number },
): string | null {
  const place = `${school}, ${names[leg]}:`;
  if (after.phase === 'ended') return before.phase === 'ended' ? null : `${place} ${ending(after)}`;
  if (before.beganAt === null && after.beganAt !== null) return `${place} reading`;
  if (after.phase !== 'writing' || now - (after.phaseAt ?? now) < worthQuarters) return null;

  const quarter = quarterOf(after);
  const isNew = quarter > (before.phase === 'writing' ? quarterOf(before) : 0);
  return isNew && quarter < 4 ? `${place} ${count(after.done)} of ${count(after.total ?? 0)}` : null;
}

function quarterOf(leg: Leg): number {
  return Math.floor(shares(leg).written * 4);
}

function ending({ outcome, counts, beganAt, endedAt }: Leg): string {
  const done = `${plural(written(counts), 'record')} in ${duration((endedAt ?? 0) - (beganAt ?? 0))}`;
  return outcome === 'SUCCEEDED' ? done : `${outcome ?? 'ended'}, ${done}`;
}

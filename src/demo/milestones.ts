/** What is told of a leg where nothing can be redrawn: a line at its start, at each quarter and at its end. */
import { count, duration, plural } from './columns.ts';
import { type Leg, shares, written } from './leg.ts';

const names = { sis: 'SIS → Homeroom', classroom: 'Homeroom → Classroom' } as const;

/** The line for the step from `before` to `after`, or null where nothing worth a line happened. */
export function milestone(school: string, leg: keyof typeof names, before: Leg, after: Leg): string | null {
  const place = `${school}, ${names[leg]}:`;
  if (after.phase === 'ended') return before.phase === 'ended' ? null : `${place} ${ending(after)}`;
  if (before.beganAt === null && after.beganAt !== null) return `${place} reading`;
  if (after.phase !== 'writing') return null;

  const quarter = Math.floor(shares(after).written * 4);
  const isNew = quarter > (before.phase === 'writing' ? Math.floor(shares(before).written * 4) : 0);
  return isNew && quarter < 4 ? `${place} ${count(after.done)} of ${count(after.total ?? 0)}` : null;
}

function ending({ outcome, counts, beganAt, endedAt }: Leg): string {
  const done = `${plural(written(counts), 'record')} in ${duration((endedAt ?? 0) - (beganAt ?? 0))}`;
  return outcome === 'SUCCEEDED' ? done : `${outcome ?? 'ended'}, ${done}`;
}

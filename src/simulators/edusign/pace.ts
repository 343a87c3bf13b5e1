// Edusign refuses nobody for hurrying: beyond its pace every call of the minute takes a little longer than the one before.
import type { SimulatorClock } from '../kit/clock.ts';
import type { EdusignOptions } from './options.ts';

export interface Pace {
  /** Counts a call and says for how many milliseconds its answer is held back. */
  delayOf(path: string): number;
  set(pace: Exclude<EdusignOptions['pace'], undefined>): void;
}

/** The vendor names no heavy endpoints in public: those that gather much at once are taken for heavy. */
const heavyPaths = ['/v1/student/by-ids', '/v1/justified-absence'];

/** Counters over a minute that slides with the simulator's clock. */
export function createPace(clock: SimulatorClock, initial: Exclude<EdusignOptions['pace'], undefined>): Pace {
  let pace = initial;
  const calls: number[] = [];
  const heavy: number[] = [];

  const surplus = (seen: number[], allowed: number) => {
    const now = clock.now().getTime();
    while (seen[0] !== undefined && seen[0] <= now - 60_000) seen.shift();
    seen.push(now);
    return Math.max(0, seen.length - allowed);
  };

  return {
    delayOf: (path) => {
      if (pace === 'off') return 0;
      const late = surplus(calls, pace.calls);
      const lateHeavy = heavyPaths.some((begin) => path.startsWith(begin)) ? surplus(heavy, pace.heavy) : 0;
      return Math.max(late, lateHeavy) * pace.stepMs;
    },
    set: (next) => {
      pace = next;
    },
  };
}

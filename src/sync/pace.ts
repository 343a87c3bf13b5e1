/** How much to do in one commit: an open transaction that has written delays live events for everybody. */

/** Milliseconds a commit should take at most. */
const commitMs = 250;

export interface Pace {
  /** So many go into the next commit. */
  readonly size: number;
  /** Carries out one commit, and learns from how long it took. */
  keep<T>(fn: () => Promise<T>): Promise<T>;
}

/** Begins with `first`, and stays between `least` and `most`. */
export function createPace({ first, least, most }: { first: number; least: number; most: number }): Pace {
  let size = first;

  return {
    get size() {
      return size;
    },
    async keep(fn) {
      const began = performance.now();
      const answer = await fn();
      const took = performance.now() - began;
      if (took > commitMs) size = Math.max(least, Math.floor(size / 2));
      else if (took < commitMs / 3) size = Math.min(most, size * 2);

      return answer;
    },
  };
}

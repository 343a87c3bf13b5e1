// The simulator's time: real unless told otherwise, and it can be put forward.

export interface SimulatorClock {
  now(): Date;
  /** Puts the clock forward by so many milliseconds. Waits inside answers (latency, slow bodies) stay in real time. */
  advance(milliseconds: number): void;
}

/** A clock that runs with real time until it is put forward; given `startAt`, one that stands still there instead. */
export function createClock(startAt?: Date): SimulatorClock {
  let offset = 0;
  const base = startAt === undefined ? () => Date.now() : () => startAt.getTime();

  return {
    now: () => new Date(base() + offset),
    advance: (milliseconds) => {
      offset += milliseconds;
    },
  };
}

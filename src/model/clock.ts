/** Where product time comes from, so that a test can live through a year. Leases, heartbeats and time-outs are real and do not use it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** Trying again: with growing random pauses when a provider is unwell, and as it asks when it asks for patience. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../model/clock.ts';
import { providerWaits } from '../../model/telemetry.ts';
import { Unwell, Wait } from './errors.ts';

/** Resolves after so many milliseconds; rejects with the signal's reason as soon as that aborts. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** In real time. */
export const sleep: Sleep = async (milliseconds, signal) => {
  try {
    await wait(milliseconds, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
};

export interface Patience {
  clock: Clock;
  signal: AbortSignal;
  sleep?: Sleep | undefined;
  /** Between 0 and 1. */
  random?: (() => number) | undefined;
  /** How often in all. Default 4. */
  attempts?: number | undefined;
  /** Milliseconds the first pause lasts at most; each further one may last twice as long. Default 1,000. */
  firstPause?: number | undefined;
  /** Milliseconds no pause is longer than. Default 30,000. */
  longestPause?: number | undefined;
  /** Milliseconds a `Wait` is obeyed here; a longer one is thrown, for the run to be resumed then. Default 60,000. */
  longestWait?: number | undefined;
}

/**
 * Calls `fn` until it succeeds, at most `attempts` times. Only `Unwell` and `Wait` are repeated, everything else is thrown
 * at once; the last failure is thrown as it is. Meant for reads: a write whose answer was lost must be looked up first.
 */
export async function withRetries<T>(fn: () => Promise<T>, patience: Patience): Promise<T> {
  const { clock, signal, sleep: pause = sleep, random = Math.random } = patience;
  const { attempts = 4, firstPause = 1_000, longestPause = 30_000, longestWait = 60_000 } = patience;

  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await fn();
    } catch (error) {
      if (!(error instanceof Unwell || error instanceof Wait) || attempt >= attempts) throw error;

      const backoff = random() * Math.min(longestPause, firstPause * 2 ** (attempt - 1));
      const asked = error instanceof Wait ? error.until.getTime() - clock.now().getTime() : 0;
      if (asked > longestWait) throw error;
      await providerWaits.tracePromise(() => pause(Math.max(backoff, asked), signal), { reason: 'retry' });
    }
  }
}

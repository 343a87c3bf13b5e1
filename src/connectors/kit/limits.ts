/** Uses a provider's quotas to nine tenths and never to the end, counted over all processes: a bucket of calls that all of them draw from. */
import { providerWaits } from '../../model/telemetry.ts';
import type { Limit } from './contract.ts';
import { type Sleep, sleep } from './retry.ts';

export interface Bucket {
  /** Calls it holds at most. */
  capacity: number;
  perSecond: number;
}

/**
 * Draws calls from the bucket of that name, shared by all processes. `granted` of them may be made once `waitMs`
 * milliseconds have passed; when none are, ask again then.
 */
export type TakeCalls = (name: string, want: number, bucket: Bucket) => Promise<{ granted: number; waitMs: number }>;

export interface Quotas {
  /** Resolves when a call of this path may be made; rejects with the signal's reason. */
  take(path: string, signal: AbortSignal): Promise<void>;
}

/** What has been drawn but not used yet. It spoils, or a pause would let more calls through at once than the quota has. */
interface Purse {
  limit: Limit;
  name: string;
  bucket: Bucket;
  /** Milliseconds for which drawn calls may be used. */
  keeps: number;
  left: number;
  /** On the monotonic clock. */
  usableUntil: number;
  /** How many to draw next: doubles while all of them are used, falls back to 1 when some spoiled. */
  next: number;
  largest: number;
  drawing: Promise<void> | undefined;
}

/** Share of a quota that may go in any window of its length; the rest is for clocks that differ and for calls that travel. */
const most = 0.98;

/** Share of a quota that a full bucket holds, for a small sync to go at once. It is taken from what runs in. */
const burst = 0.05;

/**
 * A bucket that lets no more than 98 % of `calls` through in any `seconds`: what it holds when full and what runs in
 * meanwhile, more than nine tenths of a quota by the minute. Drawn calls may be used up to `keeps` milliseconds late, which the
 * rate allows for. Of a quota of one call, that one may be used.
 */
export function bucketOf(limit: Pick<Limit, 'calls' | 'seconds'>): Bucket & { keeps: number } {
  const budget = limit.calls * most;
  const capacity = Math.max(1, limit.calls * burst);
  const keeps = Math.min(1, limit.seconds / 60);
  // What is left of the budget; where a bucket of one has used it up, a rate that stays under a second whole call.
  const refill = budget > capacity ? budget - capacity : 0.9;

  return { capacity, perSecond: refill / (limit.seconds + keeps), keeps: keeps * 1_000 };
}

/** `quotaKeys` names, for each `per` of the limits, whom the provider counts; a limit without a name there is an error. */
export function makeQuotas(options: {
  limits: readonly Limit[];
  quotaKeys: Readonly<Record<string, string>>;
  takeCalls: TakeCalls;
  sleep?: Sleep | undefined;
  /** Milliseconds, only ever forward. */
  monotonic?: (() => number) | undefined;
}): Quotas {
  const { takeCalls, sleep: pause = sleep, monotonic = () => performance.now() } = options;
  const purses = options.limits.map((limit): Purse => {
    const key = options.quotaKeys[limit.per];
    if (key === undefined)
      throw new TypeError(`The limit ${limit.name} is counted per ${limit.per}: no quota key for it.`);
    const { keeps, ...bucket } = bucketOf(limit);
    const largest = Math.max(1, Math.min(10, Math.floor(bucket.capacity / 10)));
    const name = `${limit.name}/${key}`;

    return { limit, name, bucket, keeps, left: 0, usableUntil: 0, next: 1, largest, drawing: undefined };
  });

  const draw = async (purse: Purse, signal: AbortSignal) => {
    purse.next = purse.left > 0 ? 1 : purse.next;
    purse.left = 0;
    const { granted, waitMs } = await takeCalls(purse.name, purse.next, purse.bucket);
    if (waitMs > 0) await providerWaits.tracePromise(() => pause(waitMs, signal), { reason: 'quota' });
    purse.left = granted;
    purse.usableUntil = monotonic() + purse.keeps;
    purse.next = Math.min(purse.largest, purse.next * 2);
  };

  const takeOne = async (purse: Purse, signal: AbortSignal) => {
    while (purse.left < 1 || monotonic() >= purse.usableUntil) {
      signal.throwIfAborted();
      // One draws, the others wait with it. Should the one who draws be told to stop, the next one draws again.
      const mine = purse.drawing === undefined;
      purse.drawing ??= draw(purse, signal).finally(() => {
        purse.drawing = undefined;
      });
      await (mine ? purse.drawing : settled(purse.drawing, signal));
    }
    purse.left -= 1;
  };

  return {
    take: async (path, signal) => {
      for (const purse of purses) {
        const counts = purse.limit.paths?.some((begin) => path.startsWith(begin)) ?? true;
        if (counts) await takeOne(purse, signal);
      }
    },
  };
}

/** Waits for the end of another's drawing, however it ends, or until the signal aborts. */
function settled(drawing: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    const go = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    drawing.then(go, go);
  });
}

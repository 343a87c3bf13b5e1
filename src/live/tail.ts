/** Reads new activity once for the whole process, in order, and hands it on. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import type { Sql } from '../db/client.ts';
import { type Activity, comparePlaces, readActivity } from '../db/queries/activity.ts';
import { type FeedFacts, feed } from '../model/telemetry.ts';
import { createBell } from './bell.ts';
import type { Bookmark } from './cursor.ts';
import { channel } from './wake.ts';

export interface Tail {
  /** How far everything has been handed on. */
  position(): Bookmark;
  close(): Promise<void>;
}

export interface TailOptions {
  readonly system: Sql;
  /** A pool that LISTEN may use: not one behind a transaction-mode pooler. */
  readonly listen: Sql;
  readonly log: Pick<BaseLogger, 'warn' | 'info'>;
  /** Called with each batch, at least one row. Must neither throw nor wait. */
  readonly publish: (rows: readonly Activity[]) => void;
}

/** No more than a subscriber's queue holds: who empties it between two looks misses nothing. */
const pageRows = 100;
/** Milliseconds after which it looks unasked: notifications are lost while a connection is down. */
const pollMs = 1_000;
/** Milliseconds between looks while an older open transaction holds rows back: it tells nobody when it ends. */
const heldMs = [5, 5, 5, 10, 20, 40, 80] as const;
const longestHeldMs = 100;
/** Milliseconds from one look to the next at least, however often it is woken. */
const spacingMs = 5;
/** Milliseconds that closing waits for the connection that listens. */
const farewellMs = 1_000;

/** Starts at the present; what was before is not handed on. */
export async function startTail({ system, listen, log, publish }: TailOptions): Promise<Tail> {
  const bell = createBell();
  let position = await present(system);
  const stop = new AbortController();
  let failing = false;
  /** How often in a row the same rows were found held back. */
  let looks = 0;

  /** Reads and publishes one page; answers after how many milliseconds to look again. */
  async function step(): Promise<number> {
    const { rows, horizon, held, now } = await readActivity(system, position.place, pageRows);
    const [oldest] = rows;
    if (oldest !== undefined) {
      publish(rows);
      if (feed.hasSubscribers) {
        feed.publish({
          events: rows.length,
          lagSeconds: (now.getTime() - oldest.at.getTime()) / 1_000,
        } satisfies FeedFacts);
      }
    }
    if (!held || rows.length > 0) looks = 0;

    const last = rows.at(-1);
    if (rows.length === pageRows && last !== undefined) {
      position = { place: last.place, at: last.at };
      return 0;
    }
    // The past is read up to the horizon, also where nothing was: so the place of a quiet time does not grow old.
    if (comparePlaces(horizon, position.place) >= 0) position = { place: horizon, at: now };
    if (!held) return pollMs;
    looks += 1;
    return heldMs[looks - 1] ?? longestHeldMs;
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const began = performance.now();
      let restMs = pollMs;
      try {
        restMs = await step();
        if (failing) log.info('the live feed reads again');
        failing = false;
      } catch (error) {
        if (!failing && !stop.signal.aborted)
          log.warn({ err: error }, 'the live feed cannot read; it tries again each second');
        failing = true;
      }
      if (restMs > 0 && !stop.signal.aborted) await bell.wait(restMs);
      const spare = spacingMs - (performance.now() - began);
      if (spare > 0 && !stop.signal.aborted) await delay(spare);
    }
  }

  const look = () => bell.ring();
  // The second one is for reconnects: what was notified in between is lost.
  const listening = await listen.listen(channel, look, look);
  const running = run();

  return {
    position: () => position,
    async close() {
      stop.abort();
      bell.ring();
      await running;
      // A connection that is down answers nothing; the end of its pool ends it all the same.
      const over = new AbortController();
      await Promise.race([listening.unlisten(), delay(farewellMs, undefined, over)]);
      over.abort();
    },
  };
}

async function present(system: Sql): Promise<Bookmark> {
  // Nothing lies behind this place: only the horizon is wanted.
  const { horizon, now } = await readActivity(system, { xid: 2n ** 63n - 1n, seq: 0n }, 1);
  return { place: horizon, at: now };
}

/** Forgets activity that is too old to be replayed, and what came of mutations that nobody may repeat any more. */
import type { BaseLogger } from 'pino';
import type { Sql } from '../db/client.ts';
import { forgetActivity } from '../db/queries/activity.ts';
import { forgetOutcomes } from '../db/queries/mutation-outcome.ts';
import { createBell } from './bell.ts';

const hour = 60 * 60 * 1_000;
/** Rows a statement deletes at most, so that it stays short. */
const batchRows = 5_000;

export interface RetentionOptions {
  readonly system: Sql;
  readonly log: Pick<BaseLogger, 'warn'>;
  /** Milliseconds that activity can be replayed. */
  readonly keptMs: number;
}

/** Looks once an hour. Any number of processes may do so. `close` waits for what is under way. */
export function startRetention({ system, log, keptMs }: RetentionOptions): { close(): Promise<void> } {
  const bell = createBell();

  async function run(): Promise<void> {
    while (!(await bell.wait(hour))) {
      try {
        // An hour longer than promised: what a cursor still opens must not vanish under a replay.
        while ((await forgetActivity(system, keptMs + hour, batchRows)) === batchRows);
        while ((await forgetOutcomes(system, batchRows)) === batchRows);
      } catch (error) {
        log.warn({ err: error }, 'what is too old could not be forgotten; the next try is in an hour');
      }
    }
  }

  const running = run();
  return {
    async close() {
      bell.ring();
      await running;
    },
  };
}

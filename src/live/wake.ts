/** Tells every process that there is activity to read. Only a hint: the feeds also look by themselves each second. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import type { Sql } from '../db/client.ts';

export const channel = 'homeroom_activity';

export interface Wake {
  /** Call after a commit that recorded activity. Returns at once and never throws. */
  (): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** Milliseconds between two notifications of one process: a commit with NOTIFY takes a lock of the whole server. */
const everyMs = 5;

/** @param sql any role's pool. */
export function createWake(sql: Sql, log: Pick<BaseLogger, 'warn'>): Wake {
  let due = false;
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    while (due) {
      due = false;
      try {
        await sql`select pg_notify(${channel}, '')`;
      } catch (error) {
        log.warn({ err: error }, 'the feeds could not be woken; they will look by themselves');
      }
      await delay(everyMs);
    }
    sending = undefined;
  }

  const wake = () => {
    due = true;
    sending ??= send();
  };
  return Object.assign(wake, { close: async () => sending });
}

/** Notes when something was last used, once a minute for each and behind the back of whoever uses it. */
import type { BaseLogger } from 'pino';
import { forgetOldest } from './believed.ts';

export interface LastUse {
  note(name: string, now: Date, write: () => Promise<unknown>): void;
  /** Waits for what is still being written. */
  close(): Promise<void>;
}

const everyMs = 60_000;
const mostNoted = 10_000;

export function createLastUse(log: Pick<BaseLogger, 'warn'>): LastUse {
  /** When each was last noted, in milliseconds of the clock. */
  const noted = new Map<string, number>();
  const writing = new Set<Promise<unknown>>();

  return {
    note(name, now, write) {
      if (now.getTime() - (noted.get(name) ?? -Infinity) < everyMs) return;
      noted.delete(name);
      noted.set(name, now.getTime());
      if (noted.size > mostNoted) forgetOldest(noted);
      const work = write()
        .catch((error: unknown) => log.warn({ err: error }, 'the last use of a key or by a member could not be noted'))
        .finally(() => writing.delete(work));
      writing.add(work);
    },
    async close() {
      await Promise.all(writing);
    },
  };
}

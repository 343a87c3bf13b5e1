/** Says to whoever starts, stops and balances processes how this one is; and nothing more than that. */
import type { BaseLogger } from 'pino';
import type { Sql } from '../db/client.ts';
import { migrationsPending } from '../db/migrate.ts';

/** True when the database answers in time and has all migrations. Asked often, it looks once a second. */
export type Readiness = () => Promise<boolean>;

const patienceMs = 2_000;
const keptMs = 1_000;

export function createReadiness(system: Sql, log: Pick<BaseLogger, 'warn'>): Readiness {
  let answer: Promise<boolean> | undefined;
  let until = 0;

  async function look(): Promise<boolean> {
    try {
      const pending = await inTime(migrationsPending(system));
      if (pending > 0) log.warn({ pending }, 'the database lacks migrations');
      return pending === 0;
    } catch (error) {
      log.warn({ err: error }, 'the database does not answer');
      return false;
    }
  }

  return () => {
    const now = performance.now();
    if (answer === undefined || now > until) {
      answer = look();
      until = now + keptMs;
    }
    return answer;
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No answer within ${patienceMs} ms.`)), patienceMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

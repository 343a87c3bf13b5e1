/** Who stands behind a request or a socket, for as long as it is open. */
import { randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { Identity } from '../model/identity.ts';
import type { Authenticator } from './authenticator.ts';

export interface Caller {
  readonly identity: Identity;
  /** Names this request in the log and to the client. */
  readonly requestId: string;
  /** Whether what they showed still opens what it opened at first. What this answers is at most five seconds old. */
  stillAllowed(): Promise<boolean>;
}

/** @throws NotAdmitted or IssuerDown when the header opens nothing. */
export async function findCaller(
  authenticator: Authenticator,
  authorization: string | undefined,
  requestId: string = randomUUID(),
): Promise<Caller> {
  const { identity } = await authenticator.admit(authorization);

  return { identity, requestId, stillAllowed: () => authenticator.stillAdmits(authorization, identity) };
}

export interface Watch {
  /** Calls `lost` once what the caller showed opens something else or nothing, also where nothing happens. Answers how to stop. */
  add(caller: Caller, lost: () => void): () => void;
  close(): void;
}

interface Watched {
  readonly caller: Caller;
  readonly lost: () => void;
}

/** Looked at side by side, so that thousands are through in time: what they need of the database is read together. */
const lanes = 100;

/** Looks every `everyMs` milliseconds at the keys and tokens of all that is open. */
export function startWatch(everyMs: number, log: Pick<BaseLogger, 'warn'>): Watch {
  const watched = new Map<object, Watched>();
  let looking = false;

  async function lookAt(entries: Iterable<Watched>): Promise<void> {
    for (const { caller, lost } of entries) {
      try {
        if (!(await caller.stillAllowed())) lost();
      } catch (error) {
        log.warn({ err: error }, 'whether an open connection may stay could not be checked');
      }
    }
  }

  /** All of the lanes take from the same line. */
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    const line = watched.values();
    await Promise.all(Array.from({ length: lanes }, () => lookAt(line)));
    looking = false;
  }
  const timer = setInterval(() => void look(), everyMs);

  return {
    add(caller, lost) {
      const entry = {};
      watched.set(entry, { caller, lost });
      return () => void watched.delete(entry);
    },
    close: () => clearInterval(timer),
  };
}

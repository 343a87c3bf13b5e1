/** Who stands behind a request or a socket, for as long as it is open. */
import { randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { Guest } from '../live/audience.ts';
import type { Identity } from '../model/identity.ts';
import type { Authenticator } from './authenticator.ts';

export interface Caller {
  readonly identity: Identity;
  /** Names this request in the log and to the client. */
  readonly requestId: string;
  /** The same object for everybody who came with this key or token while it opened the same. */
  readonly guest: Guest;
}

/** @throws NotAdmitted or IssuerDown when the header opens nothing. */
export type FindCaller = (authorization: string | undefined, requestId?: string) => Promise<Caller>;

/** Whoever is not among them any more is no less a guest, and asked for by itself. */
const mostKnown = 10_000;

export function createCallers(authenticator: Authenticator): FindCaller {
  const known = new Map<string, Guest>();

  function guestOf(authorization: string | undefined, identity: Identity): Guest {
    const { tenantId, schoolIds, scopes } = identity;
    const key = JSON.stringify([authorization, tenantId, schoolIds, [...scopes].sort()]);
    const guest = known.get(key) ?? { stillAllowed: () => authenticator.stillAdmits(authorization, identity) };
    known.delete(key);
    known.set(key, guest);
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
    return guest;
  }

  return async (authorization, requestId = randomUUID()) => {
    const { identity } = await authenticator.admit(authorization);

    return { identity, requestId, guest: guestOf(authorization, identity) };
  };
}

export interface Watch {
  /** Calls `lost` once what the guest showed opens something else or nothing, also where nothing happens. Answers how to stop. */
  add(guest: Guest, lost: () => void): () => void;
  close(): void;
}

/** Looked at side by side, so that thousands are through in time: what they need of the database is read together. */
const lanes = 100;

/** Looks every `everyMs` milliseconds at the keys and tokens of all that is open. */
export function startWatch(everyMs: number, log: Pick<BaseLogger, 'warn'>): Watch {
  const watched = new Map<Guest, Set<() => void>>();
  let looking = false;

  async function lookAt(entries: Iterable<[Guest, Set<() => void>]>): Promise<void> {
    for (const [guest, some] of entries) {
      try {
        if (!(await guest.stillAllowed())) for (const lost of some) lost();
      } catch (error) {
        log.warn({ err: error }, 'whether an open connection may stay could not be checked');
      }
    }
  }

  /** All of the lanes take from the same line. */
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    const line = watched.entries();
    await Promise.all(Array.from({ length: lanes }, () => lookAt(line)));
    looking = false;
  }
  const timer = setInterval(() => void look(), everyMs);

  return {
    add(guest, lost) {
      const some = watched.get(guest) ?? new Set();
      const entry = () => lost();
      watched.set(guest, some.add(entry));
      return () => {
        some.delete(entry);
        if (some.size === 0 && watched.get(guest) === some) watched.delete(guest);
      };
    },
    close: () => clearInterval(timer),
  };
}

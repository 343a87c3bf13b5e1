/** Who stands behind a request or a socket, for as long as it is open. */
import { randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { Identity } from '../model/identity.ts';
import type { Authenticator } from './api-keys.ts';

export interface Caller {
  readonly identity: Identity;
  /** Names this request in the log and to the client. */
  readonly requestId: string;
  /** Whether the key still opens what it opened at first. What it answers is at most five seconds old. */
  stillAllowed(): Promise<boolean>;
}

/** Null when the header opens nothing. */
export async function findCaller(
  authenticator: Authenticator,
  authorization: string | undefined,
  requestId: string = randomUUID(),
): Promise<Caller | null> {
  const identity = await authenticator.authenticate(authorization);
  if (identity === null) return null;

  return {
    identity,
    requestId,
    async stillAllowed() {
      const now = await authenticator.authenticate(authorization);
      return now !== null && sameRights(now, identity);
    },
  };
}

function sameRights(left: Identity, right: Identity): boolean {
  return (
    left.tenantId === right.tenantId &&
    left.scopes.size === right.scopes.size &&
    left.scopes.isSubsetOf(right.scopes) &&
    JSON.stringify(left.schoolIds) === JSON.stringify(right.schoolIds)
  );
}

export interface Watch {
  /** Calls `lost` once the caller's key is no longer what it was, also where nothing happens. Answers how to stop. */
  add(caller: Caller, lost: () => void): () => void;
  close(): void;
}

/** Looks every `everyMs` milliseconds at the keys of all that is open. */
export function startWatch(everyMs: number, log: Pick<BaseLogger, 'warn'>): Watch {
  const watched = new Map<object, { readonly caller: Caller; readonly lost: () => void }>();

  async function look(): Promise<void> {
    try {
      for (const { caller, lost } of watched.values()) {
        if (!(await caller.stillAllowed())) lost();
      }
    } catch (error) {
      log.warn({ err: error }, 'the keys of open connections could not be checked');
    }
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

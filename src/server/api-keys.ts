/** API keys: made and revoked by a tenant, presented by callers, turned into the identity behind them. */
import { timingSafeEqual } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { Sql, TransactionSql } from '../db/client.ts';
import {
  type ApiKeyRow,
  findApiKeyByLookup,
  findApiKeyId,
  insertApiKey,
  markApiKeyRevoked,
  markApiKeyUsed,
} from '../db/queries/api-key.ts';
import type { Clock } from '../model/clock.ts';
import type { Identity, Scope } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { NotFound, ValidationFailed } from '../model/problems.ts';
import { makeKey, type PresentedKey, readKey } from './key-format.ts';

export interface NewApiKey {
  readonly tenantId: string;
  /** For people: who or what uses it. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null: every school of the tenant. */
  readonly schoolIds: readonly string[] | null;
  /** At most a year from now; left out, exactly that. */
  readonly expiresAt?: Date;
  /** Two to eight small letters in the key itself; left out, `live`. */
  readonly environment?: string;
}

const longestMs = 366 * 24 * 60 * 60 * 1_000;
const yearMs = 365 * 24 * 60 * 60 * 1_000;

/**
 * Makes a key inside the caller's transaction, under its tenant. `key` is shown once: only its hash is stored.
 *
 * @throws ValidationFailed when it would live longer than a year, or not at all.
 */
export async function createApiKey(
  tx: TransactionSql,
  wanted: NewApiKey,
  clock: Clock,
): Promise<{ readonly id: string; readonly key: string; readonly expiresAt: Date }> {
  const now = clock.now().getTime();
  const expiresAt = wanted.expiresAt ?? new Date(now + yearMs);
  if (expiresAt.getTime() > now + longestMs) {
    throw new ValidationFailed([{ path: ['expiresAt'], message: 'A key lives at most one year.' }]);
  }
  if (expiresAt.getTime() <= now) {
    throw new ValidationFailed([{ path: ['expiresAt'], message: 'This is over already.' }]);
  }
  const { key, lookup, hash } = makeKey(wanted.environment ?? 'live');
  const { tenantId, name, scopes, schoolIds } = wanted;
  const id = newId();
  await insertApiKey(tx, {
    tenantId,
    id,
    name,
    lookup,
    secretHash: hash,
    scopes,
    schoolIds,
    expiresAt,
    revokedAt: null,
  });
  return { id, key, expiresAt };
}

/**
 * From ten seconds on, at the latest, nobody gets in with it any more, and what is open under it ends.
 *
 * @param idOrKey the key's id, the key itself, or its public part: `hr_live_Ab3dEf9h`.
 * @throws NotFound
 */
export async function revokeApiKey(tx: TransactionSql, idOrKey: string, clock: Clock): Promise<void> {
  const id = await findApiKeyId(tx, idOrKey);
  if (id === undefined || !(await markApiKeyRevoked(tx, id, clock.now()))) throw new NotFound('There is no such key.');
}

export interface Authenticator {
  /**
   * Whose key an `Authorization` header carries. Null for none, an unknown, wrong, expired or revoked one: nobody is
   * told which. What it knows is at most five seconds old, so that it may be asked again for each event.
   */
  authenticate(authorization: string | null | undefined): Promise<Identity | null>;
  /** Waits for what is still being written. */
  close(): Promise<void>;
}

export interface AuthenticatorDeps {
  readonly system: Sql;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'warn'>;
  /** Milliseconds a key's row is believed. Default 5 seconds; revocation takes effect within that. */
  readonly cacheMs?: number;
}

interface Known {
  readonly row: Promise<ApiKeyRow | undefined>;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
}

const mostKnown = 10_000;
const usedEveryMs = 60_000;
/** What an unknown key is compared with, so that it costs what a wrong one costs. */
const noHash = Buffer.alloc(32);

export function createAuthenticator({ system, clock, log, cacheMs = 5_000 }: AuthenticatorDeps): Authenticator {
  const known = new Map<string, Known>();
  /** When each key's use was last noted, in milliseconds of the clock. */
  const noted = new Map<string, number>();
  const writing = new Set<Promise<void>>();

  function find(lookup: string): Promise<ApiKeyRow | undefined> {
    const now = performance.now();
    const found = known.get(lookup);
    if (found !== undefined && found.until > now) return found.row;

    const row = findApiKeyByLookup(system, lookup);
    known.delete(lookup);
    known.set(lookup, { row, until: now + cacheMs });
    if (known.size > mostKnown) forgetOldest(known);
    // An answer that failed, or that knows nothing, is not kept.
    const drop = () => known.get(lookup)?.row === row && known.delete(lookup);
    row.then((answer) => answer ?? drop(), drop);
    return row;
  }

  function note(lookup: string, now: Date): void {
    if (now.getTime() - (noted.get(lookup) ?? -Infinity) < usedEveryMs) return;
    noted.delete(lookup);
    noted.set(lookup, now.getTime());
    if (noted.size > mostKnown) forgetOldest(noted);
    const write = markApiKeyUsed(system, lookup, now)
      .catch((error: unknown) => log.warn({ err: error }, 'the last use of a key could not be noted'))
      .finally(() => writing.delete(write));
    writing.add(write);
  }

  return {
    async authenticate(authorization) {
      const presented = readHeader(authorization);
      if (presented === null) return null;
      const row = await find(presented.lookup);
      const now = clock.now();
      const same = timingSafeEqual(presented.hash, row?.secretHash ?? noHash);
      if (row === undefined || !same || row.revokedAt !== null || row.expiresAt <= now) return null;
      note(presented.lookup, now);
      return identityOf(row);
    },
    async close() {
      await Promise.all(writing);
    },
  };
}

/** The scheme's name in any letters (RFC 9110, 11.1). */
function readHeader(authorization: string | null | undefined): PresentedKey | null {
  const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return key === undefined ? null : readKey(key);
}

function identityOf({ id, tenantId, name, scopes, schoolIds }: ApiKeyRow): Identity {
  return { tenantId, schoolIds, actor: { kind: 'API_KEY', id, name }, scopes: new Set(scopes) };
}

function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

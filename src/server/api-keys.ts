/** API keys: made and revoked by a tenant, presented by callers, turned into the identity behind them. */
import { timingSafeEqual } from 'node:crypto';
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
import type { Credentials } from './authenticator.ts';
import { createBelieved } from './believed.ts';
import { makeKey, readKey } from './key-format.ts';
import type { LastUse } from './last-use.ts';
import { NotAdmitted } from './not-admitted.ts';

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

export interface ApiKeysOptions {
  readonly system: Sql;
  readonly clock: Clock;
  readonly lastUse: LastUse;
  /** Milliseconds a key's row is believed; revocation takes effect within that. */
  readonly cacheMs: number;
}

/** What an unknown key is compared with, so that it costs what a wrong one costs. */
const noHash = Buffer.alloc(32);

/** For an unknown, a wrong, an expired and a revoked key alike: nobody is told which. */
export function createApiKeys({ system, clock, lastUse, cacheMs }: ApiKeysOptions): Credentials {
  const believed = createBelieved<ApiKeyRow | undefined>(cacheMs);

  return {
    fits: (text) => text.startsWith('hr_'),
    async admit(key) {
      const presented = readKey(key);
      if (presented === null) throw NotAdmitted.unknown();
      const { lookup } = presented;
      const row = await believed.get(lookup, () => findApiKeyByLookup(system, lookup));
      const now = clock.now();
      const same = timingSafeEqual(presented.hash, row?.secretHash ?? noHash);
      if (row === undefined || !same || row.revokedAt !== null || row.expiresAt <= now) throw NotAdmitted.unknown();
      lastUse.note(lookup, now, () => markApiKeyUsed(system, lookup, now));

      return { identity: identityOf(row), until: row.expiresAt };
    },
    close: () => lastUse.close(),
  };
}

function identityOf({ id, tenantId, name, scopes, schoolIds }: ApiKeyRow): Identity {
  return { tenantId, schoolIds, actor: { kind: 'API_KEY', id, name }, scopes: new Set(scopes) };
}

/** Keys of callers. Writing them is a tenant's business; finding one comes before any tenant is known. */
import type { Sql, TransactionSql } from '../client.ts';
import type { Keyset } from './keyset.ts';
import { containsWords } from './record.ts';

export interface ApiKeyRow {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly secretHash: Buffer;
  readonly scopes: readonly string[];
  readonly schoolIds: readonly string[] | null;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

/** @param lookup the eight characters a key is found by; unique over all tenants. */
export async function insertApiKey(tx: TransactionSql, key: ApiKeyRow & { readonly lookup: string }): Promise<void> {
  await tx`
    insert into api_key (tenant_id, id, name, lookup, secret_hash, scopes, school_ids, expires_at)
    values (${key.tenantId}, ${key.id}, ${key.name}, ${key.lookup}, ${key.secretHash},
            ${[...key.scopes]}::text[], ${key.schoolIds && [...key.schoolIds]}::uuid[], ${key.expiresAt})`;
}

/** False when the tenant has no such key. One that is revoked already keeps its time. */
export async function markApiKeyRevoked(tx: TransactionSql, id: string, at: Date): Promise<boolean> {
  const { count } = await tx`update api_key set revoked_at = coalesce(revoked_at, ${at}) where id = ${id}`;
  return count > 0;
}

/** @param idOrKey a key's id, the key itself, or its public part: `hr_live_Ab3dEf9h`. */
export async function findApiKeyId(tx: TransactionSql, idOrKey: string): Promise<string | undefined> {
  const [row] = await tx<{ id: string }[]>`
    select id from api_key where id::text = lower(${idOrKey}) or lookup = substring(${idOrKey} from ${publicPart})`;
  return row?.id;
}

/** Whose key it is, of whatever tenant; by what `findApiKeyId` takes. */
export async function findApiKeyTenant(system: Sql, idOrKey: string): Promise<string | undefined> {
  const [row] = await system<{ tenantId: string }[]>`
    select tenant_id as "tenantId" from api_key
     where id::text = lower(${idOrKey}) or lookup = substring(${idOrKey} from ${publicPart})`;
  return row?.tenantId;
}

/** A key as people look after it: without its secret. */
export interface ListedApiKey {
  id: string;
  name: string;
  lookup: string;
  scopes: readonly string[];
  /** Null: every school of the tenant. */
  schoolIds: readonly string[] | null;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

export type ApiKeyStatus = 'ACTIVE' | 'EXPIRED' | 'REVOKED';

export interface ApiKeyFilter {
  /** Schools in the caller's reach, null for all: a key that opens more is not shown. */
  readonly within: readonly string[] | null;
  readonly status?: readonly ApiKeyStatus[] | undefined;
  /** Each of which is in the name or the public part, in whatever case. */
  readonly words?: readonly string[] | undefined;
  readonly now: Date;
}

const listed = `k.id, k.name, k.lookup, k.scopes, k.school_ids as "schoolIds", k.created_at as "createdAt",
  k.expires_at as "expiresAt", k.revoked_at as "revokedAt", k.last_used_at as "lastUsedAt"`;

export async function apiKeysByIds(
  db: TransactionSql,
  ids: readonly string[],
  within: readonly string[] | null,
): Promise<ListedApiKey[]> {
  return db<ListedApiKey[]>`
    select ${db.unsafe(listed)} from api_key k where k.id = any (${ids}::uuid[]) ${reached(db, within)}`;
}

/** In the order they were made. Relies on the primary key. */
export async function pageOfApiKeys(
  db: TransactionSql,
  { after, limit, descending }: Keyset,
  filter: ApiKeyFilter,
): Promise<ListedApiKey[]> {
  return db<ListedApiKey[]>`
    select ${db.unsafe(listed)} from api_key k
    where true ${matching(db, filter)}
      ${after === null ? db`` : descending ? db`and k.id < ${after}` : db`and k.id > ${after}`}
    order by k.id ${descending ? db`desc` : db`asc`} limit ${limit}`;
}

export async function countApiKeys(db: TransactionSql, filter: ApiKeyFilter): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from api_key k where true ${matching(db, filter)}`;

  return row?.count ?? 0;
}

function matching(db: TransactionSql, { within, status, words = [], now }: ApiKeyFilter) {
  return db`${reached(db, within)} and ${containsWords('k.name, k.lookup', words)(db)} ${
    status === undefined
      ? db``
      : db`and case when k.revoked_at is not null then 'REVOKED' when k.expires_at <= ${now} then 'EXPIRED' else 'ACTIVE' end
          = any (${status}::text[])`
  }`;
}

/** A key without schools opens all of them. */
function reached(db: TransactionSql, within: readonly string[] | null) {
  return within === null ? db`` : db`and k.school_ids <@ ${within}::uuid[]`;
}

/** The eight characters a key is found by. */
const publicPart = '^hr_[a-z]+_([A-Za-z0-9]{8})(?:_|$)';

/** Of any tenant. Relies on `api_key_lookup`. */
export async function findApiKeyByLookup(system: Sql, lookup: string): Promise<ApiKeyRow | undefined> {
  const [row] = await system<ApiKeyRow[]>`
    select id, tenant_id as "tenantId", name, secret_hash as "secretHash", scopes, school_ids as "schoolIds",
           expires_at as "expiresAt", revoked_at as "revokedAt"
      from api_key where lookup = ${lookup}`;
  return row;
}

/** Several processes may say so within a minute; one of them writes. */
export async function markApiKeyUsed(system: Sql, lookup: string, at: Date): Promise<void> {
  await system`
    update api_key set last_used_at = ${at}
     where lookup = ${lookup} and (last_used_at is null or last_used_at < ${at}::timestamptz - interval '1 minute')`;
}

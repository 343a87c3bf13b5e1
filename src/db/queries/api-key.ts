/** Keys of callers. Writing them is a tenant's business; finding one comes before any tenant is known. */
import type { Sql, TransactionSql } from '../client.ts';

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

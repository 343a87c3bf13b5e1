import type { TransactionSql } from '../client.ts';

export interface TenantRow {
  id: string;
  name: string;
}

/** Of several ids at most one answers: nobody sees a tenant but its own. */
export async function tenantsByIds(db: TransactionSql, ids: readonly string[]): Promise<TenantRow[]> {
  return db<TenantRow[]>`select id, name from tenant where id = any (${ids}::uuid[])`;
}

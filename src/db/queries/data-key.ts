/** The keys a tenant's secrets are sealed with, themselves sealed by the master key. */
import type { TransactionSql } from '../client.ts';

export interface DataKeyRow {
  readonly id: string;
  readonly wrapped: Buffer;
}

/** The key for new secrets: the youngest. */
export async function findNewestDataKey(tx: TransactionSql, tenantId: string): Promise<DataKeyRow | undefined> {
  const [row] = await tx<DataKeyRow[]>`
    select id, wrapped from data_key where tenant_id = ${tenantId} order by created_at desc, id desc limit 1`;
  return row;
}

export async function findDataKey(tx: TransactionSql, tenantId: string, id: string): Promise<DataKeyRow | undefined> {
  const [row] = await tx<DataKeyRow[]>`
    select id, wrapped from data_key where tenant_id = ${tenantId} and id = ${id}`;
  return row;
}

export async function insertDataKey(
  tx: TransactionSql,
  key: DataKeyRow & { readonly tenantId: string },
): Promise<void> {
  await tx`insert into data_key (tenant_id, id, wrapped) values (${key.tenantId}, ${key.id}, ${key.wrapped})`;
}

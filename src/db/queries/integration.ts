import type { Schedule } from '../../model/schedule.ts';
import type { IntegrationStatus } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';

export interface IntegrationRow {
  id: string;
  schoolId: string;
  provider: string;
  settings: Record<string, unknown>;
  status: IntegrationStatus;
  statusReason: string | null;
  lastSyncedAt: Date | null;
  schedule: Schedule | null;
  nextSyncAt: Date | null;
  webhookEndpoint: string | null;
}

const columns = `id, school_id as "schoolId", provider, settings, status, status_reason as "statusReason",
  last_synced_at as "lastSyncedAt", schedule, next_sync_at as "nextSyncAt", webhook_endpoint as "webhookEndpoint"`;

export async function integrationsByIds(db: TransactionSql, ids: readonly string[]): Promise<IntegrationRow[]> {
  return db<IntegrationRow[]>`select ${db.unsafe(columns)} from integration where id = any (${ids}::uuid[])`;
}

/** All of each school's, in the order they were connected. Relies on `integration_school`. */
export async function integrationsOfSchools(
  db: TransactionSql,
  schoolIds: readonly string[],
): Promise<IntegrationRow[]> {
  return db<IntegrationRow[]>`
    select ${db.unsafe(columns)} from integration where school_id = any (${schoolIds}::uuid[]) order by id`;
}

/** All the caller may see of these schools, or of every school, in the order they were connected. */
export async function visibleIntegrations(
  db: TransactionSql,
  schoolIds: readonly string[] | null,
): Promise<IntegrationRow[]> {
  return db<IntegrationRow[]>`
    select ${db.unsafe(columns)} from integration
    ${schoolIds === null ? db`` : db`where school_id = any (${schoolIds}::uuid[])`} order by id`;
}

/** When each one's provider last rang, of those that did in the days that are kept. Relies on `webhook_delivery_received`. */
export async function lastWebhooks(
  db: TransactionSql,
  ids: readonly string[],
): Promise<{ integrationId: string; receivedAt: Date }[]> {
  return db<{ integrationId: string; receivedAt: Date }[]>`
    select integration_id as "integrationId", max(received_at) as "receivedAt" from webhook_delivery
    where integration_id = any (${ids}::uuid[]) group by integration_id`;
}

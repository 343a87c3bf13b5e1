/** Webhooks: whose address rings, the secrets it is believed under, and what has been taken already. */
import type { Sql, TransactionSql } from '../../client.ts';

interface Place {
  tenantId: string;
  integrationId: string;
}

export interface BellRow extends Place {
  schoolId: string;
  provider: string;
}

/** Across tenants, as the system role. A disconnected integration has no address. Relies on `integration_webhook_endpoint`. */
export async function findBell(system: Sql, provider: string, endpoint: string): Promise<BellRow | undefined> {
  const [row] = await system<BellRow[]>`
    select tenant_id as "tenantId", school_id as "schoolId", id as "integrationId", provider from integration
    where webhook_endpoint = ${endpoint} and provider = ${provider} and status <> 'DISCONNECTED'`;

  return row;
}

export interface WebhookRow {
  endpoint: string | null;
  /** A sealed box. */
  secret: Buffer | null;
  /** Null: nothing has been compared yet, so a hint is of no use. */
  lastSyncedAt: Date | null;
}

/** Undefined for an integration that is gone or disconnected. */
export async function readWebhook(tx: TransactionSql, place: Place): Promise<WebhookRow | undefined> {
  const [row] = await tx<WebhookRow[]>`
    select webhook_endpoint as endpoint, webhook_secret as secret, last_synced_at as "lastSyncedAt" from integration
    where tenant_id = ${place.tenantId} and id = ${place.integrationId} and status <> 'DISCONNECTED'`;

  return row;
}

export async function writeWebhook(
  tx: TransactionSql,
  place: Place,
  { endpoint, secret }: Pick<WebhookRow, 'endpoint' | 'secret'>,
): Promise<void> {
  await tx`
    update integration set webhook_endpoint = ${endpoint}, webhook_secret = ${secret}
    where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
}

/** A message is told apart from a repeat by its row: false when it was taken before and its time is not over. */
export async function takeMessage(
  tx: TransactionSql,
  place: Place & { schoolId: string },
  digest: Buffer,
  { now, until }: { now: Date; until: Date },
): Promise<boolean> {
  const rows = await tx`
    insert into webhook_delivery as d (tenant_id, school_id, integration_id, digest, received_at, until)
    values (${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${digest}, ${now}, ${until})
    on conflict (tenant_id, integration_id, digest) do update
      set received_at = excluded.received_at, until = excluded.until where d.until <= excluded.received_at
    returning 1`;

  return rows.length > 0;
}

/** Forgets what came before `before`: by then none of it tells a repeat. */
export async function forgetMessages(tx: TransactionSql, place: Place, before: Date): Promise<void> {
  await tx`
    delete from webhook_delivery
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and received_at < ${before}`;
}

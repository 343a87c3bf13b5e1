/** What a run needs to know of its integration and school, and what it leaves on them. */
import type { SchoolSettings } from '../../../model/school-settings.ts';
import type { IntegrationStatus } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';

interface Place {
  tenantId: string;
  integrationId: string;
}

export interface IntegrationRow {
  id: string;
  tenantId: string;
  schoolId: string;
  provider: string;
  settings: Record<string, unknown>;
  credentials: Buffer | null;
  status: IntegrationStatus;
  /** When a person approved its first plan, or it first synced where no preview was wanted. */
  approvedAt: Date | null;
}

export async function findIntegration(
  tx: TransactionSql,
  place: Place,
  lock: 'for update' | 'unlocked' = 'unlocked',
): Promise<IntegrationRow | undefined> {
  const [row] = await tx<IntegrationRow[]>`
    select id, tenant_id as "tenantId", school_id as "schoolId", provider, settings, credentials, status, approved_at as "approvedAt"
    from integration where tenant_id = ${place.tenantId} and id = ${place.integrationId}
    ${lock === 'for update' ? tx`for update` : tx``}`;

  return row;
}

/** Integrations of a school that follow what changes here, except the one that wrote it. */
export async function integrationsOf(
  tx: TransactionSql,
  place: { tenantId: string; schoolId: string },
  except: string | null,
): Promise<{ id: string; provider: string; lastSyncedAt: Date | null }[]> {
  return tx<{ id: string; provider: string; lastSyncedAt: Date | null }[]>`
    select id, provider, last_synced_at as "lastSyncedAt" from integration
    where tenant_id = ${place.tenantId} and school_id = ${place.schoolId} and status <> 'DISCONNECTED'
      and id is distinct from ${except} order by id`;
}

/** What the school has set; what is absent takes the engine's default. */
export async function schoolSettings(
  tx: TransactionSql,
  place: { tenantId: string; schoolId: string },
): Promise<SchoolSettings> {
  const [row] = await tx<{ settings: SchoolSettings }[]>`
    select settings from school where tenant_id = ${place.tenantId} and id = ${place.schoolId}`;

  return row?.settings ?? {};
}

export async function findSchool(tx: TransactionSql, place: { tenantId: string; schoolId: string }): Promise<boolean> {
  const rows = await tx`select 1 from school where tenant_id = ${place.tenantId} and id = ${place.schoolId}`;

  return rows.length > 0;
}

export async function insertIntegration(
  tx: TransactionSql,
  row: Omit<IntegrationRow, 'status' | 'credentials' | 'approvedAt'> & { credentials: Buffer },
): Promise<void> {
  await tx`
    insert into integration (tenant_id, school_id, id, provider, settings, credentials, status)
    values (${row.tenantId}, ${row.schoolId}, ${row.id}, ${row.provider}, ${JSON.stringify(row.settings)}, ${row.credentials}, 'CONNECTED')`;
}

/**
 * New settings, and new credentials where given; a disconnected integration is back. `forgive`: what runs did until
 * then says nothing any more about how it works.
 */
export async function updateIntegrationForm(
  tx: TransactionSql,
  place: Place,
  form: { settings: Readonly<Record<string, unknown>>; credentials: Buffer | null; forgive: Date | null },
): Promise<void> {
  await tx`
    update integration set settings = ${JSON.stringify(form.settings)}, credentials = coalesce(${form.credentials}, credentials),
      status = case when status = 'DISCONNECTED' then 'CONNECTED' else status end,
      status_reason = case when status = 'DISCONNECTED' then null else status_reason end,
      forgiven_at = coalesce(${form.forgive}, forgiven_at), updated_at = now()
    where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
}

/** From now on its runs write without being asked, within the guards. */
export async function trustIntegration(tx: TransactionSql, place: Place, now: Date): Promise<void> {
  await tx`
    update integration set approved_at = ${now}, updated_at = now()
    where tenant_id = ${place.tenantId} and id = ${place.integrationId} and approved_at is null`;
}

export async function forgetCredentials(tx: TransactionSql, place: Place, reason: string): Promise<void> {
  await tx`
    update integration set credentials = null, webhook_secret = null, next_sync_at = null, owed_since = null, grace_until = null, status = 'DISCONNECTED', status_reason = ${reason}, updated_at = now()
    where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
}

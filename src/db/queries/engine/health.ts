/** What an integration's health is judged by: recent ends, promises of its schedule, and where the judgement is kept. */
import type { IntegrationStatus, RunError } from '../../../model/sync.ts';
import type { Sql, TransactionSql } from '../../client.ts';

interface Place {
  tenantId: string;
  integrationId: string;
}

export interface HealthRow extends Place {
  schoolId: string;
  provider: string;
  status: IntegrationStatus;
  lastSyncedAt: Date | null;
  owedSince: Date | null;
  graceUntil: Date | null;
}

/** Locked until the end of the transaction: of two runs that end at once, the second judges with the first in view. */
export async function lockHealth(tx: TransactionSql, place: Place): Promise<HealthRow | undefined> {
  const [row] = await tx<HealthRow[]>`
    select tenant_id as "tenantId", id as "integrationId", school_id as "schoolId", provider, status,
           last_synced_at as "lastSyncedAt", owed_since as "owedSince", grace_until as "graceUntil"
    from integration where tenant_id = ${place.tenantId} and id = ${place.integrationId} for update`;

  return row;
}

export interface EndedRunRow {
  whole: boolean;
  error: RunError | null;
  failed: number;
  /** Records it wrote, or found as they should be. */
  done: number;
}

/** Of a kind. */
const recent = 5;

/**
 * How the newest runs ended, each kind newest first: whole ones, and those of some records since the newest whole one. Without
 * those that were cancelled under way, without what is forgiven, and without previews that went well: of those only
 * the ones of a destination that nobody has approved yet say something. One that was refused or overtaken while it was
 * held had gone well.
 */
export async function recentEnds(tx: TransactionSql, place: Place): Promise<EndedRunRow[]> {
  const of = await tx<{ approvedAt: Date | null; forgivenAt: Date | null }[]>`
    select approved_at as "approvedAt", forgiven_at as "forgivenAt" from integration
    where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
  const { approvedAt, forgivenAt } = of[0] ?? { approvedAt: null, forgivenAt: null };
  const ended = tx`
    select id, whole, error, failed, created + updated + deleted + unchanged as done, finished_at
    from sync_run
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}
      and (status in ('SUCCEEDED', 'PARTIAL', 'FAILED')
        or ((status = 'HELD' or (status = 'CANCELLED' and plan_hash is not null))
          and (mode <> 'PREVIEW' or ${approvedAt === null})))
      and finished_at > coalesce(${forgivenAt}, '-infinity'::timestamptz)`;

  return tx<EndedRunRow[]>`
    with entire as materialized (${ended} and whole order by id desc limit ${recent}),
    newest as materialized (select id, finished_at from entire order by id desc limit 1),
    small as materialized (
      ${ended} and not whole and id > coalesce((select id from newest), '00000000-0000-0000-0000-000000000000')
        and finished_at >= coalesce((select finished_at from newest), '-infinity')
      order by id desc limit ${recent})
    select whole, error, failed, done
    from (select * from entire union all select * from small) as ends order by whole, id desc`;
}

/** Windows that passed without a worker since an instant. */
export async function missedSince(tx: TransactionSql, place: Place, since: Date): Promise<number> {
  const [row] = await tx<{ missed: number }[]>`
    select count(*)::int as missed from schedule_slot
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and due_at >= ${since}
      and outcome = 'MISSED'`;

  return row?.missed ?? 0;
}

/** The newest run of the whole integration that was asked for since an instant and has not ended well. */
export async function unkeptSince(
  tx: TransactionSql,
  place: Place,
  since: Date,
): Promise<{ status: 'QUEUED' | 'RUNNING' | 'FAILED' | 'CANCELLED'; error: RunError | null } | null> {
  const [row] = await tx<{ status: 'QUEUED' | 'RUNNING' | 'FAILED' | 'CANCELLED'; error: RunError | null }[]>`
    select status, error from sync_run
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and whole and due_at >= ${since}
      and status in ('QUEUED', 'RUNNING', 'FAILED', 'CANCELLED')
    order by id desc limit 1`;

  return row ?? null;
}

/** Answers whether anything that people see has changed. A disconnected integration stays so. */
export async function setIntegrationStatus(
  tx: TransactionSql,
  place: Place,
  change: { status: IntegrationStatus; statusReason: string | null },
): Promise<boolean> {
  const rows = await tx`
    update integration set status = ${change.status}, status_reason = ${change.statusReason}, updated_at = now()
    where tenant_id = ${place.tenantId} and id = ${place.integrationId} and status <> 'DISCONNECTED'
      and (status, status_reason) is distinct from (${change.status}, ${change.statusReason})
    returning id`;

  return rows.length > 0;
}

/** A run of the whole integration has read everything and ended: nothing is owed any more. `synced`: it was no preview. */
export async function keepPromise(tx: TransactionSql, place: Place, synced: boolean, now: Date): Promise<void> {
  await tx`
    update integration set last_synced_at = case when ${synced} then ${now} else last_synced_at end,
      owed_since = null, grace_until = null, updated_at = now()
    where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
}

/**
 * A schedule has come, and nothing has synced since. What is owed for longer stays owed since then. `graceUntil`: null
 * when it is late already.
 */
export async function owe(
  tx: TransactionSql,
  place: Place,
  promise: { since: Date; graceUntil: Date | null },
): Promise<void> {
  await tx`
    update integration set owed_since = coalesce(owed_since, ${promise.since}),
      grace_until = case when owed_since is null or ${promise.graceUntil}::timestamptz is null then ${promise.graceUntil}
                         else grace_until end
    where tenant_id = ${place.tenantId} and id = ${place.integrationId}
      and (last_synced_at is null or last_synced_at < ${promise.since})`;
}

/** Across tenants, as the system role: integrations whose grace has run out. */
export async function graceOver(system: Sql, now: Date): Promise<(Place & { schoolId: string })[]> {
  return system<(Place & { schoolId: string })[]>`
    select tenant_id as "tenantId", school_id as "schoolId", id as "integrationId" from integration where grace_until <= ${now}
    order by grace_until limit 100`;
}

/** Whoever judges it next finds it late, and nobody is woken for it again. */
export async function endGrace(tx: TransactionSql, place: Place): Promise<void> {
  await tx`
    update integration set grace_until = null where tenant_id = ${place.tenantId} and id = ${place.integrationId}`;
}

/** Held runs: overtaken by the next one, or lapsed. */
import type { Sql, TransactionSql } from '../../client.ts';
import { countedAfresh, type RunRow } from './run.ts';

export interface HeldRun {
  id: string;
  planHash: string | null;
  planExpiresAt: Date | null;
}

/**
 * Held runs of an integration that a newer plan overtakes: their questions are no longer asked. A preview, which does
 * nothing, overtakes previews only; an undo that waits is another question and is left.
 */
export async function supersedeHeldRuns(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'integrationId' | 'id'>,
  by: { preview: boolean },
  now: Date,
): Promise<HeldRun[]> {
  const held = await tx<HeldRun[]>`
    select id, plan_hash as "planHash", plan_expires_at as "planExpiresAt" from sync_run
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and status = 'HELD' and id <> ${run.id}
      and undoes is null and (${!by.preview} or mode = 'PREVIEW') for update`;
  await tx`
    update sync_run set status = 'CANCELLED', held_reason = null, plan_expires_at = null, finished_at = ${now}, updated_at = now(),
      ${countedAfresh(tx)}
    where tenant_id = ${run.tenantId} and id = any (${held.map(({ id }) => id)}::uuid[])`;

  return held;
}

export async function keepExpiry(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'id'>,
  expiresAt: Date,
): Promise<void> {
  await tx`
    update sync_run set plan_expires_at = least(plan_expires_at, ${expiresAt})
    where tenant_id = ${run.tenantId} and id = ${run.id}`;
}

/** Across tenants, as the system role: held runs whose time to be approved has run out. */
export async function lapsedRuns(system: Sql, now: Date): Promise<{ tenantId: string; id: string }[]> {
  return system<{ tenantId: string; id: string }[]>`
    select tenant_id as "tenantId", id from sync_run where status = 'HELD' and plan_expires_at <= ${now} limit 100`;
}

interface Lapsed {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  id: string;
}

/** Ends a held run nobody has decided on in time; undefined when somebody has by now. */
export async function lapseHeld(
  tx: TransactionSql,
  run: { tenantId: string; id: string },
  now: Date,
): Promise<Lapsed | undefined> {
  const [row] = await tx<Lapsed[]>`
    update sync_run set status = 'CANCELLED', held_reason = null, finished_at = ${now}, updated_at = now(),
      ${countedAfresh(tx)}
    where tenant_id = ${run.tenantId} and id = ${run.id} and status = 'HELD' and plan_expires_at <= ${now}
    returning tenant_id as "tenantId", school_id as "schoolId", integration_id as "integrationId", id`;

  return row;
}

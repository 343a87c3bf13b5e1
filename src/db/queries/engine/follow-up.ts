/** Runs that follow from another: those that retry or undo it. */
import type { TransactionSql } from '../../client.ts';
import type { RunRow } from './run.ts';

/** The run that undoes or retries another: a run of its own, never folded. */
export async function insertFollowUp(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'schoolId' | 'integrationId' | 'id' | 'mode' | 'lane' | 'undoes' | 'retries'> & {
    requestedBy: string;
    now: Date;
  },
): Promise<void> {
  await tx`
    insert into sync_run (tenant_id, school_id, integration_id, id, status, trigger, mode, whole, lane, due_at, requested_by, undoes, retries)
    values (${run.tenantId}, ${run.schoolId}, ${run.integrationId}, ${run.id}, 'QUEUED', 'MANUAL', ${run.mode}, false, ${run.lane},
            ${run.now}, ${run.requestedBy}, ${run.undoes}, ${run.retries})`;
}

/** One that does the same and has not ended. */
export async function findFollowUp(
  tx: TransactionSql,
  of: Pick<RunRow, 'tenantId' | 'integrationId'>,
  how: Pick<RunRow, 'undoes' | 'retries'>,
): Promise<string | undefined> {
  const [row] = await tx<{ id: string }[]>`
    select id from sync_run
    where tenant_id = ${of.tenantId} and integration_id = ${of.integrationId} and status in ('QUEUED', 'RUNNING', 'HELD')
      and undoes is not distinct from ${how.undoes} and retries is not distinct from ${how.retries}`;

  return row?.id;
}

/** What an ended run's log says of the records it touched: what failed, and what it wrote. */
import type { EntityName } from '../../../model/entities.ts';
import type { TransactionSql } from '../../client.ts';

interface RunPlace {
  tenantId: string;
  id: string;
}

export interface Touched {
  entity: EntityName;
  recordIds: string[];
}

/** Records with a failed operation, and those left because they waited for one. */
export async function failedRecords(tx: TransactionSql, run: RunPlace): Promise<Touched[]> {
  return tx<Touched[]>`
    with failed as (
      select entity, record_id, status from sync_log
      where tenant_id = ${run.tenantId} and run_id = ${run.id} and record_id is not null
        and (status = 'FAILED' or (status = 'SKIPPED' and details->>'code' = 'waits_for_reference'))
    )
    select entity, array_agg(distinct record_id) as "recordIds" from failed
    where exists (select from failed where status = 'FAILED') group by entity`;
}

/** Did it write anything, here or there? Links alone are no such thing. */
export async function wroteAnything(tx: TransactionSql, run: RunPlace): Promise<boolean> {
  const rows = await tx`
    select 1 from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'SUCCESS' and kind in ('create', 'update', 'remove')
    limit 1`;

  return rows.length > 0;
}

/** Records it wrote at the provider: whether they are still so must be looked at there. */
export async function writtenThere(tx: TransactionSql, run: RunPlace): Promise<Touched[]> {
  return tx<Touched[]>`
    select entity, array_agg(distinct record_id) as "recordIds" from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'SUCCESS' and side = 'there'
      and kind in ('create', 'update', 'remove') and record_id is not null
    group by entity`;
}

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

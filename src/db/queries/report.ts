/** What a run's report tells: its errors and warnings in the order of the plan. */
import type { EntityName } from '../../model/entities.ts';
import type { LogStatus } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';

export interface ReportRow {
  seq: number;
  at: Date;
  status: LogStatus;
  action: string;
  entity: EntityName;
  key: string | null;
  name: string | null;
  /** How many records the entry stands for. */
  size: number;
  reason: string;
  details: Record<string, unknown> | null;
}

/** What was not done, and what was done but not all of it: entries behind `after`, at most `limit`. Relies on the primary key. */
export async function reportRows(
  db: TransactionSql,
  run: { tenantId: string; runId: string },
  after: number,
  limit: number,
): Promise<ReportRow[]> {
  return db<ReportRow[]>`
    select seq, at, status, action, entity, key, name, size, reason, details from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.runId} and seq > ${after}
      and (status in ('FAILED', 'SKIPPED') or (status = 'SUCCESS' and details ? 'code'))
    order by seq limit ${limit}`;
}

/** Records that were refused at the door: written with their page, gone once they are read well or are no longer there. */
import type { EntityName } from '../../../model/entities.ts';
import type { TransactionSql } from '../../client.ts';

interface Place {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  id: string;
}

export interface RejectedRecord {
  stream: string;
  key: string;
  entity: EntityName;
  name: string | null;
  code: string;
  /** The field and what it must be. */
  problem: string;
}

/** The other run under way has refused it too: it is that run's evidence that the record is there. */
const otherLive = (tx: TransactionSql, run: Place) => tx`exists (
  select from sync_run q where q.tenant_id = ${run.tenantId} and q.id = r.run_id and q.id <> ${run.id} and q.status = 'RUNNING')`;

/** One that was refused before keeps the instant since when. */
export async function writeRejected(
  tx: TransactionSql,
  run: Place,
  at: Date,
  rows: readonly RejectedRecord[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into rejected_record as r (tenant_id, school_id, integration_id, stream, key, entity, name, code, problem, run_id, since)
    select distinct on (d.stream, d.key) ${run.tenantId}, ${run.schoolId}, ${run.integrationId}, d.stream, d.key, d.entity,
           d.name, d.code, d.problem, ${run.id}, ${at}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as d(stream text, key text, entity text, name text, code text, problem text)
    on conflict (tenant_id, integration_id, stream, key) do update set
      name = excluded.name, code = excluded.code, problem = excluded.problem,
      run_id = case when ${otherLive(tx, run)} then r.run_id else excluded.run_id end`;
}

/** How many records of a stream this run has refused and could name. */
export async function countRejected(tx: TransactionSql, run: Place, stream: string): Promise<number> {
  const [row] = await tx<{ n: number }[]>`
    select count(*)::int as n from rejected_record
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and stream = ${stream}`;

  return row?.n ?? 0;
}

/**
 * At the end of a stream: forgets the refusals of records that came well this time, and, after a whole read that is
 * believed, of those that did not come at all.
 */
export async function forgetRejected(tx: TransactionSql, run: Place, stream: string, believed: boolean): Promise<void> {
  await tx`
    delete from rejected_record r
    where r.tenant_id = ${run.tenantId} and r.integration_id = ${run.integrationId} and r.stream = ${stream}
      and (${believed} or exists (select from staging s where s.run_id = ${run.id} and s.stream = r.stream and s.key = r.key))
      and r.run_id <> ${run.id} and not ${otherLive(tx, run)}`;
}

/** How many entries of the door's a run has for a stream already, when a read resumes. */
export async function countDoorEntries(tx: TransactionSql, run: Place, stream: string): Promise<number> {
  const [row] = await tx<{ n: number }[]>`
    select count(*)::int as n from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and stream = ${stream} and kind = 'skip'`;

  return row?.n ?? 0;
}

/** Adds to the entry that stands for all that are no longer told one by one; false when the run has none yet. */
export async function addUntold(
  tx: TransactionSql,
  run: Place,
  stream: string,
  action: string,
  more: number,
): Promise<boolean> {
  const rows = await tx`
    update sync_log
    set details = jsonb_set(details, '{count}', to_jsonb((details->>'count')::int + ${more}::int))
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and stream = ${stream} and action = ${action}
    returning id`;

  return rows.length > 0;
}

/**
 * What others have done since a run began to read a stream: its evidence is older, so it leaves those records to the next
 * run (ADR 16). In statements with these parts $1 is the tenant, $2 the integration, $3 the run and $4 the stream.
 */
import type { TransactionSql } from '../../client.ts';

const began = `(select p.began_at from pull_progress p where p.tenant_id = $1 and p.run_id = $3 and p.stream = $4)`;

/** Another run, or a person's answer, has written this link since. */
export const overtaken = (link: string): string =>
  `coalesce(${link}.synced_at >= ${began} and ${link}.run_id is distinct from $3, false)`;

/** What this run has read of the record of this key, so lately that it is taken to stand as it stood; null otherwise. */
export const seenLately = (key: string): string => `(select z."values" from staging z
  where z.run_id = $3 and z.stream = $4 and z.key = ${key} and z.page >= 0 and not z.gone and ${began} > now() - interval '15 minutes'
  order by z.page desc limit 1)`;

/** A person's quick run has removed the record of this key since: no link tells so any more, but its log does. */
export const removedSince = (key: string): string => `exists (
  select from sync_run q join sync_log g on g.tenant_id = $1 and g.run_id = q.id
  where q.tenant_id = $1 and q.integration_id = $2 and q.lane = 'QUICK' and q.updated_at >= ${began} and q.id <> $3
    and g.stream = $4 and g.kind = 'remove' and g.status = 'SUCCESS' and ${key} between g.key and coalesce(g.last_key, g.key))`;

/** It came and was refused at the door, in this run or in the other one that is under way. `rejected` is its row's alias. */
export const refusedNow = (rejected: string): string =>
  `exists (select from sync_run q where q.tenant_id = $1 and q.id = ${rejected}.run_id and (q.id = $3 or q.status = 'RUNNING'))`;

/** Of these records, those that are overtaken. */
export async function overtakenRecords(
  tx: TransactionSql,
  scope: { tenantId: string; integrationId: string; runId: string; stream: string },
  recordIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.unsafe<{ id: string }[]>(
    `select l.record_id as id from link l
     where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and l.record_id = any ($5::uuid[]) and ${overtaken('l')}`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, recordIds as string[]],
  );

  return new Set(rows.map(({ id }) => id));
}

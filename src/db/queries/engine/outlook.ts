/** What a plan that is being drawn up has come to so far, as far as what comes after it must know. */
import type { TransactionSql } from '../../client.ts';
import type { MirrorScope } from './mirror.ts';

type Place = Pick<MirrorScope, 'tenantId' | 'integrationId' | 'runId'>;

export interface PlannedKey {
  stream: string;
  recordId: string;
  /** The key it will be linked to; null when it is made there and has none yet. */
  key: string | null;
}

/** Of these records, those that the fresh plan makes or links there. `held`: all that it plans waits, for it is a preview. */
export async function plannedKeys(
  tx: TransactionSql,
  { tenantId, runId }: Place,
  streams: readonly string[],
  recordIds: readonly string[],
  held: boolean,
): Promise<PlannedKey[]> {
  if (recordIds.length === 0) return [];

  return tx<PlannedKey[]>`
    select stream, record_id as "recordId", case when kind = 'link' then key end as key from sync_log
    where tenant_id = ${tenantId} and record_id = any (${recordIds as string[]}::uuid[]) and run_id = ${runId}
      and stream = any (${streams as string[]}::text[]) and kind in ('create', 'link') and side = 'there'
      and status = 'PENDING' and waits = ${held}`;
}

/** Of these records, those that were linked and of which a snapshot of their stream brought nothing, not even a bad record; not one that another run has been at since. */
export async function missingThere(
  tx: TransactionSql,
  { tenantId, integrationId, runId }: Place,
  { stream, onlySought }: { stream: string; onlySought: boolean },
  recordIds: readonly string[],
): Promise<string[]> {
  if (recordIds.length === 0) return [];
  const rows = await tx<{ id: string }[]>`
    select l.record_id as id from link l
    where l.tenant_id = ${tenantId} and l.integration_id = ${integrationId} and l.stream = ${stream}
      and l.record_id = any (${recordIds as string[]}::uuid[]) and l.key is not null
      and coalesce((select s.gone from staging s where s.run_id = ${runId} and s.stream = ${stream} and s.key = l.key and s.page >= 0
                    order by s.page desc limit 1), true)
      and not exists (select from rejected_record x where x.tenant_id = l.tenant_id and x.integration_id = l.integration_id
                        and x.stream = l.stream and x.key = l.key and x.run_id = ${runId})
      and not coalesce(l.run_id is distinct from ${runId} and l.synced_at >= (select p.began_at from pull_progress p
        where p.tenant_id = ${tenantId} and p.run_id = ${runId} and p.stream = ${stream}), false)
      ${onlySought ? tx`and exists (select from sought q where q.run_id = ${runId} and q.stream = ${stream} and q.record_id = l.record_id)` : tx``}`;

  return rows.map((row) => row.id);
}

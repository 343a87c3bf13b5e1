/** What runs have removed lately without anybody being asked: the guards count it over 24 hours. */
import type { TransactionSql } from '../../client.ts';

interface RunPlace {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  id: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** By stream, over the 24 hours before `now`. */
export async function removedLately(
  tx: TransactionSql,
  place: Pick<RunPlace, 'tenantId' | 'integrationId'>,
  now: Date,
): Promise<Map<string, number>> {
  const rows = await tx<{ stream: string; removed: number }[]>`
    select stream, sum(removed)::int as removed from removal_tally
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and at > ${new Date(now.getTime() - dayMs)}
    group by stream`;

  return new Map(rows.map((row) => [row.stream, row.removed]));
}

/**
 * Counts removals in the commit that carries them out, before their entries are settled. What a person approved does
 * not count, nor somebody who moves: removed in one place and made in another by the same run.
 */
export async function countRemovals(
  tx: TransactionSql,
  run: RunPlace,
  stream: string,
  entryIds: readonly string[],
  now: Date,
): Promise<void> {
  if (entryIds.length === 0) return;
  await tx`
    insert into removal_tally as t (tenant_id, school_id, integration_id, stream, run_id, removed, at)
    select ${run.tenantId}, ${run.schoolId}, ${run.integrationId}, ${stream}, ${run.id}, sum(l.size)::int, ${now}
    from sync_log l
    where l.tenant_id = ${run.tenantId} and l.run_id = ${run.id} and l.id = any (${entryIds as string[]}::uuid[])
      and l.details->>'approved' is null
      and not exists (select from sync_log c where c.tenant_id = l.tenant_id and c.record_id = l.record_id
        and c.run_id = l.run_id and c.stream = l.stream and c.kind = 'create')
    having sum(l.size) > 0
    on conflict (tenant_id, integration_id, stream, run_id) do update
      set removed = t.removed + excluded.removed, at = greatest(t.at, excluded.at)`;
}

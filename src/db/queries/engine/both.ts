/** A stream that is born on either side: what is new there, once our own records have been looked at. */
import type { TransactionSql } from '../../client.ts';
import { type KeyRange, type NewRecord, newHere, type SourceScope } from './source.ts';

export interface BothScope extends SourceScope {
  schoolId: string;
}

/**
 * Not linked, and not new either: this run's plan links it; it says that it is one of our records, and that one has no
 * counterpart yet; or a person is asked who it is, or has said to leave it, and this plan does not settle that otherwise.
 */
function spokenFor({ shape }: BothScope): string {
  return `(exists (select from sync_log g where g.tenant_id = $1 and g.run_id = $3 and g.stream = $4
      and g.kind = 'link' and g.key = s.key)
    or exists (select from ${shape.table} r
      left join link o on o.tenant_id = $1 and o.record_id = r.id and o.integration_id = $2 and o.stream = $4
      where r.tenant_id = $1 and r.school_id = $5 and r.status = 'ACTIVE' and o.key is null
        and (r.id = s.record_id or r.sourced_id = s."values"->'#marks'->>'ours'))
    or s.key in (select d->>'externalId' from sync_conflict c cross join jsonb_array_elements(c.candidates) d
      where c.tenant_id = $1 and c.integration_id = $2 and c.stream = $4 and c.kind = 'DUPLICATE_MATCH'
        and (c.status <> 'RESOLVED' or (c.resolution = 'IGNORE' and exists (select from link l
          where l.tenant_id = $1 and l.record_id = c.record_id and l.integration_id = $2 and l.stream = $4
            and l.state = 'EXCLUDED' and l.key is null)))
        and not exists (select from sync_log g where g.tenant_id = $1 and g.run_id = $3 and g.stream = $4
          and g.kind in ('create', 'link') and g.record_id = c.record_id))
    or s.key in (select jsonb_array_elements_text(g.details->'candidates') from sync_log g
      where g.tenant_id = $1 and g.run_id = $3 and g.stream = $4 and g.kind = 'skip'))`;
}

/** Staged records that are new here, the first `limit` of them in key order. */
export async function newBeside(tx: TransactionSql, scope: BothScope, limit: number): Promise<NewRecord[]> {
  return tx.unsafe<NewRecord[]>(
    `select s.key, s.record_id as "recordId", s."values" - '#marks' as "values", s.refs ${newHere(scope)} and not ${spokenFor(scope)}
     order by s.key limit $6`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, scope.schoolId, limit],
  );
}

/** The same as ranges of at most `size` keys. None reaches over a key that is spoken for: what lies in a range is made. */
export async function newRangesBeside(tx: TransactionSql, scope: BothScope, size: number): Promise<KeyRange[]> {
  return tx.unsafe<KeyRange[]>(
    `select min(key) as first, max(key) as last, count(*)::int as size
     from (select key, island, (row_number() over (partition by island order by key) - 1) / $6::int as batch
           from (select key, spoken, count(*) filter (where spoken) over (order by key) as island
                 from (select s.key, ${spokenFor(scope)} as spoken ${newHere(scope)}) k) i
           where not spoken) b
     group by island, batch order by first`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, scope.schoolId, size],
  );
}

/** Of these external keys, those of records we have, or that this run's plan makes here. */
export async function keysWithRecord(
  tx: TransactionSql,
  run: { tenantId: string; integrationId: string; id: string },
  stream: string,
  keys: readonly string[],
): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx<{ key: string }[]>`
    select k.key from (select distinct unnest(${keys as string[]}::text[]) as key) k
    where exists (select from link t where t.tenant_id = ${run.tenantId} and t.integration_id = ${run.integrationId}
        and t.stream = ${stream} and t.key = k.key and t.record_id is not null)
      or exists (select from sync_log g where g.tenant_id = ${run.tenantId} and g.run_id = ${run.id} and g.stream = ${stream}
        and g.kind in ('create', 'link') and (g.side = 'here' or g.kind = 'link')
        and (g.key = k.key or k.key between g.key and g.last_key))`;

  return new Set(rows.map(({ key }) => key));
}

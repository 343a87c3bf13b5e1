/** A source's new records that are ones we have already: found by what they say, and linked instead of made again. */
import type { TransactionSql } from '../../client.ts';
import { newestStaged, type SourceScope } from './source.ts';

export interface Pair {
  key: string;
  recordId: string;
}

/**
 * Staged records without a link beside the one record of the school that says the same of all of `by`, as long as no
 * other staged record does too. Texts are compared without case and surrounding space, references by what their keys
 * stand for or will once this run's plan is applied.
 */
export async function knownHere(
  tx: TransactionSql,
  scope: SourceScope & { schoolId: string },
  by: readonly string[],
  refStreams: Readonly<Record<string, string>>,
): Promise<Pair[]> {
  const { shape } = scope;
  const same = by.map((name) => {
    const field = shape.fields.find((candidate) => candidate.field === name);
    if (field) return `lower(btrim(r.${field.column}::text)) = lower(btrim(s."values"->>'${field.field}'))`;
    const ref = shape.refs.find((candidate) => candidate.ref === name);
    const stream = ref && refStreams[ref.ref];
    if (!ref?.column || !stream) throw new Error(`${shape.entity} has no column for ${name}`);
    const key = `s.refs->'${ref.ref}'->>0`;
    return `r.${ref.column} = coalesce(
      (select t.record_id from link t where t.tenant_id = $1 and t.integration_id = $2 and t.stream = '${stream}' and t.key = ${key}),
      (select g.record_id from sync_log g where g.tenant_id = $1 and g.run_id = $3 and g.stream = '${stream}'
         and g.kind = 'link' and g.side = 'here' and g.key = ${key} limit 1))`;
  });

  return tx.unsafe<Pair[]>(
    `with pair as (
       select s.key, r.id from (${newestStaged}) s
       join ${shape.table} r on r.tenant_id = $1 and r.school_id = $5 and r.status = 'ACTIVE' and ${same.join(' and ')}
       where not s.gone
         and not exists (select from link l where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4
           and l.key = s.key and l.record_id is not null)
         and not exists (select from link k where k.tenant_id = $1 and k.record_id = r.id and k.integration_id = $2 and k.stream = $4)
     )
     select p.key, p.id as "recordId" from pair p
     where (select count(*) from pair o where o.key = p.key) = 1 and (select count(*) from pair o where o.id = p.id) = 1
     order by p.key`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, scope.schoolId],
  );
}

/** Links what a plan found. They agree on nothing yet: the update that was planned with it, or the next look, says so. */
export async function linkKnown(
  tx: TransactionSql,
  place: { tenantId: string; schoolId: string; integrationId: string; runId: string; stream: string },
  pairs: readonly Pair[],
): Promise<Set<string>> {
  const rows = await tx<{ key: string }[]>`
    insert into link (tenant_id, school_id, integration_id, stream, key, record_id, state, run_id, synced_at)
    select ${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${place.stream}, p.key, p."recordId", 'LINKED',
           ${place.runId}, now()
    from jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) as p(key text, "recordId" uuid)
    on conflict do nothing returning key`;

  return new Set(rows.map((row) => row.key));
}

/** Of these keys, those without an update that is still to come in the run: both sides are alike already. */
export async function withoutUpdate(
  tx: TransactionSql,
  place: { tenantId: string; runId: string; stream: string },
  keys: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ key: string }[]>`
    select k.key from unnest(${keys as string[]}::text[]) as k(key)
    where not exists (select from sync_log g where g.tenant_id = ${place.tenantId} and g.run_id = ${place.runId}
      and g.stream = ${place.stream} and g.kind = 'update' and g.status = 'PENDING' and g.key = k.key)`;

  return rows.map((row) => row.key);
}

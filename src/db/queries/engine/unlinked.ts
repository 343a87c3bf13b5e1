/** First contact's pool: what was pulled and is nobody's yet, found by what it says; and who of ours wants the same one. */
import type { Values } from '../../../model/entities.ts';
import type { TransactionSql } from '../../client.ts';
import type { MirrorScope } from './mirror.ts';
import { removedSince } from './overtaken.ts';
import { selectedSql } from './selection.ts';

/** How a record out there is found: by a rule's place, or by the id it carries, ours or our source's. */
export const byOurId = -1;
export const bySourceId = -2;

export interface Pool {
  /** Names of fields and references of each rule that records are matched by. */
  rules: readonly (readonly string[])[];
  /** They may carry an id of ours; who carries one that we have is nobody else. */
  carryOurs: boolean;
}

/** Staged records looked at in one commit: about 100 ms. */
const atOnce = 10_000;

/** Sixteen bytes tell contents apart, as everywhere. */
const hashOf = (json: string) => `substring(sha256(convert_to((${json})::text, 'UTF8')) for 16)`;

/**
 * Puts the next staged records into the pool, in key order from `after` (null: the first). Answers the last key looked at,
 * null at the end.
 */
export async function gatherUnlinked(
  tx: TransactionSql,
  scope: Pick<MirrorScope, 'tenantId' | 'schoolId' | 'integrationId' | 'runId' | 'stream' | 'shape'>,
  { rules, carryOurs }: Pool,
  after: string | null,
): Promise<string | null> {
  const parameters: unknown[] = [
    scope.tenantId,
    scope.integrationId,
    scope.runId,
    scope.stream,
    scope.schoolId,
    after ?? '',
  ];
  const named = (name: string) => {
    const at = `$${parameters.push(name)}::text`;
    return `coalesce(s.refs->${at}, s."values"->${at}, 'null')`;
  };
  const claimed = `exists (select from ${scope.shape.table} r where r.tenant_id = $1 and r.school_id = $5
    and (r.id = s.record_id or r.sourced_id = s."values"->'#marks'->>'ours'))`;
  const ways = rules.map(
    (by, place) => `(${place}, ${hashOf(`jsonb_build_array(${by.map(named).join(', ')})`)}, ${carryOurs})`,
  );
  const carried = `s."values"->'#marks'->>'ours' is not null`;
  if (carryOurs) {
    ways.push(`(${byOurId}, case when ${carried} then ${hashOf('jsonb_build_array(s.record_id)')} end, false)`);
    ways.push(
      `(${bySourceId}, case when ${carried} then ${hashOf(`jsonb_build_array(s."values"->'#marks'->'ours')`)} end, false)`,
    );
  }
  const [row] = await tx.unsafe<{ last: string | null }[]>(
    `with page as materialized (
       select distinct on (s.key) s.* from staging s
       where s.run_id = $3 and s.stream = $4 and s.page >= 0 and s.key > $6 order by s.key, s.page desc limit ${atOnce}
     ), put as (
       insert into unlinked (run_id, stream, "by", said, key)
       select s.run_id, s.stream, w."by", w.said, s.key from page s
       cross join lateral (values ${ways.join(', ')}) as w("by", said, if_unclaimed)
       where not s.gone and w.said is not null and not ${removedSince('s.key')} ${carryOurs ? `and not (w.if_unclaimed and ${claimed})` : ''}
         and not exists (select from link l where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and l.key = s.key)
     )
     select case when count(*) = ${atOnce} then max(key) end as last from page where $2::uuid is not null and $5::uuid is not null`,
    parameters as never[],
  );

  return row?.last ?? null;
}

export interface Sought {
  /** Whoever seeks; answered with what is found. */
  recordId: string;
  by: number;
  /** What it must say, one value for each name of the rule. */
  said: readonly unknown[];
}

export interface Found {
  recordId: string;
  by: number;
  key: string;
  values: Values;
  refs: Record<string, readonly string[]>;
}

/** All in the pool that say what is sought, by the seeker and then by key. */
export async function findUnlinked(
  tx: TransactionSql,
  scope: Pick<MirrorScope, 'runId' | 'stream'>,
  sought: readonly Sought[],
): Promise<Found[]> {
  if (sought.length === 0) return [];

  return tx.unsafe<Found[]>(
    `select q."recordId", q."by", u.key, s."values", s.refs
     from jsonb_to_recordset($3::jsonb) as q("recordId" uuid, "by" smallint, said jsonb)
     join unlinked u on u.run_id = $1 and u.stream = $2 and u."by" = q."by" and u.said = ${hashOf('q.said')}
     join lateral (select s."values", s.refs from staging s where s.run_id = $1 and s.stream = $2 and s.key = u.key and s.page >= 0
                   order by s.page desc limit 1) s on true
     order by q."recordId", q."by", u.key`,
    [scope.runId, scope.stream, JSON.stringify(sought)] as never[],
  );
}

/** Empties a stream's pool of so many entries; answers how many there were. */
export async function dropSomeUnlinked(tx: TransactionSql, runId: string, most: number): Promise<number> {
  const dropped = await tx`
    delete from unlinked where ctid = any (array(select ctid from unlinked where run_id = ${runId} limit ${most}))`;

  return dropped.count;
}

/**
 * Of these records, those beside which another selected record that is not linked says the same of all of `by`. Texts are
 * compared without case and surrounding space.
 */
export async function rivals(
  tx: TransactionSql,
  scope: MirrorScope,
  by: readonly string[],
  recordIds: readonly string[],
): Promise<string[]> {
  if (recordIds.length === 0) return [];
  const { shape } = scope;
  const same = by.map((name) => {
    const ref = shape.refs.find((candidate) => candidate.ref === name)?.column;
    if (ref) return `r.${ref} = m.${ref}`;
    const field = shape.fields.find((candidate) => candidate.field === name)?.column;
    if (!field) throw new Error(`${shape.entity} has no column for ${name}`);
    return `lower(btrim(r.${field}::text)) = lower(btrim(m.${field}::text))`;
  });
  const parameters: unknown[] = [scope.tenantId, scope.integrationId, scope.stream, scope.schoolId, recordIds];
  const rows = await tx.unsafe<{ id: string }[]>(
    `select distinct m.id from ${shape.table} m
     join ${shape.table} r on r.tenant_id = $1 and r.school_id = $4 and r.id <> m.id and ${same.join(' and ')}
     left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $3
     where m.tenant_id = $1 and m.id = any ($5::uuid[]) and ${selectedSql(scope.schoolId, scope.filter, shape, 'r', parameters)}
       and l.key is null and l.state is distinct from 'EXCLUDED' and l.decisions->'makeNew' is null`,
    parameters as never[],
  );

  return rows.map((row) => row.id);
}

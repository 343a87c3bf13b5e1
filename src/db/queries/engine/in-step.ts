/**
 * Which of our records a run must look at one by one. All the others are in step: told apart by one join of what is here,
 * what is linked and what was pulled, and only counted.
 */
import type { TransactionSql } from '../../client.ts';
import type { Range } from './link.ts';
import { type MirrorRef, type MirrorScope, targetsOf } from './mirror.ts';
import { selectedSql } from './selection.ts';
import { canonicalValue, shapeOf } from './shape.ts';

export interface OutOfStep {
  recordId: string;
  selected: boolean;
  /** It has a counterpart there. */
  linked: boolean;
}

/** A batch of the walk. What is in step is counted once, with the first batch; that one always comes, if only to tell it. */
export interface Batch {
  rows: readonly OutOfStep[];
  inStep: number;
}

type Row = OutOfStep & { inStep: number | null };

/** So many records are planned in one commit. */
const batchSize = 500;

/**
 * Walks what the stream mirrors or has a link to, in id order, without what is in step and what is at rest. `covered`: of
 * which records absence is believed; null where of all of them.
 */
export async function* outOfStep(
  tx: TransactionSql,
  scope: MirrorScope,
  covered: Range | null,
): AsyncGenerator<Batch, void, undefined> {
  const parameters: unknown[] = [scope.tenantId, scope.integrationId, scope.runId, scope.stream, scope.schoolId];
  const selected = selectedSql(scope.schoolId, scope.filter, scope.shape, 'r', parameters);
  const staged = `left join (${stagedOnce('$4')}) s on s.key = l.key`;
  const candidates = `from ${scope.shape.table} r
      left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $4`;
  const all = `r.tenant_id = $1 and r.school_id = $5 and (l.record_id is not null or ${selected}) ${onlySought(scope)}`;
  const rest = scope.parks ? atRest(selected, covered, parameters) : null;
  const walked = rest === null ? onlySought(scope) : 'and r.id in (select id from walked)';
  const { joins, holds } = inStep(scope, walked, parameters);
  const text = `
    with ${rest === null ? '' : `walked as materialized (select r.id ${candidates} ${staged} where ${all} and not coalesce(${rest}, false)),`}
    judged as materialized (
      select r.id as "recordId", coalesce(${selected}, false) as selected, l.key is not null as linked,
             coalesce(${holds.join('\n               and ')}, false) as in_step
      ${candidates}
      ${staged}
      ${joins.join('\n      ')}
      where ${all} ${rest === null ? '' : walked}
    )
    select null::uuid as "recordId", false as selected, false as linked, count(*)::int as "inStep"
    from judged where selected and in_step
    union all
    select "recordId", selected, linked, null from judged where not (selected and in_step)
    order by 1 nulls first`;
  for await (const rows of tx.unsafe<Row[]>(text, parameters as never[]).cursor(batchSize)) {
    const [first] = rows;
    const told = first && first.inStep !== null ? first : null;
    yield { rows: told ? rows.slice(1) : rows, inStep: told?.inStep ?? 0 };
  }
}

/**
 * What planning a record comes to nothing for that has left the selection: nothing is open about it, and it is there, or
 * so far away that nothing is known of it. A school's sheets are at rest once their day is over, and these become the many.
 */
function atRest(selected: string, covered: Range | null, parameters: unknown[]): string {
  const beyond =
    covered === null
      ? 'false'
      : `s.key is null and not (r.${covered.column} between $${parameters.push(covered.since)}::timestamptz
           and coalesce($${parameters.push(covered.until)}::timestamptz, 'infinity'))`;

  return `(not coalesce(${selected}, false) and r.status = 'ACTIVE' and l.state = 'LINKED' and l.key is not null
    and l.blocker is null and l.closed is null and l.decisions is null and not ${openQuestion}
    and ((s.key is not null and not s.gone) or (${beyond})))`;
}

const openQuestion = `exists (select from sync_conflict c where c.tenant_id = $1 and c.integration_id = $2 and c.stream = $4
                     and c.record_id = r.id and c.status <> 'RESOLVED')`;

/** What was pulled of a stream, each key once: its newest page. */
function stagedOnce(stream: string): string {
  return `select distinct on (s.key) s.key, s.gone, s."values", s.refs from staging s where s.run_id = $3 and s.stream = ${stream} and s.page >= 0 order by s.key, s.page desc`;
}

interface Parts {
  joins: string[];
  /** All of these must hold, and none may be null. */
  holds: string[];
}

/**
 * What planning a selected record (`r`, its link `l`, its newest page `s`) comes to nothing for, whatever the rules, the
 * owners and the settings are: it is linked, nothing is open or decided about it, it was pulled, all it refers to is as it
 * was, and each field says the same here, there and in what both agreed on. A value that both agreed on is canonical
 * already, so ours need not be made so. Whatever fails one of these may still be in step: then the planner says so.
 */
function inStep(scope: MirrorScope, walked: string, parameters: unknown[]): Parts {
  const fields = scope.shape.fields.filter(({ field }) => scope.fields.includes(field));
  const refs = scope.refs.map((ref, place) =>
    ref.ref.column === null || ref.ref.many
      ? listInStep(scope, ref, { place, walked }, parameters)
      : oneInStep(scope, ref, place, parameters),
  );

  return {
    joins: refs.flatMap(({ joins }) => joins),
    holds: [
      `l.state = 'LINKED' and l.key is not null and l.blocker is null and l.decisions is null`,
      `s.key is not null and not s.gone`,
      `not ${openQuestion}`,
      ...fields.map((field) => {
        const [local, base] = [`to_jsonb(${canonicalValue(field, 'r')})`, `l.base->'${field.field}'`];
        return `coalesce(${local}, 'null') = ${base} and s."values"->'${field.field}' = ${base}`;
      }),
      ...refs.flatMap(({ holds }) => holds),
    ],
  };
}

/** A reference to one record, joined as a table is: these are the many. */
function oneInStep(scope: MirrorScope, mirrorRef: MirrorRef, place: number, parameters: unknown[]): Parts {
  const { ref, stream, filter, container, needed } = mirrorRef;
  const [t, tl, g, ts] = ['t', 'tl', 'g', 'ts'].map((name) => `${name}${place}`) as [string, string, string, string];
  const target = shapeOf(ref.entity);
  const of = `$${parameters.push(stream)}`;
  const joins = [
    `left join ${target.table} ${t} on ${t}.tenant_id = $1 and ${t}.id = r.${ref.column}`,
    `left join link ${tl} on ${tl}.tenant_id = $1 and ${tl}.record_id = ${t}.id and ${tl}.integration_id = $2 and ${tl}.stream = ${of}`,
    `left join (select distinct g.record_id from sync_log g where ${plannedIn('g', of)}) ${g} on ${g}.record_id = ${t}.id`,
  ];
  const keys = `case when ${tl}.key is not null and ${tl}.state <> 'EXCLUDED' then jsonb_build_array(${tl}.key) else '[]' end`;
  const holds = [`${g}.record_id is null`, ...sameKeys(mirrorRef, keys)];
  if (needed) holds.push(`(${t}.id is null or ${t}.status = 'ACTIVE')`);
  if (container) {
    const selected = selectedSql(scope.schoolId, filter, target, t, parameters);
    joins.push(`left join (${stagedOnce(of)}) ${ts} on ${ts}.key = ${tl}.key`);
    holds.push(`(${t}.id is null or (${selected} and ${ts}.key is not null and not ${ts}.gone))`);
  }

  return { joins, holds };
}

/** A reference to several records, or one that is derived: gathered for all records at once, for what is planned is long. */
function listInStep(
  scope: MirrorScope,
  mirrorRef: MirrorRef,
  { place, walked }: { place: number; walked: string },
  parameters: unknown[],
): Parts {
  const m = `m${place}`;
  const { from, order } = targetsOf(scope, mirrorRef, parameters);
  const of = `$${parameters.push(mirrorRef.stream)}`;
  const join = `left join (
        select r.id, coalesce(jsonb_agg(x.key order by x.place) filter (where x.key is not null), '[]') as keys,
               bool_and(x.active) as active, bool_or(g.record_id is not null) as planned
        from ${scope.shape.table} r
        cross join lateral (select t.id, case when tl.state <> 'EXCLUDED' then tl.key end as key,
                                   t.status = 'ACTIVE' as active, ${mirrorRef.unordered ? 'tl.key collate "C"' : order} as place ${from}) x
        left join (select distinct g.record_id from sync_log g where ${plannedIn('g', of)}) g on g.record_id = x.id
        where r.tenant_id = $1 and r.school_id = $5 ${walked}
        group by r.id) ${m} on ${m}.id = r.id`;

  return {
    joins: [join],
    holds: [
      // No connector has records that live inside several others.
      ...(mirrorRef.container ? ['false'] : []),
      `${m}.planned is not true`,
      ...sameKeys(mirrorRef, `coalesce(${m}.keys, '[]')`),
      ...(mirrorRef.needed ? [`${m}.active is not false`] : []),
    ],
  };
}

function onlySought(scope: MirrorScope): string {
  return scope.onlySought
    ? 'and exists (select from sought q where q.run_id = $3 and q.stream = $4 and q.record_id = r.id)'
    : '';
}

/** What this plan makes or links; also what an older one did that waits, so that a record too many is looked at. */
function plannedIn(alias: string, stream: string): string {
  return `${alias}.tenant_id = $1 and ${alias}.run_id = $3 and ${alias}.stream = ${stream} and ${alias}.status = 'PENDING'
    and ${alias}.kind in ('create', 'link') and ${alias}.side = 'there'`;
}

/** Keys that are compared as a field is, and keys that are where the record is. */
function sameKeys({ ref, compared, silentWhenEmpty, needed }: MirrorRef, keys: string): string[] {
  const [base, staged] = [`l.base->'${ref.ref}'`, `s.refs->'${ref.ref}'`];
  const alike = `(${keys} = ${base} and ${keys} = ${staged})`;
  if (compared) return [silentWhenEmpty ? `(${keys} = '[]' or ${alike})` : alike];

  return needed ? [`${keys} = ${staged}`] : [];
}

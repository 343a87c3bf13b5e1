/** What a destination should mirror, beside what it holds: our records, their links and what was pulled, one row each. */
import type { EntityName, Status, Values } from '../../../model/entities.ts';
import type { LinkState } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';
import type { Decisions } from '../../tables/link.ts';
import { canonicalJson, nameText, type RefColumn, type Shape, shapeOf } from './shape.ts';

/** Which records enter: values a column must have, columns that must have one, an instant that a term must cover. */
export interface Filter {
  where: Readonly<Record<string, readonly unknown[]>>;
  needs: readonly string[];
  /** null: whatever the term. */
  termAt: Date | null;
  /** null: whenever. `starts` and `ends` are fields, `stream` the one whose links count as mirrored already. */
  window: { starts: string; ends: string; days: number; at: Date; stream: string } | null;
  /** Only what a selected record of that shape refers to; null: named or not. */
  namedBy: { ref: string; shape: Shape; filter: Filter } | null;
}

export interface MirrorRef {
  ref: RefColumn;
  /** The stream that knows the target's external key, and which targets it mirrors. */
  stream: string;
  filter: Filter;
}

export interface MirrorScope {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  runId: string;
  stream: string;
  shape: Shape;
  filter: Filter;
  refs: readonly MirrorRef[];
  /** The record is nothing but what it refers to (who is in which class), so that two can be one and the same out there. */
  sameByRefs: boolean;
  /** Only the records written down in `sought`. */
  onlySought: boolean;
}

export interface RefTarget {
  id: string;
  /** Its key out there; null while it has none. */
  key: string | null;
  state: LinkState | null;
  active: boolean;
  /** It is ACTIVE and its own stream mirrors it. */
  selected: boolean;
}

export interface MirrorRow {
  recordId: string;
  sourcedId: string | null;
  status: Status;
  selected: boolean;
  name: string | null;
  local: Values;
  refs: Record<string, readonly RefTarget[]>;
  linkState: LinkState | null;
  key: string | null;
  base: Values | null;
  decisions: Decisions | null;
  blocker: string | null;
  handle: string | null;
  /** In the making: not before this instant is it looked at again. */
  until: Date | null;
  generation: number | null;
  stagedKey: string | null;
  staged: Values | null;
  stagedRefs: Record<string, readonly string[]> | null;
  gone: boolean | null;
  openConflict: boolean;
  /** Another record that is wanted stands for the same out there, before this one. */
  twin: boolean;
  /** It came in this run, and could not be read. */
  refused: boolean;
}

function selectedSql(schoolId: string, filter: Filter, shape: Shape, alias: string, parameters: unknown[]): string {
  const column = (field: string) => {
    const found = shape.fields.find((candidate) => candidate.field === field);
    if (!found) throw new Error(`${shape.entity} has no field ${field}`);
    return `${alias}.${found.column}`;
  };
  const wheres = Object.entries(filter.where).map(([field, values]) => {
    parameters.push(values.map(String));
    return `${column(field)}::text = any ($${parameters.length}::text[])`;
  });

  const needs = filter.needs.map((field) => `${column(field)} is not null`);
  const terms = filter.termAt === null ? [] : [termSql(filter.termAt, shape, alias, parameters)];
  const { window, namedBy } = filter;
  const ahead = window ? [windowSql(schoolId, window, column, alias, parameters)] : [];
  const named = namedBy ? [namedSql(schoolId, namedBy, alias, parameters)] : [];

  return [`${alias}.status = 'ACTIVE'`, ...wheres, ...needs, ...terms, ...ahead, ...named].join(' and ');
}

/** It is not over, and begins within so many days at the school or is mirrored already. */
function windowSql(
  schoolId: string,
  window: NonNullable<Filter['window']>,
  column: (field: string) => string,
  alias: string,
  parameters: unknown[],
): string {
  const [school, at, days, stream] = [schoolId, window.at, window.days, window.stream].map(
    (value) => `$${parameters.push(value)}`,
  );
  const dayAtSchool = (instant: string) =>
    `(${instant} at time zone (select z.time_zone from school z where z.tenant_id = $1 and z.id = ${school}::uuid))::date`;
  const today = dayAtSchool(`${at}::timestamptz`);

  return `${column(window.ends)} > ${at}::timestamptz
    and (${dayAtSchool(column(window.starts))} between ${today} and ${today} + ${days}::int
      or exists (select from link w where w.tenant_id = $1 and w.integration_id = $2 and w.stream = ${stream}
                   and w.record_id = ${alias}.id and w.key is not null))`;
}

/** A selected record names it. The list of all that are named is made once for the statement. */
function namedSql(
  schoolId: string,
  { ref, shape, filter }: NonNullable<Filter['namedBy']>,
  alias: string,
  parameters: unknown[],
): string {
  const found = shape.refs.find((candidate) => candidate.ref === ref);
  if (!found?.column) throw new Error(`${shape.entity} keeps no reference ${ref}`);
  const school = `$${parameters.push(schoolId)}`;
  const named = found.many ? `unnest(n.${found.column})` : `n.${found.column}`;

  return `${alias}.id in (select ${named} from ${shape.table} n where n.tenant_id = $1 and n.school_id = ${school}::uuid
    and ${selectedSql(schoolId, filter, shape, 'n', parameters)})`;
}

/** A term covers the day that it is at the school at that instant: its end date is the first day after it (OneRoster 1.2, endDate). */
function termSql(at: Date, shape: Shape, alias: string, parameters: unknown[]): string {
  const terms = shape.refs.find(({ ref }) => ref === 'terms')?.column;
  if (!terms) throw new Error(`${shape.entity} has no terms`);
  parameters.push(at);
  const today = `($${parameters.length}::timestamptz at time zone (select z.time_zone from school z where z.tenant_id = $1 and z.id = ${alias}.school_id))::date`;

  return `(cardinality(${alias}.${terms}) = 0 or exists (select from term d where d.tenant_id = $1
    and d.id = any (${alias}.${terms}) and d.status = 'ACTIVE' and d.start_date <= ${today} and ${today} < d.end_date))`;
}

function targetsSql(scope: MirrorScope, mirrorRef: MirrorRef, parameters: unknown[]): string {
  const { ref, stream, filter } = mirrorRef;
  const target = shapeOf(ref.entity);
  parameters.push(stream);
  const streamAt = parameters.length;
  const facts = `jsonb_build_object('id', t.id, 'key', tl.key, 'state', tl.state, 'active', t.status = 'ACTIVE', 'selected', ${selectedSql(scope.schoolId, filter, target, 't', parameters)})`;
  const link = `left join link tl on tl.tenant_id = $1 and tl.record_id = t.id and tl.integration_id = $2 and tl.stream = $${streamAt}`;
  const from =
    ref.column === null
      ? teachersSql(scope.shape.entity, ref.ref, target, link)
      : `from ${target.table} t ${link} where t.tenant_id = $1 and t.id = ${ref.many ? `any (r.${ref.column})` : `r.${ref.column}`}`;
  const order = ref.column === null ? 'place' : ref.many ? `array_position(r.${ref.column}, t.id)` : 't.id';

  return `coalesce((select jsonb_agg(${facts} order by ${order}) ${from}), '[]')`;
}

/** The one derived reference there is: a class's teachers, the primary one first. */
function teachersSql(entity: EntityName, ref: string, target: Shape, link: string): string {
  if (entity !== 'class' || ref !== 'teachers') throw new Error(`${entity}.${ref} cannot be derived`);

  return `from (select e.person_id, row_number() over (order by e."primary" desc, e.id) as place from enrollment e
      where e.tenant_id = $1 and e.class_id = r.id and e.status = 'ACTIVE' and e.role = 'teacher') e
    join ${target.table} t on t.tenant_id = $1 and t.id = e.person_id ${link}`;
}

/**
 * Whether another record stands for the same as `r`: of one that is wanted and not linked, one that is linked or came
 * earlier; of one that is linked and no longer wanted, any.
 */
function twinSql(scope: MirrorScope, selected: string, parameters: unknown[]): string {
  if (!scope.sameByRefs) return 'false';
  const same = scope.refs.map(({ ref }) => `and t.${ref.column} = r.${ref.column}`).join(' ');
  const other = `exists (select from ${scope.shape.table} t
    left join link tl on tl.tenant_id = $1 and tl.record_id = t.id and tl.integration_id = $2 and tl.stream = $4
    where t.tenant_id = $1 and t.school_id = $5 and t.id <> r.id ${same} and ${selectedSql(scope.schoolId, scope.filter, scope.shape, 't', parameters)}`;

  return `case when ${selected} and l.key is null then ${other} and (tl.key is not null or t.id < r.id))
    when not (${selected}) and l.key is not null then ${other}) else false end`;
}

/** Streams the candidates in id order: records that are selected, and records that have a link. */
export function candidates(tx: TransactionSql, scope: MirrorScope): AsyncIterable<MirrorRow[]> {
  const { shape } = scope;
  const parameters: unknown[] = [scope.tenantId, scope.integrationId, scope.runId, scope.stream, scope.schoolId];
  const selected = selectedSql(scope.schoolId, scope.filter, shape, 'r', parameters);
  const refs = scope.refs.map((ref) => `'${ref.ref.ref}', ${targetsSql(scope, ref, parameters)}`);
  const twin = twinSql(scope, selected, parameters);
  const text = `
    select r.id as "recordId", r.sourced_id as "sourcedId", r.status, ${selected} as selected, ${nameText(shape, 'r')} as name,
           ${canonicalJson(shape, 'r')} as local, jsonb_build_object(${refs.join(', ')}) as refs,
           l.state as "linkState", l.key, l.base, l.decisions, l.blocker, l.handle, l.until, l.generation,
           s.key as "stagedKey", s."values" as staged, s.refs as "stagedRefs", s.gone,
           exists (select from sync_conflict c where c.tenant_id = $1 and c.integration_id = $2 and c.stream = $4
                     and c.record_id = r.id and c.status <> 'RESOLVED') as "openConflict",
           ${twin} as twin,
           exists (select from rejected_record x where x.tenant_id = $1 and x.integration_id = $2 and x.stream = $4
                     and x.key = l.key and x.run_id = $3) as refused
    from ${shape.table} r
    left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $4
    left join lateral (select s.* from staging s where s.run_id = $3 and s.stream = $4 and s.key = l.key and s.page >= 0
                       order by s.page desc limit 1) s on true
    where r.tenant_id = $1 and r.school_id = $5 and (${selected} or l.record_id is not null)
      ${scope.onlySought ? 'and exists (select from sought q where q.run_id = $3 and q.stream = $4 and q.record_id = r.id)' : ''}
    order by r.id`;

  return tx.unsafe<MirrorRow[]>(text, parameters as never[]).cursor(500);
}

/** One of our records as `candidates` has it, without what a run pulled: for explaining what a run would make of it. */
export async function mirrorRow(
  tx: TransactionSql,
  scope: MirrorScope,
  recordId: string,
): Promise<MirrorRow | undefined> {
  const { shape } = scope;
  const parameters: unknown[] = [scope.tenantId, scope.integrationId, scope.stream, scope.schoolId, recordId];
  const selected = selectedSql(scope.schoolId, scope.filter, shape, 'r', parameters);
  const refs = scope.refs.map((ref) => `'${ref.ref.ref}', ${targetsSql(scope, ref, parameters)}`);
  const [row] = await tx.unsafe<MirrorRow[]>(
    `select r.id as "recordId", r.sourced_id as "sourcedId", r.status, ${selected} as selected, ${nameText(shape, 'r')} as name,
            ${canonicalJson(shape, 'r')} as local, jsonb_build_object(${refs.join(', ')}) as refs,
            l.state as "linkState", l.key, l.base, l.decisions, l.blocker, l.handle, l.until, l.generation,
            null as "stagedKey", null as staged, null as "stagedRefs", null as gone, false as refused,
            exists (select from sync_conflict c where c.tenant_id = $1 and c.integration_id = $2 and c.stream = $3
                      and c.record_id = r.id and c.status <> 'RESOLVED') as "openConflict"
     from ${shape.table} r
     left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $3
     where r.tenant_id = $1 and r.school_id = $4 and r.id = $5`,
    parameters as never[],
  );

  return row;
}

export interface Unlinked {
  key: string;
  /** Our id, where it carries one; else one that nothing has. */
  recordId: string;
  /** The id is that of a record we have: it is nobody else. */
  claimed: boolean;
  values: Values;
  refs: Record<string, readonly string[]>;
}

/** Pulled records nobody is linked to: the pool first contact chooses from. */
export async function unlinked(
  tx: TransactionSql,
  scope: Pick<MirrorScope, 'tenantId' | 'schoolId' | 'integrationId' | 'runId' | 'stream' | 'shape'>,
): Promise<Unlinked[]> {
  return tx<Unlinked[]>`
    select distinct on (s.key) s.key, s.record_id as "recordId", s.values, s.refs,
      exists (select from ${tx.unsafe(scope.shape.table)} r where r.tenant_id = ${scope.tenantId}
        and r.school_id = ${scope.schoolId} and (r.id = s.record_id or r.sourced_id = s."values"->'#marks'->>'ours')) as claimed
    from staging s
    where s.run_id = ${scope.runId} and s.stream = ${scope.stream} and not s.gone
      and not exists (select from link l where l.tenant_id = ${scope.tenantId}
        and l.integration_id = ${scope.integrationId} and l.stream = ${scope.stream} and l.key = s.key)
    order by s.key, s.page desc`;
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
    const column = [...shape.fields, ...shape.refs].find(
      (part) => ('field' in part ? part.field : part.ref) === name,
    )?.column;
    if (!column) throw new Error(`${shape.entity} has no column for ${name}`);
    return `lower(btrim(r.${column}::text)) = lower(btrim(m.${column}::text))`;
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

export type SoughtRow = Pick<
  MirrorRow,
  | 'recordId'
  | 'sourcedId'
  | 'selected'
  | 'key'
  | 'linkState'
  | 'base'
  | 'decisions'
  | 'local'
  | 'refs'
  | 'generation'
  | 'handle'
>;

/** Our records as a `some` pull asks for them, with the external keys known so far. */
export async function soughtRows(
  tx: TransactionSql,
  scope: MirrorScope,
  recordIds: readonly string[],
): Promise<SoughtRow[]> {
  const parameters: unknown[] = [scope.tenantId, scope.integrationId, scope.stream, recordIds];
  const selected = selectedSql(scope.schoolId, scope.filter, scope.shape, 'r', parameters);
  const refs = scope.refs.map((ref) => `'${ref.ref.ref}', ${targetsSql(scope, ref, parameters)}`);

  return tx.unsafe<SoughtRow[]>(
    `select r.id as "recordId", r.sourced_id as "sourcedId", ${selected} as selected, l.key, l.state as "linkState", l.base, l.decisions,
            l.generation, l.handle, ${canonicalJson(scope.shape, 'r')} as local,
            jsonb_build_object(${refs.join(', ')}) as refs
     from ${scope.shape.table} r
     left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $3
     where r.tenant_id = $1 and r.id = any ($4::uuid[]) order by r.id`,
    parameters as never[],
  );
}

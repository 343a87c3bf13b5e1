/** Writing into Homeroom's own tables: whole batches of planned operations, each only while its *before* holds. */
import type { TransactionSql } from '../../client.ts';
import { overtaken, removedSince } from './overtaken.ts';
import {
  canonicalJson,
  canonicalValue,
  type FieldColumn,
  fromJson,
  instantText,
  nameText,
  type RefColumn,
  resolvedRef,
  type Shape,
} from './shape.ts';

export interface HereScope {
  tenantId: string;
  integrationId: string;
  runId: string;
  schoolId: string;
  stream: string;
  shape: Shape;
  /** The stream of this integration that knows a reference's keys. */
  refStreams: Readonly<Record<string, string>>;
  /** The records' own ids at a source are kept on them. */
  keepsSourcedId: boolean;
  /** Born on either side: fields and references both sides merge, which the link keeps as agreed; null elsewhere. */
  agreesOn: readonly string[] | null;
}

/** Which staged records: named one by one, or a stretch of keys. */
export type Keys = { keys: readonly string[] } | { first: string; last: string };

export interface CreateOutcome {
  /** Keys and record ids of what was made or brought back, in key order. */
  made: { key: string; recordId: string }[];
  /** Keys of records that wait for a reference. */
  waiting: string[];
}

/** A condition on a column, by $6 and what follows it. */
const range = (keys: Keys): [(column: string) => string, (string | string[])[]] =>
  'keys' in keys
    ? [(column) => `${column} = any ($6::text[])`, [keys.keys as string[]]]
    : [(column) => `${column} between $6 and $7`, [keys.first, keys.last]];

/**
 * Makes records and their links from staging in one statement. A record that is archived here under the same source
 * id is brought back instead, so that clients keep its id; of a stream that is born on either side also one that the
 * record there says it is. What lacks a required reference becomes a waiting link.
 */
export async function createHere(tx: TransactionSql, scope: HereScope, keys: Keys): Promise<CreateOutcome> {
  const { shape } = scope;
  const refs = shape.refs.filter((ref) => ref.column !== null && scope.refStreams[ref.ref]);
  const needed = refs.filter((ref) => ref.required).map((ref) => `n."ref_${ref.ref}" is not null`);
  const wanting = refs.filter((ref) => !ref.required);
  // One target is looked up by its key, each by itself: the limit keeps the planner from reading all links at once, which it
  // would choose on statistics that are older than the rows this very pull has made.
  const singles = refs.filter((ref) => !ref.many);
  const lookUp = (ref: RefColumn) => `left join lateral (select t.record_id from link t
        where t.tenant_id = $1 and t.integration_id = $2 and t.stream = '${scope.refStreams[ref.ref]}'
          and t.key = s.refs->'${ref.ref}'->>0 limit 1) "of_${ref.ref}" on true`;
  const targetOf = (ref: RefColumn) =>
    ref.many ? resolvedRef(ref, scope.refStreams[ref.ref] ?? '', 's.refs') : `"of_${ref.ref}".record_id`;
  const ready = needed.length > 0 ? needed.join(' and ') : 'true';
  const [among, values] = range(keys);
  const columns = [...shape.fields.map((f) => f.column), ...refs.map((ref) => ref.column)];
  const selected = [...shape.fields.map((f) => fromJson(f, 'n."values"')), ...refs.map((ref) => `n."ref_${ref.ref}"`)];
  const missing = wanting.map((ref) =>
    ref.many
      ? `cardinality(n."ref_${ref.ref}") < jsonb_array_length(coalesce(n.refs->'${ref.ref}', '[]'))`
      : `(n."ref_${ref.ref}" is null and jsonb_array_length(coalesce(n.refs->'${ref.ref}', '[]')) > 0)`,
  );
  const incomplete = missing.length > 0 ? missing.join(' or ') : 'false';
  const { agreesOn } = scope;
  // An id that a record there carries may be anybody's: one that is not brought back gets another.
  const newId = agreesOn
    ? `coalesce(claimed.id, case when s."values"->'#marks'->>'ours' is null then s.record_id else gen_random_uuid() end)`
    : 's.record_id';
  const base = agreesOn ? `case when ${ready} then ${agreedSql(scope, agreesOn)} end` : 'null::jsonb';
  const text = `
    with known as materialized (
      select l.key, l.record_id, l.synced_at, l.run_id from link l
      where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and ${among('l.key')}
    ),
    was as materialized (
      select distinct on (r.sourced_id) r.sourced_id as key, r.id from ${shape.table} r
      where ${scope.keepsSourcedId} and r.tenant_id = $1 and r.school_id = $5 and r.status = 'ARCHIVED' and ${among('r.sourced_id')}
        and not exists (select from link o where o.tenant_id = $1 and o.record_id = r.id and o.integration_id = $2 and o.stream = $4)
      order by r.sourced_id, r.id
    ),
${agreesOn ? claimedSql(scope, among('s.key')) : ''}
    n as materialized (
      select s.*, coalesce(was.id, ${newId}) as id ${refs.map((ref) => `, ${targetOf(ref)} as "ref_${ref.ref}"`).join('')}
      from (select distinct on (s.key) s.* from staging s
            where s.run_id = $3 and s.stream = $4 and ${among('s.key')} order by s.key, s.page desc) s
      left join known l on l.key = s.key
      left join was on was.key = s.key
      ${agreesOn ? 'left join claimed on claimed.key = s.key' : ''}
      ${singles.map(lookUp).join('\n      ')}
      where not s.gone and (l.key is null or (l.record_id is null and not ${overtaken('l')})) and not ${removedSince('s.key')}
    ),
    made as (
      insert into ${shape.table} as r (tenant_id, school_id, id, sourced_id, status, ${columns.join(', ')})
      select $1::uuid, $5::uuid, n.id, ${scope.keepsSourcedId ? 'n.key' : 'null'}, 'ACTIVE', ${selected.join(', ')}
      from n where ${ready} order by n.key
      on conflict (tenant_id, id) do update
        set status = 'ACTIVE', updated_at = now() ${columns.map((column) => `, ${column} = excluded.${column}`).join('')}
      returning r.id${agreesOn ? `, ${canonicalJson(shape, 'r')} as written` : ''}
    ),
    linked as (
      insert into link as k (tenant_id, school_id, integration_id, stream, key, record_id, state, hash, base, external, refs, blocker, run_id, synced_at)
      select $1::uuid, $5::uuid, $2::uuid, $4::text, n.key, case when ${ready} then n.id end,
             case when ${ready} then 'LINKED' else 'WAITING' end, n.hash, ${base},
             case when not (${ready}) or ${incomplete} then n."values" end,
             case when not (${ready}) or ${incomplete} then n.refs end,
             case when not (${ready}) or ${incomplete} then 'reference_missing' end, $3::uuid, now()
      from n ${agreesOn ? 'left join made m on m.id = n.id' : ''} order by n.key
      on conflict (tenant_id, integration_id, stream, key) do update
        set record_id = excluded.record_id, state = excluded.state, hash = excluded.hash, base = excluded.base, external = excluded.external,
            refs = excluded.refs, blocker = excluded.blocker, run_id = excluded.run_id, synced_at = excluded.synced_at
      returning k.key, k.record_id
    )
    select key, record_id as "recordId" from linked order by key`;
  const rows = await tx.unsafe<{ key: string; recordId: string | null }[]>(text, [
    scope.tenantId,
    scope.integrationId,
    scope.runId,
    scope.stream,
    scope.schoolId,
    ...values,
  ]);

  return {
    made: rows.flatMap(({ key, recordId }) => (recordId === null ? [] : [{ key, recordId }])),
    waiting: rows.flatMap(({ key, recordId }) => (recordId === null ? [key] : [])),
  };
}

/** Archived records of ours that the records there say they are. */
function claimedSql({ shape }: HereScope, among: string): string {
  return `
    claimed as materialized (
      select distinct on (r.id) s.key, r.id from staging s
      join ${shape.table} r on r.tenant_id = $1 and r.school_id = $5 and r.id = s.record_id and r.status = 'ARCHIVED' and r.sourced_id is null
      where s.run_id = $3 and s.stream = $4 and ${among} and not s.gone
        and not exists (select from link o where o.tenant_id = $1 and o.record_id = r.id and o.integration_id = $2 and o.stream = $4)
      order by r.id, s.key
    ),`;
}

/** What is agreed on from the start: the fields as they were just written, and the keys of those referred to that we have. */
function agreedSql({ shape, refStreams }: HereScope, names: readonly string[]): string {
  const fields = shape.fields.filter(({ field }) => names.includes(field));
  const refs = shape.refs.filter(({ ref }) => names.includes(ref) && refStreams[ref]);
  const values = fields.map(({ field }) => `'${field}', m.written->'${field}'`);
  const keys = refs.map(
    ({ ref }) => `'${ref}', coalesce((select jsonb_agg(k.key order by k.place)
        from jsonb_array_elements_text(coalesce(n.refs->'${ref}', '[]')) with ordinality k(key, place)
        join link t on t.tenant_id = $1 and t.integration_id = $2 and t.stream = '${refStreams[ref]}' and t.key = k.key
         and t.record_id is not null), '[]')`,
  );

  return `jsonb_build_object(${[...values, ...keys].join(', ')})`;
}

function ownRefs({ shape, refStreams, stream }: HereScope): readonly RefColumn[] {
  return shape.refs.filter(({ ref, column, many }) => column !== null && !many && refStreams[ref] === stream);
}

/** Whether records of the stream can refer to others of it: an org to the one it is part of. */
export function refersToItself(scope: HereScope): boolean {
  return ownRefs(scope).length > 0;
}

/** Records that refer to others of their own stream find them once all are made. Answers how many were mended. */
export async function mendOwnRefs(tx: TransactionSql, scope: HereScope): Promise<number> {
  let mended = 0;
  for (const ref of ownRefs(scope)) {
    const rows = await tx.unsafe(
      `with found as (
         select l.key, l.record_id, t.record_id as target
         from link l
         join link t on t.tenant_id = $1 and t.integration_id = $2 and t.stream = $3 and t.key = l.refs->'${ref.ref}'->>0
          and t.record_id is not null
         where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $3 and l.blocker = 'reference_missing' and l.record_id is not null
       ), mended as (
         update ${scope.shape.table} r set ${ref.column} = found.target, updated_at = now() from found
         where r.tenant_id = $1 and r.id = found.record_id returning r.id
       )
       update link l set blocker = null, external = null, refs = null from found
       where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $3 and l.key = found.key returning l.key`,
      [scope.tenantId, scope.integrationId, scope.stream],
    );
    mended += rows.length;
  }

  return mended;
}

export interface UpdateRow {
  /** The operation's number, to tell which were written. */
  seq: number;
  recordId: string;
  before: Readonly<Record<string, unknown>>;
  after: Readonly<Record<string, unknown>>;
  /** New external keys by reference name. */
  refs: Readonly<Record<string, readonly string[]>>;
}

const holds = (field: FieldColumn) =>
  `(not u.before ? '${field.field}' or to_jsonb(${canonicalValue(field, 'r')}) is not distinct from nullif(u.before->'${field.field}', 'null'))`;

const assign = (field: FieldColumn) =>
  `${field.column} = case when u.after ? '${field.field}' then ${fromJson(field, 'u.after')} else r.${field.column} end`;

/** Changes records whose *before* still holds; answers the numbers of the operations that were written. */
export async function updateHere(
  tx: TransactionSql,
  scope: Pick<HereScope, 'tenantId' | 'integrationId' | 'shape' | 'refStreams'>,
  rows: readonly UpdateRow[],
): Promise<number[]> {
  if (rows.length === 0) return [];
  const { shape } = scope;
  const refs = shape.refs.filter((ref) => ref.column !== null && scope.refStreams[ref.ref]);
  const refAssign = refs.map((ref) => {
    const found = resolvedRef(ref, scope.refStreams[ref.ref] ?? '', 'u.refs');
    const value = ref.required ? `coalesce(${found}, r.${ref.column})` : found;
    return `${ref.column} = case when u.refs ? '${ref.ref}' then ${value} else r.${ref.column} end`;
  });
  const text = `
    with u as materialized (
      select * from jsonb_to_recordset($3::jsonb) as u(seq bigint, "recordId" uuid, before jsonb, after jsonb, refs jsonb)
      where $2::uuid is not null
    ), locked as (
      select r.id from ${shape.table} r join u on u."recordId" = r.id where r.tenant_id = $1 order by r.id for update of r
    )
    update ${shape.table} r
    set ${[...shape.fields.map(assign), ...refAssign, `status = case when u.before ? 'status' then 'ACTIVE' else r.status end`].join(', ')}, updated_at = now()
    from u join locked on locked.id = u."recordId"
    where r.tenant_id = $1 and r.id = u."recordId" and ${shape.fields.map(holds).join(' and ')}
    returning u.seq`;
  const written = await tx.unsafe<{ seq: number }[]>(text, [scope.tenantId, scope.integrationId, JSON.stringify(rows)]);

  return written.map((row) => row.seq);
}

/** Of these records, those that still say what they said: the others have been changed since. */
export async function sayingStill(
  tx: TransactionSql,
  scope: Pick<HereScope, 'tenantId' | 'shape'>,
  rows: readonly { recordId: string; before: Readonly<Record<string, unknown>> }[],
): Promise<Set<string>> {
  const { shape } = scope;
  const found = await tx.unsafe<{ id: string }[]>(
    `select r.id from jsonb_to_recordset($2::jsonb) as u("recordId" uuid, before jsonb)
     join ${shape.table} r on r.tenant_id = $1 and r.id = u."recordId"
     where ${shape.fields.map(holds).join(' and ')} order by r.id for update of r`,
    [scope.tenantId, JSON.stringify(rows)],
  );

  return new Set(found.map(({ id }) => id));
}

/**
 * Archives records that are gone at their source and forgets their links. A record that another source still has only
 * loses its link. Answers the keys, the ids of what was archived and when, and the other sources that have some of it.
 */
export async function archiveHere(
  tx: TransactionSql,
  scope: HereScope & { sourceProviders: readonly string[] },
  keys: Keys,
): Promise<{ keys: string[]; archived: string[]; archivedAt: string | null; others: string[] }> {
  const [where, values] =
    'keys' in keys
      ? (['l.key = any ($6::text[])', [keys.keys as string[]]] as const)
      : (['l.key between $6 and $7', [keys.first, keys.last]] as const);
  const rows = await tx.unsafe<{ key: string; archived: string | null; at: string | null; others: string[] | null }[]>(
    `with gone as materialized (
       select l.key, l.record_id from link l
       where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and ${where} and l.state in ('LINKED', 'WAITING')
         and not exists (select from staging s where s.run_id = $3 and s.stream = $4 and s.key = l.key and not s.gone and s.page >= 0)
         and not ${overtaken('l')}
     ), archived as (
       update ${scope.shape.table} r set status = 'ARCHIVED', updated_at = now() from gone
       where r.tenant_id = $1 and r.school_id = $5 and r.id = gone.record_id and r.status = 'ACTIVE'
         and not exists (select from link o join integration i on i.tenant_id = $1 and i.id = o.integration_id
           where o.tenant_id = $1 and o.record_id = r.id and o.integration_id <> $2 and o.state in ('LINKED', 'WAITING')
             and i.status <> 'DISCONNECTED' and i.provider = any ($${values.length + 6}::text[]))
       returning r.id, r.updated_at
     ), looked as (
       -- Another source that has it may own its fields from now on: it is compared afresh.
       update link o set hash = null from gone
       where o.tenant_id = $1 and o.record_id = gone.record_id and o.integration_id <> $2 and o.hash is not null
       returning o.integration_id
     ), forgotten as (
       delete from link l using gone
       where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and l.key = gone.key returning l.key
     )
     select gone.key, archived.id as archived, ${instantText('archived.updated_at')} as at, (select array_agg(distinct integration_id::text) from looked) as others
     from gone left join archived on archived.id = gone.record_id
     order by gone.key`,
    [
      scope.tenantId,
      scope.integrationId,
      scope.runId,
      scope.stream,
      scope.schoolId,
      ...values,
      scope.sourceProviders as string[],
    ],
  );

  return {
    keys: rows.map((row) => row.key),
    archived: rows.flatMap((row) => (row.archived === null ? [] : [row.archived])),
    archivedAt: rows.find((row) => row.at !== null)?.at ?? null,
    others: rows[0]?.others ?? [],
  };
}

/** What people recognise records by, for those that could not be named before they were made. */
export async function namesOf(
  tx: TransactionSql,
  scope: Pick<HereScope, 'tenantId' | 'shape'>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.unsafe<{ id: string; name: string }[]>(
    `select r.id, ${nameText(scope.shape, 'r')} as name from ${scope.shape.table} r where r.tenant_id = $1 and r.id = any ($2::uuid[])`,
    [scope.tenantId, ids as string[]],
  );

  return new Map(rows.map((row) => [row.id, row.name]));
}

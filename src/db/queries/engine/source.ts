/** What a source's staged records differ in from what we hold, found by joins on keys and hashes. */
import type { Status, Values } from '../../../model/entities.ts';
import type { LinkState } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';
import { overtaken, refusedNow, removedSince } from './overtaken.ts';
import { canonicalJson, nameText, type Shape } from './shape.ts';

export interface SourceScope {
  tenantId: string;
  integrationId: string;
  runId: string;
  stream: string;
  shape: Shape;
  /** References without which the record cannot be made, and the streams that know their keys. */
  waitsFor: Readonly<Record<string, string>>;
  /** Its new records may be ones that we have already: first contact looks for them. */
  matches: boolean;
  /** What another integration has too is compared although it came as before: who owns its fields has changed. */
  afresh: boolean;
  /** Of which of our records an absence means anything; null: of all. */
  covered: Coverage | null;
}

/** Records whose instant is not before another. */
export interface Coverage {
  /** Quoted. */
  column: string;
  since: Date;
}

/** Text of the model and of a date: nothing received. */
function within({ column, since }: Coverage): string {
  return `r.${column} >= '${since.toISOString()}'::timestamptz`;
}

/** A staged record that is linked and not as it was. */
export interface Difference {
  key: string;
  hash: Buffer;
  gone: boolean;
  values: Values;
  refs: Record<string, readonly string[]>;
  recordId: string;
  state: LinkState;
  status: Status;
  /** It came before with a reference nobody knew. */
  blockedByReference: boolean;
  name: string | null;
  local: Values;
  /** Our ids its references hold now, and the ids the staged keys stand for: `coming` with this run, null where not known yet. */
  localRefs: Record<string, readonly string[]>;
  stagedRefs: Record<string, readonly (string | null)[]>;
  overrides: Record<string, { value: unknown; sourceValue: unknown }> | null;
  /** Another run has been at it since this one read it. */
  overtaken: boolean;
}

/** Newest page of each staged key. */
export const newestStaged = `select distinct on (s.key) s.* from staging s where s.run_id = $3 and s.stream = $4 order by s.key, s.page desc`;

const shared = `or exists (select from link o where o.tenant_id = $1 and o.record_id = l.record_id and o.integration_id <> $2)`;

/**
 * Streams the differences in key order; one statement, one pass, whatever their number. With `pairs`: of these, which are
 * about to be linked, instead of what is linked.
 */
export function differences(
  tx: TransactionSql,
  scope: SourceScope,
  refStreams: Readonly<Record<string, string>>,
  pairs: readonly { key: string; recordId: string }[] | null = null,
): AsyncIterable<Difference[]> {
  const { shape } = scope;
  const refs = shape.refs.filter((ref) => ref.column !== null && refStreams[ref.ref]);
  const localRefs = refs.map(
    (ref) =>
      `'${ref.ref}', ${ref.many ? `to_jsonb(r.${ref.column})` : `case when r.${ref.column} is null then '[]'::jsonb else jsonb_build_array(r.${ref.column}) end`}`,
  );
  const stagedRefs = refs.map(
    (
      ref,
    ) => `'${ref.ref}', coalesce((select jsonb_agg(coalesce(t.record_id::text, case when exists (select from staging c
          where c.run_id = $3 and c.stream = '${refStreams[ref.ref]}' and c.key = k.key and not c.gone and c.page >= 0) then 'coming' end) order by k.place)
        from jsonb_array_elements_text(coalesce(s.refs->'${ref.ref}', '[]')) with ordinality k(key, place)
        left join link t on t.tenant_id = $1 and t.integration_id = $2 and t.stream = '${refStreams[ref.ref]}' and t.key = k.key), '[]')`,
  );
  const linked = pairs
    ? `(select p.key, p."recordId" as record_id, 'LINKED' as state, null::bytea as hash, null::text as blocker,
          null::uuid as run_id, null::timestamptz as synced_at
        from jsonb_to_recordset($5::jsonb) as p(key text, "recordId" uuid) where $2::uuid is not null)`
    : '(select * from link where tenant_id = $1 and integration_id = $2 and stream = $4)';
  const text = `
    select s.key, s.hash, s.gone, s."values", s.refs, l.record_id as "recordId", l.state, r.status, l.blocker is not distinct from 'reference_missing' as "blockedByReference",
           ${nameText(shape, 'r')} as name, ${canonicalJson(shape, 'r')} as local,
           jsonb_build_object(${localRefs.join(', ')}) as "localRefs",
           jsonb_build_object(${stagedRefs.join(', ')}) as "stagedRefs",
           (select jsonb_object_agg(o.field, jsonb_build_object('value', o.value, 'sourceValue', o.source_value))
              from override o where o.tenant_id = $1 and o.record_id = l.record_id) as overrides,
           ${overtaken('l')} as overtaken
    from (${newestStaged}) s
    join ${linked} l on l.key = s.key
    join ${shape.table} r on r.tenant_id = $1 and r.id = l.record_id
    where l.state <> 'EXCLUDED'
      and (l.hash is distinct from s.hash or s.gone or l.blocker is not null or r.status = 'ARCHIVED' ${scope.afresh ? shared : ''})
    order by s.key`;

  const parameters = [scope.tenantId, scope.integrationId, scope.runId, scope.stream];

  return tx.unsafe<Difference[]>(text, pairs ? [...parameters, JSON.stringify(pairs)] : parameters).cursor(500);
}

/** A stretch of staged keys, all of them new here or all of them gone there. */
export interface KeyRange {
  first: string;
  last: string;
  size: number;
}

export interface NewRecord {
  key: string;
  recordId: string;
  values: Values;
  refs: Record<string, readonly string[]>;
}

/** Not one that this run's plan links to a record we have. */
const notPaired = `and not exists (select from sync_log g where g.tenant_id = $1 and g.run_id = $3 and g.stream = $4
      and g.kind = 'link' and g.side = 'here' and g.key = s.key)`;

/** From `s`, staged, what is new here: not linked yet, or waiting for a reference that is known by now or comes with this run. */
export function newHere(scope: SourceScope): string {
  const known = Object.entries(scope.waitsFor).map(
    ([ref, stream]) => `
      and (exists (select from link t where t.tenant_id = $1 and t.integration_id = $2 and t.stream = '${stream}'
                     and t.key = s.refs->'${ref}'->>0 and t.record_id is not null)
        or exists (select from staging t where t.run_id = $3 and t.stream = '${stream}' and t.key = s.refs->'${ref}'->>0
                     and not t.gone))`,
  );

  return `
    from (${newestStaged}) s
    left join link l on l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and l.key = s.key
    where not s.gone ${scope.matches ? notPaired : ''} and not ${removedSince('s.key')}
      and (l.key is null or (l.record_id is null and l.state = 'WAITING' and not ${overtaken('l')} ${known.join('')}))`;
}

/** Staged records without a link, the first `limit` of them in key order. */
export async function newRecords(tx: TransactionSql, scope: SourceScope, limit: number): Promise<NewRecord[]> {
  return tx.unsafe<NewRecord[]>(
    `select s.key, s.record_id as "recordId", s."values", s.refs ${newHere(scope)} order by s.key limit $5`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, limit],
  );
}

/** The same as ranges of at most `size` keys, when they are too many to tell one by one. */
export async function newRanges(tx: TransactionSql, scope: SourceScope, size: number): Promise<KeyRange[]> {
  return tx.unsafe<KeyRange[]>(
    `select min(key) as first, max(key) as last, count(*)::int as size
     from (select s.key, (row_number() over (order by s.key) - 1) / $5::int as batch ${newHere(scope)}) b
     group by batch order by batch`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, size],
  );
}

export interface GoneRecord {
  key: string;
  recordId: string | null;
  name: string | null;
  local: Values;
}

type Carrier = { column: string; stream: string } | null;

/** Keys on pages that this run knew, which are there though nothing of them is staged; and the carriers a delta brought. */
function seenBy(carrier: Carrier): string {
  const carried = carrier
    ? `, carried as materialized (
         select distinct c.record_id from staging s
         join link c on c.tenant_id = $1 and c.integration_id = $2 and c.stream = s.stream and c.key = s.key
         where s.run_id = $3 and s.stream = '${carrier.stream}' and c.record_id is not null)`
    : '';

  return `with known as materialized (
    select unnest(p.keys) as key from known_page p
    where p.tenant_id = $1 and p.integration_id = $2 and p.stream = $4 and p.run_id = $3)${carried}`;
}

/** In a snapshot: what it no longer has. In a delta of a stream that travels within another: what its carrier dropped. */
function goneThere(scope: SourceScope, carrier: Carrier): string {
  const from = carrier
    ? `from carried
    join ${scope.shape.table} r on r.tenant_id = $1 and r.${carrier.column} = carried.record_id
    join link l on l.tenant_id = $1 and l.record_id = r.id`
    : `from link l left join ${scope.shape.table} r on r.tenant_id = $1 and r.id = l.record_id`;

  return `
    ${from}
    where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and l.key is not null
      and l.state in ('LINKED', 'WAITING') ${scope.covered ? `and ${within(scope.covered)}` : ''}
      and not exists (select from staging s where s.run_id = $3 and s.stream = $4 and s.key = l.key and s.page >= 0)
      and not exists (select from rejected_record x where x.tenant_id = $1 and x.integration_id = $2 and x.stream = $4
                        and x.key = l.key and ${refusedNow('x')})
      and not ${overtaken('l')}
      and not exists (select from known where known.key = l.key)`;
}

export async function goneRecords(
  tx: TransactionSql,
  scope: SourceScope,
  carrier: Carrier,
  limit: number,
): Promise<GoneRecord[]> {
  return tx.unsafe<GoneRecord[]>(
    `${seenBy(carrier)}
     select l.key, l.record_id as "recordId", ${nameText(scope.shape, 'r')} as name, ${canonicalJson(scope.shape, 'r')} as local
     ${goneThere(scope, carrier)} order by l.key limit $5`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, limit],
  );
}

export async function goneRanges(
  tx: TransactionSql,
  scope: SourceScope,
  carrier: Carrier,
  size: number,
): Promise<KeyRange[]> {
  return tx.unsafe<KeyRange[]>(
    `${seenBy(carrier)}
     select min(key) as first, max(key) as last, count(*)::int as size
     from (select l.key, (row_number() over (order by l.key) - 1) / $5::int as batch ${goneThere(scope, carrier)}) b
     group by batch order by batch`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream, size],
  );
}

/** How many mirrored records the stream's snapshots speak of. */
export async function countCovered(tx: TransactionSql, scope: SourceScope, covered: Coverage): Promise<number> {
  const [row] = await tx.unsafe<{ links: number }[]>(
    `select count(*)::int as links from link l join ${scope.shape.table} r on r.tenant_id = $1 and r.id = l.record_id
     where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $3 and l.key is not null
       and l.state in ('LINKED', 'WAITING') and ${within(covered)}`,
    [scope.tenantId, scope.integrationId, scope.stream],
  );

  return row?.links ?? 0;
}

/** Linked records that came back byte for byte (or differ in nothing we keep): needed for the run's counts. */
export async function countUnchanged(tx: TransactionSql, scope: SourceScope): Promise<number> {
  const [row] = await tx.unsafe<{ unchanged: number }[]>(
    `select count(*)::int as unchanged from (${newestStaged}) s
     join link l on l.tenant_id = $1 and l.integration_id = $2 and l.stream = $4 and l.key = s.key
     where l.hash = s.hash and not s.gone and l.blocker is null`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.stream],
  );

  return row?.unchanged ?? 0;
}

/** Of these staged keys, the ones that refer to a record nobody knows yet. */
export async function stillMissing(
  tx: TransactionSql,
  scope: Pick<SourceScope, 'tenantId' | 'integrationId' | 'runId' | 'stream'>,
  refStreams: Readonly<Record<string, string>>,
  keys: readonly string[],
): Promise<string[]> {
  if (keys.length === 0 || Object.keys(refStreams).length === 0) return [];
  const rows = await tx<{ key: string }[]>`
    select distinct s.key
    from (select distinct on (key) key, refs from staging
          where run_id = ${scope.runId} and stream = ${scope.stream} and key = any (${keys as string[]}::text[])
          order by key, page desc) s
    cross join jsonb_each_text(${JSON.stringify(refStreams)}::jsonb) as r(ref, stream)
    cross join jsonb_array_elements_text(coalesce(s.refs->r.ref, '[]')) as k(key)
    -- Each looked up by itself: asked whether one exists, the planner may read all links at once.
    where (select t.record_id from link t where t.tenant_id = ${scope.tenantId} and t.integration_id = ${scope.integrationId}
      and t.stream = r.stream and t.key = k.key limit 1) is null`;

  return rows.map((row) => row.key);
}

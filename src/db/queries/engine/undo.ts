/** What is written of an undo: which operations of an ended run there are to take back, and their effect on our side. */
import type { Status, Values } from '../../../model/entities.ts';
import type { LinkState, OperationKind, Side } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';
import type { HereScope } from './here.ts';
import { canonicalJson, type Shape } from './shape.ts';

/** One thing a run wrote, beside what has become of it. */
export interface Written {
  seq: number;
  side: Side;
  kind: Extract<OperationKind, 'create' | 'update' | 'remove'>;
  recordId: string | null;
  key: string | null;
  lastKey: string | null;
  size: number;
  name: string | null;
  before: Values | null;
  after: Values | null;
  /** Of removals told by the batch: the instant at which they were archived, all in one commit. */
  archivedAt: string | null;
  /** It changed references too, whose former targets are not kept. */
  refersAnew: boolean;
  status: Status | null;
  local: Values | null;
  linkKey: string | null;
  linkState: LinkState | null;
  /** What both sides agreed on, while the link was last written by that very run. */
  base: Values | null;
  /** What is out there now, as this run has read it. */
  staged: Values | null;
}

export interface UndoScope {
  tenantId: string;
  integrationId: string;
  /** The run that undoes. */
  runId: string;
  undoes: string;
  stream: string;
  shape: Shape;
}

/** What the run wrote in a stream, last first, a page at a time. */
export async function writtenBy(
  tx: TransactionSql,
  scope: UndoScope,
  before: number | null,
  limit: number,
): Promise<Written[]> {
  return tx.unsafe<Written[]>(
    `select l.seq::int, l.side, l.kind, l.record_id as "recordId", l.key, l.last_key as "lastKey", l.size, l.name, l.before, l.after,
            l.details->>'archivedAt' as "archivedAt", l.kind = 'update' and coalesce(l.refs, '{}') <> '{}' as "refersAnew", r.status,
            case when r.id is not null then ${canonicalJson(scope.shape, 'r')} end as local,
            k.key as "linkKey", k.state as "linkState", case when k.run_id = $4 then k.base end as base, s."values" as staged
     from sync_log l
     left join ${scope.shape.table} r on r.tenant_id = $1 and r.id = l.record_id
     left join link k on k.tenant_id = $1 and k.integration_id = $2 and k.stream = $5 and k.record_id = l.record_id
     left join lateral (select s."values" from staging s
       where s.run_id = $3 and s.stream = $5 and s.key = coalesce(k.key, l.key) and not s.gone order by s.page desc limit 1) s on true
     where l.tenant_id = $1 and l.run_id = $4 and l.stream = $5 and l.status = 'SUCCESS' and l.kind in ('create', 'update', 'remove')
       and ($6::bigint is null or l.seq < $6)
     order by l.seq desc limit $7`,
    [scope.tenantId, scope.integrationId, scope.runId, scope.undoes, scope.stream, before, limit],
  );
}

/** Nobody has written the record since its link was; EXCLUDED: brought back by an undo. */
const asMade = `k.state in ('LINKED', 'EXCLUDED') and r.status = 'ACTIVE' and r.updated_at <= k.synced_at`;

/** Of a batch of records a run made here, how many are still as it left them. */
export async function untouchedInRange(
  tx: TransactionSql,
  scope: UndoScope,
  range: { first: string; last: string },
): Promise<number> {
  const [row] = await tx.unsafe<{ count: number }[]>(
    `select count(*)::int as count from link k join ${scope.shape.table} r on r.tenant_id = $1 and r.id = k.record_id
     where k.tenant_id = $1 and k.integration_id = $2 and k.stream = $3 and k.run_id = $4 and k.key between $5 and $6
       and ${asMade}`,
    [scope.tenantId, scope.integrationId, scope.stream, scope.undoes, range.first, range.last],
  );

  return row?.count ?? 0;
}

/** A stretch of keys whose records one commit archived. */
export interface ArchivedRange {
  first: string;
  last: string;
  at: string;
}

/** `$5` to `$7`: archived by that commit, not written since, and nobody's at this source again. */
const stillArchived = `r.tenant_id = $1 and r.school_id = $4 and r.status = 'ARCHIVED' and r.sourced_id between $5 and $6
  and r.updated_at = $7::timestamptz and not exists (select from link k
    where k.tenant_id = $1 and k.record_id = r.id and k.integration_id = $2 and k.stream = $3)`;

/** Of a batch of records a run archived, how many are still as it left them. */
export async function archivedInRange(
  tx: TransactionSql,
  scope: UndoScope & { schoolId: string },
  { first, last, at }: ArchivedRange,
): Promise<number> {
  const [row] = await tx.unsafe<{ count: number }[]>(
    `select count(*)::int as count from ${scope.shape.table} r where ${stillArchived}`,
    [scope.tenantId, scope.integrationId, scope.stream, scope.schoolId, first, last, at],
  );

  return row?.count ?? 0;
}

/** Brings them back. Their source has them no more, so their links say that they are to be left alone. Answers their ids. */
export async function bringBack(
  tx: TransactionSql,
  scope: HereScope,
  { first, last, at }: ArchivedRange,
): Promise<string[]> {
  const rows = await tx.unsafe<{ id: string }[]>(
    `with due as materialized (
       select r.id from ${scope.shape.table} r where ${stillArchived} order by r.id for update
     ), back as (
       update ${scope.shape.table} r set status = 'ACTIVE', updated_at = now() from due
       where r.tenant_id = $1 and r.id = due.id returning r.id, r.sourced_id
     ), linked as (
       insert into link (tenant_id, school_id, integration_id, stream, key, record_id, state, run_id, synced_at)
       select $1::uuid, $4::uuid, $2::uuid, $3::text, back.sourced_id, back.id, 'EXCLUDED', $8::uuid, now() from back
       on conflict do nothing
     )
     select id from back`,
    [scope.tenantId, scope.integrationId, scope.stream, scope.schoolId, first, last, at, scope.runId],
  );

  return rows.map(({ id }) => id);
}

export type Made = { recordIds: readonly string[] } | { first: string; last: string; by: string };

/**
 * Takes back what was made here: the records are archived, unless another source has them too, and their links say that
 * a person wants them left alone, for the source still has them. Answers the records whose link was changed, and which
 * of them were archived.
 */
export async function archiveMade(
  tx: TransactionSql,
  scope: HereScope & { sourceProviders: readonly string[] },
  made: Made,
): Promise<{ recordIds: string[]; archived: string[] }> {
  const [where, values] =
    'recordIds' in made
      ? (['r.id = any ($7::uuid[])', [made.recordIds as string[]]] as const)
      : ([`k.key between $7 and $8 and k.run_id = $9 and ${asMade}`, [made.first, made.last, made.by]] as const);
  const rows = await tx.unsafe<{ recordId: string; archived: boolean }[]>(
    `with made as materialized (
       select r.id, k.key from ${scope.shape.table} r
       join link k on k.tenant_id = $1 and k.integration_id = $2 and k.stream = $3 and k.record_id = r.id
       where r.tenant_id = $1 and r.school_id = $5 and r.status = 'ACTIVE' and ${where} order by r.id for update of r
     ), archived as (
       update ${scope.shape.table} r set status = 'ARCHIVED', updated_at = now() from made
       where r.tenant_id = $1 and r.id = made.id
         and not exists (select from link o join integration i on i.tenant_id = $1 and i.id = o.integration_id
           where o.tenant_id = $1 and o.record_id = r.id and o.integration_id <> $2 and o.state in ('LINKED', 'WAITING')
             and i.provider = any ($6::text[]))
       returning r.id
     ), left_alone as (
       update link k set state = 'EXCLUDED', run_id = $4, synced_at = now() from made
       where k.tenant_id = $1 and k.integration_id = $2 and k.stream = $3 and k.record_id = made.id
     )
     select made.id as "recordId", archived.id is not null as archived from made left join archived on archived.id = made.id`,
    [
      scope.tenantId,
      scope.integrationId,
      scope.stream,
      scope.runId,
      scope.schoolId,
      scope.sourceProviders as string[],
      ...values,
    ],
  );

  return {
    recordIds: rows.map((row) => row.recordId),
    archived: rows.filter((row) => row.archived).map((row) => row.recordId),
  };
}

/**
 * Records that are back here. One whose link says "leave it", because an earlier undo archived it, follows its source
 * again; one that its source has no more is kept against it.
 */
export async function linkBroughtBack(
  tx: TransactionSql,
  scope: HereScope,
  back: readonly { recordId: string; key: string | null }[],
): Promise<void> {
  for (const { recordId, key } of back) {
    await tx`
      insert into link as k (tenant_id, school_id, integration_id, stream, key, record_id, state, run_id, synced_at)
      values (${scope.tenantId}, ${scope.schoolId}, ${scope.integrationId}, ${scope.stream}, ${key}, ${recordId}, 'EXCLUDED',
              ${scope.runId}, now())
      on conflict (tenant_id, record_id, integration_id, stream) do update
        set state = 'LINKED', hash = null, run_id = excluded.run_id, synced_at = now()`;
  }
}

/**
 * A value a source says otherwise is kept against it; one that it says itself needs no keeping. `sourceValue` is what
 * the source says, where no override knows it better.
 */
export async function keepAgainst(
  tx: TransactionSql,
  place: Pick<HereScope, 'tenantId' | 'schoolId'> & { entity: string },
  kept: readonly { recordId: string; field: string; value: unknown; sourceValue: unknown }[],
): Promise<void> {
  for (const { recordId, field, value, sourceValue } of kept) {
    await tx`
      insert into override as o (tenant_id, school_id, entity, record_id, field, value, source_value)
      values (${place.tenantId}, ${place.schoolId}, ${place.entity}, ${recordId}, ${field}, ${JSON.stringify(value)},
              ${JSON.stringify(sourceValue)})
      on conflict (tenant_id, record_id, field) do update set value = excluded.value`;
    await tx`
      delete from override
      where tenant_id = ${place.tenantId} and record_id = ${recordId} and field = ${field} and value is not distinct from source_value`;
  }
}

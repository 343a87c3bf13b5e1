/** Questions for a person: asked, refreshed while the sides move, closed when they agree or somebody decides. */
import type { EntityName } from '../../../model/entities.ts';
import type {
  ConflictCandidate,
  ConflictField,
  ConflictKind,
  ConflictStatus,
  Resolution,
} from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';

export interface Question {
  id: string;
  kind: ConflictKind;
  stream: string;
  entity: EntityName;
  recordId: string;
  key: string | null;
  name: string | null;
  fields: readonly ConflictField[];
  /** DUPLICATE_MATCH: who it could be out there; else empty. */
  candidates: readonly ConflictCandidate[];
}

interface Place {
  tenantId: string;
  schoolId: string;
  integrationId: string;
}

/** Asks, or refreshes what is asked: another kind or other values raise the version. Answers ids and which are new. */
export async function askQuestions(
  tx: TransactionSql,
  place: Place,
  questions: readonly Question[],
  now: Date,
): Promise<{ id: string; recordId: string; isNew: boolean; moved: boolean }[]> {
  if (questions.length === 0) return [];

  return tx<{ id: string; recordId: string; isNew: boolean; moved: boolean }[]>`
    with q as (
      select * from jsonb_to_recordset(${JSON.stringify(questions)}::jsonb) as q(
        id uuid, kind text, stream text, entity text, "recordId" uuid, key text, name text, fields jsonb,
        candidates jsonb)
    ), before as (
      select c.id, c.version from sync_conflict c join q on c.record_id = q."recordId" and c.stream = q.stream
      where c.tenant_id = ${place.tenantId} and c.integration_id = ${place.integrationId} and c.status <> 'RESOLVED'
    ), asked as (
      insert into sync_conflict as c (tenant_id, school_id, integration_id, id, kind, status, stream, entity, record_id,
                                      key, name, fields, candidates, detected_at)
      select ${place.tenantId}, ${place.schoolId}, ${place.integrationId}, q.id, q.kind, 'OPEN', q.stream, q.entity,
             q."recordId", q.key, q.name, q.fields, q.candidates, ${now} from q
      on conflict (tenant_id, integration_id, stream, record_id) where status <> 'RESOLVED' do update set
        version = c.version + case when c.kind = excluded.kind and c.fields = excluded.fields
                                     and c.candidates = excluded.candidates then 0 else 1 end,
        kind = excluded.kind, fields = excluded.fields, candidates = excluded.candidates, key = excluded.key, name = excluded.name,
        status = 'OPEN', resolution = null, resolved_by = null, updated_at = now()
      returning c.id, c.record_id, c.version
    )
    select a.id, a.record_id as "recordId", b.id is null as "isNew", b.version is distinct from a.version as moved
    from asked a left join before b on b.id = a.id`;
}

/** Of these records, the ones a question is open about already. */
export async function unresolved(
  tx: TransactionSql,
  place: Pick<Place, 'tenantId' | 'integrationId'>,
  stream: string,
  recordIds: readonly string[],
): Promise<Set<string>> {
  if (recordIds.length === 0) return new Set();
  const rows = await tx<{ recordId: string }[]>`
    select record_id as "recordId" from sync_conflict
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and stream = ${stream}
      and record_id = any (${recordIds as string[]}::uuid[]) and status <> 'RESOLVED'`;

  return new Set(rows.map((row) => row.recordId));
}

/** Closes what is no longer a question. `decided` is null when both sides agreed by themselves. */
export async function closeQuestions(
  tx: TransactionSql,
  place: Pick<Place, 'tenantId' | 'integrationId'>,
  stream: string,
  recordIds: readonly string[],
  now: Date,
  decided: { resolution: Resolution; by: string } | null = null,
): Promise<string[]> {
  if (recordIds.length === 0) return [];
  const rows = await tx<{ id: string }[]>`
    update sync_conflict set status = 'RESOLVED', resolved_at = ${now}, version = version + 1, updated_at = now(),
      resolution = coalesce(resolution, ${decided?.resolution ?? null}), resolved_by = coalesce(resolved_by, ${decided?.by ?? null})
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and stream = ${stream}
      and record_id = any (${recordIds as string[]}::uuid[]) and status <> 'RESOLVED'
    returning id`;

  return rows.map((row) => row.id);
}

/** Closes the questions about a source's records that came with this run and raise none any more. */
export async function closeUnasked(
  tx: TransactionSql,
  run: Pick<Place, 'tenantId' | 'integrationId'> & { id: string },
  stream: string,
  asked: readonly string[],
  now: Date,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update sync_conflict c set status = 'RESOLVED', resolved_at = ${now}, version = version + 1, updated_at = now()
    where c.tenant_id = ${run.tenantId} and c.integration_id = ${run.integrationId} and c.stream = ${stream}
      and c.status = 'OPEN' and not c.record_id = any (${asked as string[]}::uuid[])
      and exists (select from link l join staging s on s.run_id = ${run.id} and s.stream = l.stream and s.key = l.key
        where l.tenant_id = c.tenant_id and l.integration_id = c.integration_id and l.stream = c.stream
          and l.record_id = c.record_id)
    returning id`;

  return rows.map((row) => row.id);
}

/** A push that failed leaves its question open again, and nothing decided. */
export async function reopenQuestions(tx: TransactionSql, tenantId: string, runId: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    with reopened as (
      update sync_conflict set status = 'OPEN', resolution = null, resolved_by = null, run_id = null, version = version + 1, updated_at = now()
      where tenant_id = ${tenantId} and run_id = ${runId} and status = 'RESOLVING'
      returning id, integration_id, stream, record_id
    ), undecided as (
      update link l set decisions = nullif(l.decisions - '{push,makeAgain,adopt,makeNew}'::text[], '{}') from reopened o
      where l.tenant_id = ${tenantId} and l.integration_id = o.integration_id and l.stream = o.stream and l.record_id = o.record_id
    )
    select id from reopened`;

  return rows.map((row) => row.id);
}

/** Answers whose push waits for a person go over to the run that asks about it from now on. */
export async function handOnQuestions(tx: TransactionSql, tenantId: string, from: string, to: string): Promise<void> {
  await tx`
    update sync_conflict set run_id = ${to} where tenant_id = ${tenantId} and run_id = ${from} and status = 'RESOLVING'`;
}

/** A push that arrived answers the question it was for. */
export async function settleQuestions(
  tx: TransactionSql,
  run: { tenantId: string; integrationId: string },
  stream: string,
  recordIds: readonly string[],
  now: Date,
): Promise<string[]> {
  if (recordIds.length === 0) return [];
  const rows = await tx<{ id: string }[]>`
    update sync_conflict set status = 'RESOLVED', resolved_at = ${now}, version = version + 1, updated_at = now()
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and stream = ${stream}
      and record_id = any (${recordIds as string[]}::uuid[]) and status = 'RESOLVING'
    returning id`;

  return rows.map((row) => row.id);
}

export interface ConflictRow extends Question {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  version: number;
  status: ConflictStatus;
}

export async function findConflict(tx: TransactionSql, tenantId: string, id: string): Promise<ConflictRow | undefined> {
  const [row] = await tx<ConflictRow[]>`
    select tenant_id as "tenantId", school_id as "schoolId", integration_id as "integrationId", id, version, kind, status,
           stream, entity, record_id as "recordId", key, name, fields, candidates
    from sync_conflict where tenant_id = ${tenantId} and id = ${id} for update`;

  return row;
}

export async function decideConflict(
  tx: TransactionSql,
  conflict: Pick<ConflictRow, 'tenantId' | 'id'>,
  decision: {
    status: ConflictStatus;
    resolution: Resolution | null;
    by: string;
    runId: string | null;
    fields: readonly ConflictField[];
  },
  now: Date,
): Promise<void> {
  await tx`
    update sync_conflict set status = ${decision.status}, resolution = ${decision.resolution}, resolved_by = ${decision.by},
      run_id = ${decision.runId}, fields = ${JSON.stringify(decision.fields)}, version = version + 1,
      resolved_at = case when ${decision.status === 'RESOLVED'} then ${now}::timestamptz end, updated_at = now()
    where tenant_id = ${conflict.tenantId} and id = ${conflict.id}`;
}

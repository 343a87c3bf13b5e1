/** What explain reads about one record at one integration. Every statement looks up by a record's id or a key. */
import type { Status, Values } from '../../model/entities.ts';
import type {
  ConflictField,
  ConflictKind,
  ConflictStatus,
  LinkState,
  LogStatus,
  OperationKind,
  Resolution,
  RunMode,
  RunStatus,
} from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';
import { canonicalJson, nameText, type Shape } from './engine/shape.ts';

/** An integration's stream. */
export interface StreamPlace {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  stream: string;
}

/** Our record beside its link, as a stream has them. */
export interface RecordFacts {
  status: Status;
  name: string | null;
  local: Values;
  linkState: LinkState | null;
  key: string | null;
  base: Values | null;
  /** External values that differ or wait. */
  external: Values | null;
  linkRefs: Record<string, readonly string[]> | null;
  blocker: string | null;
  until: Date | null;
  syncedAt: Date | null;
  runId: string | null;
  overrides: Record<string, { sourceValue: unknown; decidedBy: string }> | null;
}

/** undefined for a record that is not of this school. */
export async function recordFacts(
  db: TransactionSql,
  { tenantId, schoolId, integrationId, stream }: StreamPlace,
  shape: Shape,
  recordId: string,
): Promise<RecordFacts | undefined> {
  const [row] = await db.unsafe<RecordFacts[]>(
    `select r.status, ${nameText(shape, 'r')} as name, ${canonicalJson(shape, 'r')} as local,
            l.state as "linkState", l.key, l.base, l.external, l.refs as "linkRefs", l.blocker, l.until,
            l.synced_at as "syncedAt", l.run_id as "runId",
            (select jsonb_object_agg(o.field, jsonb_build_object('sourceValue', o.source_value, 'decidedBy', o.decided_by))
               from override o where o.tenant_id = $1 and o.record_id = r.id) as overrides
     from ${shape.table} r
     left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $3
     where r.tenant_id = $1 and r.school_id = $4 and r.id = $5`,
    [tenantId, integrationId, stream, schoolId, recordId],
  );

  return row;
}

/** Whether a school has a record, and what people call it. */
export async function nameOfRecord(
  db: TransactionSql,
  { tenantId, schoolId }: Pick<StreamPlace, 'tenantId' | 'schoolId'>,
  shape: Shape,
  recordId: string,
): Promise<{ name: string | null; status: Status } | undefined> {
  const [row] = await db.unsafe<{ name: string | null; status: Status }[]>(
    `select ${nameText(shape, 'r')} as name, r.status from ${shape.table} r
     where r.tenant_id = $1 and r.school_id = $2 and r.id = $3`,
    [tenantId, schoolId, recordId],
  );

  return row;
}

export interface QuestionFacts {
  kind: ConflictKind;
  status: ConflictStatus;
  fields: readonly ConflictField[];
  detectedAt: Date;
  resolution: Resolution | null;
  resolvedBy: string | null;
  resolvedAt: Date | null;
}

/** The open question about a record, else the one that was answered last. */
export async function questionAbout(
  db: TransactionSql,
  place: StreamPlace,
  recordId: string,
): Promise<QuestionFacts | undefined> {
  const [row] = await db<QuestionFacts[]>`
    select kind, status, fields, detected_at as "detectedAt", resolution, resolved_by as "resolvedBy",
           resolved_at as "resolvedAt"
    from sync_conflict
    where tenant_id = ${place.tenantId} and school_id = ${place.schoolId} and integration_id = ${place.integrationId}
      and stream = ${place.stream} and record_id = ${recordId}
    order by status = 'RESOLVED', id desc limit 1`;

  return row;
}

export interface OperationFacts {
  runId: string;
  runStatus: RunStatus;
  mode: RunMode;
  kind: OperationKind;
  waits: boolean;
  heldReason: string | null;
  /** Since when the run has stood there. */
  since: Date;
}

/** What a run that has not ended means to do to a record; told singly, or in a batch that its key lies in. */
export async function plannedFor(
  db: TransactionSql,
  place: StreamPlace,
  recordId: string | null,
  key: string | null,
): Promise<OperationFacts | undefined> {
  const [row] = await db<OperationFacts[]>`
    select r.id as "runId", r.status as "runStatus", r.mode, l.kind, l.waits, r.held_reason as "heldReason", l.at as since
    from sync_run r
    join sync_log l on l.tenant_id = r.tenant_id and l.run_id = r.id and l.status = 'PENDING' and l.stream = ${place.stream}
    where r.tenant_id = ${place.tenantId} and r.integration_id = ${place.integrationId} and r.status in ('RUNNING', 'HELD')
      and (l.record_id = ${recordId} or (l.record_id is null and ${key}::text between l.key and coalesce(l.last_key, l.key)))
    order by l.waits desc, r.id desc limit 1`;

  return row;
}

export interface EntryFacts {
  runId: string;
  kind: OperationKind;
  status: LogStatus;
  details: Record<string, unknown> | null;
  at: Date;
}

/** What this integration's log says last about a record. Relies on `sync_log_record`. */
export async function lastEntry(
  db: TransactionSql,
  place: StreamPlace,
  recordId: string,
): Promise<EntryFacts | undefined> {
  const [row] = await db<EntryFacts[]>`
    select l.run_id as "runId", l.kind, l.status, l.details, l.at from sync_log l
    join sync_run r on r.tenant_id = l.tenant_id and r.id = l.run_id
    where l.tenant_id = ${place.tenantId} and l.record_id = ${recordId} and l.stream = ${place.stream}
      and r.integration_id = ${place.integrationId} and l.status <> 'PENDING'
    order by l.id desc limit 1`;

  return row;
}

/** The run of this integration that last wrote each field of a record. Relies on `sync_log_record`. */
export async function lastWriters(
  db: TransactionSql,
  place: StreamPlace,
  recordId: string,
): Promise<Map<string, string>> {
  const rows = await db<{ name: string; runId: string }[]>`
    select distinct on (f.name) f.name, l.run_id as "runId" from sync_log l
    join sync_run r on r.tenant_id = l.tenant_id and r.id = l.run_id
    cross join lateral (select jsonb_object_keys(coalesce(l.after, '{}')) union select jsonb_object_keys(coalesce(l.refs, '{}'))) f(name)
    where l.tenant_id = ${place.tenantId} and l.record_id = ${recordId} and l.stream = ${place.stream}
      and r.integration_id = ${place.integrationId} and l.status = 'SUCCESS' and l.kind in ('create', 'update', 'link')
    order by f.name, l.id desc`;

  return new Map(rows.map((row) => [row.name, row.runId]));
}

/** Who is, or was, in a class: memberships of one person, those that are in use first. */
export async function membershipsOf(
  db: TransactionSql,
  place: Pick<StreamPlace, 'tenantId' | 'schoolId'>,
  personId: string,
  classId: string,
): Promise<{ id: string; status: Status }[]> {
  return db<{ id: string; status: Status }[]>`
    select id, status from enrollment
    where tenant_id = ${place.tenantId} and school_id = ${place.schoolId} and person_id = ${personId} and class_id = ${classId}
    order by status, id desc limit 10`;
}

export interface Refusal {
  stream: string;
  key: string;
  name: string | null;
  code: string;
  problem: string;
  since: Date;
}

/** Of these keys of an integration, those that were refused at the door. */
export async function refusals(
  db: TransactionSql,
  place: Pick<StreamPlace, 'tenantId' | 'integrationId'>,
  streams: readonly string[],
  keys: readonly string[],
): Promise<Refusal[]> {
  return db<Refusal[]>`
    select stream, key, name, code, problem, since from rejected_record
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}
      and stream = any (${streams as string[]}::text[]) and key = any (${keys as string[]}::text[])`;
}

export interface KnownKey {
  stream: string;
  recordId: string | null;
  refs: Record<string, readonly string[]> | null;
  blocker: string | null;
  syncedAt: Date | null;
}

/** What an integration knows by these external keys. Relies on `link_key`. */
export async function knownKeys(
  db: TransactionSql,
  place: Pick<StreamPlace, 'tenantId' | 'integrationId'>,
  streams: readonly string[],
  keys: readonly string[],
): Promise<(KnownKey & { key: string })[]> {
  return db<(KnownKey & { key: string })[]>`
    select stream, key, record_id as "recordId", refs, blocker, synced_at as "syncedAt" from link
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}
      and stream = any (${streams as string[]}::text[]) and key = any (${keys as string[]}::text[])`;
}

/** When the streams of an integration were last read whole; null for never. */
export async function lastReadWhole(
  db: TransactionSql,
  place: Pick<StreamPlace, 'tenantId' | 'integrationId'>,
): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`
    select max(read_whole_at) as at from checkpoint
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}`;

  return row?.at ?? null;
}

/** Everything that happened to a record, in all systems: what people did, and what runs did or mean to do. */
import type { EntityName, Values } from '../../model/entities.ts';
import type { LogStatus } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';
import type { CountOf, Keyset } from './keyset.ts';

export interface TimelineRow {
  parentId: string;
  /** Of the log's entry or of the edit; in the order of time. */
  id: string;
  at: Date;
  action: string;
  status: LogStatus;
  reason: string;
  /** Who did it; null: the engine. */
  actor: string | null;
  integrationId: string | null;
  runId: string | null;
  before: Values | null;
  after: Values | null;
}

/** What a person did to a record; the caller's transaction is the deed's own. */
export async function insertRecordEdit(
  tx: TransactionSql,
  edit: {
    tenantId: string;
    schoolId: string;
    id: string;
    entity: EntityName;
    recordId: string;
    action: string;
    integrationId: string | null;
    before: Values | null;
    after: Values | null;
    reason: string;
    actor: string;
    at: Date;
  },
): Promise<void> {
  const json = (values: Values | null) => (values === null ? null : JSON.stringify(values));
  await tx`
    insert into record_edit (tenant_id, school_id, id, entity, record_id, action, integration_id, before, after, reason, actor, at)
    values (${edit.tenantId}, ${edit.schoolId}, ${edit.id}, ${edit.entity}, ${edit.recordId}, ${edit.action},
            ${edit.integrationId}, ${json(edit.before)}, ${json(edit.after)}, ${edit.reason}, ${edit.actor}, ${edit.at})`;
}

/** A parent and, of a person, the memberships: ids, and what finds the batch that made or archived them. */
const subjects = `(
  select 'person' as entity, id, school_id, sourced_id, created_at, updated_at, status from person where id = parent.id
  union all select 'class', id, school_id, sourced_id, created_at, updated_at, status from class where id = parent.id
  union all select 'enrollment', id, school_id, sourced_id, created_at, updated_at, status from enrollment
    where id = parent.id or person_id = parent.id) s`;

/** The first instant of a UUIDv7: ids made before it are smaller. */
const idAt = (instant: string) =>
  `(lpad(to_hex((extract(epoch from ${instant}) * 1000)::bigint), 12, '0') || 'ffffffffffffffffffff')::uuid`;

/**
 * Records that came by the thousand are told by the batch, without an id of theirs: such a batch is looked for in the
 * runs that were newest when the record was made, or archived. Relies on `sync_run_integration`.
 */
const batches = `
  cross join lateral (values ('create', s.created_at), ('remove', case when s.status = 'ARCHIVED' then s.updated_at end)) w(kind, at)
  join integration i on i.school_id = s.school_id
  cross join lateral (select r.id from sync_run r where r.tenant_id = i.tenant_id and r.integration_id = i.id
    and r.id <= ${idAt('w.at')} order by r.id desc limit 3) r
  join sync_log l on l.tenant_id = i.tenant_id and l.run_id = r.id and l.kind = w.kind and l.last_key is not null
    and l.entity = s.entity and l.side = 'here' and s.sourced_id between l.key and l.last_key
  where s.sourced_id is not null and w.at is not null and l.at between w.at - interval '1 hour' and w.at + interval '1 hour'`;

const told = `l.id, l.at, l.action, l.status, l.reason, null::text as actor, l.run_id as "runId", l.before, l.after`;
const edited = `l.id, l.at, l.action, 'SUCCESS' as status, l.reason, l.actor, l.integration_id as "integrationId", null::uuid as "runId", l.before, l.after`;

/**
 * The same page of each parent's timeline, newest first. Relies on `sync_log_record` and `record_edit_record`, once for
 * each of a person's memberships.
 */
export async function timelinesOf(
  db: TransactionSql,
  parentIds: readonly string[],
  { after, limit }: Keyset,
): Promise<TimelineRow[]> {
  const before = after === null ? '' : 'and l.id < $3';

  return db.unsafe<TimelineRow[]>(
    `select parent.id as "parentId", t.*
     from unnest($1::uuid[]) with ordinality as parent (id, place)
     cross join lateral (
       select * from (
         select l.*, r.integration_id as "integrationId" from (
           select l.* from ${subjects} cross join lateral (
             select ${told} from sync_log l where l.record_id = s.id ${before} order by l.id desc limit $2) l
           union
           select ${told} from ${subjects} ${batches} ${before}
         ) l join sync_run r on r.id = l."runId"
         union all
         select l.id, l.at, l.action, l.status, l.reason, l.actor, l."runId", l.before, l.after, l."integrationId"
         from ${subjects} cross join lateral (
           select ${edited} from record_edit l where l.record_id = s.id ${before} order by l.id desc limit $2) l
       ) u order by id desc limit $2
     ) t
     order by parent.place, t.id desc`,
    [parentIds as string[], limit, ...(after === null ? [] : [after])],
  );
}

export async function countTimelinesOf(db: TransactionSql, parentIds: readonly string[]): Promise<CountOf[]> {
  return db.unsafe<CountOf[]>(
    `select parent.id as "parentId", (
       (select count(*) from ${subjects} join sync_log l on l.record_id = s.id)
       + (select count(distinct l.id) from ${subjects} ${batches})
       + (select count(*) from ${subjects} join record_edit l on l.record_id = s.id))::int as count
     from unnest($1::uuid[]) as parent (id)`,
    [parentIds as string[]],
  );
}

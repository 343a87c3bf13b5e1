/** What is wrong with an integration now, grouped by cause: found out at the end of a run, kept while it lasts. */
import type { ProblemTurn } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';

interface Place {
  tenantId: string;
  schoolId: string;
  integrationId: string;
}

export interface Cause {
  code: string;
  message: string;
  remedy: string;
  turn: ProblemTurn;
  affectedCount: number;
  /** Since when, where that is known; else since it is found out. */
  since?: Date;
}

export interface Counted {
  code: string;
  count: number;
}

/**
 * Operations that failed since the newest whole run that came through, itself included, by the provider's code; without
 * those that are made good: by a later operation on the same record, or a later run that looked at it and did not fail.
 * Relies on `sync_run_whole`, `sync_run_failed`, `sync_log_status` and `sync_log_record`.
 */
export async function failuresOf(
  tx: TransactionSql,
  place: Place,
): Promise<(Counted & { message: string | null; remedy: string | null; turn: ProblemTurn | null })[]> {
  return tx`
    with newest as (
      select r.id from sync_run r
      where r.tenant_id = ${place.tenantId} and r.integration_id = ${place.integrationId} and r.whole
        and r.status in ('SUCCEEDED', 'PARTIAL', 'HELD') and not (r.mode = 'PREVIEW' and r.status = 'HELD')
      order by r.id desc limit 1),
    failing as (
      select r.id from sync_run r, integration i
      where r.tenant_id = ${place.tenantId} and r.integration_id = ${place.integrationId} and r.failed > 0
        and i.tenant_id = r.tenant_id and i.id = r.integration_id
        and (i.forgiven_at is null or r.finished_at > i.forgiven_at)
        and r.id >= coalesce((select id from newest), '00000000-0000-0000-0000-000000000000')
      order by r.id desc limit 100),
    tried as (
      select s.run_id, s.entity, s.record_id from sync_scope s
      where s.tenant_id = ${place.tenantId} and s.run_id in (
        select n.id from sync_run n
        where n.tenant_id = ${place.tenantId} and n.integration_id = ${place.integrationId} and not n.whole and n.status = 'SUCCEEDED'
          and n.id > (select min(id::text)::uuid from failing) order by n.id desc limit 100))
    select coalesce(l.details->>'code', 'failed') as code, count(*)::int as count, max(l.details->>'message') as message,
           max(l.details->>'remedy') as remedy, max(l.details->>'turn') as turn
    from failing r
    join sync_log l on l.tenant_id = ${place.tenantId} and l.run_id = r.id and l.status = 'FAILED'
    where not exists (
        select from sync_log n join sync_run m on m.tenant_id = n.tenant_id and m.id = n.run_id
        where n.tenant_id = l.tenant_id and n.record_id = l.record_id and n.stream = l.stream and n.id > l.id
          and n.status in ('SUCCESS', 'FAILED') and m.integration_id = ${place.integrationId})
      and not exists (select from tried s where s.record_id = l.record_id and s.entity = l.entity and s.run_id > r.id)
    group by 1 order by 1`;
}

/** Links that wait for something, by what they wait for. */
export async function blockedOf(tx: TransactionSql, place: Place): Promise<Counted[]> {
  return tx<Counted[]>`
    select blocker as code, count(*)::int as count from link
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and blocker is not null
    group by 1 order by 1`;
}

/** Records that were refused at the door, by what was wrong. */
export async function refusedOf(tx: TransactionSql, place: Place): Promise<Counted[]> {
  return tx<Counted[]>`
    select code, count(*)::int as count from rejected_record
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} group by 1 order by 1`;
}

/**
 * Open questions, and operations that wait in a held run (an empty plan too). A preview that somebody wanted to see is no problem.
 *
 * @param asksFirst a plan nobody has approved yet keeps the integration from writing.
 */
export async function waitingOf(
  tx: TransactionSql,
  place: Place,
  asksFirst: boolean,
): Promise<{ conflicts: number; held: number }> {
  const [row] = await tx<{ conflicts: number; held: number }[]>`
    select (select count(*)::int from sync_conflict where tenant_id = ${place.tenantId}
              and integration_id = ${place.integrationId} and status = 'OPEN') as conflicts,
           (select coalesce(sum(greatest(1, (select sum(l.size) from sync_log l where l.tenant_id = r.tenant_id and l.run_id = r.id
              and l.status = 'PENDING'))), 0)::int
            from sync_run r join integration i on i.tenant_id = r.tenant_id and i.id = r.integration_id
            where r.tenant_id = ${place.tenantId} and r.integration_id = ${place.integrationId} and r.status = 'HELD'
              and (r.mode <> 'PREVIEW' or (${asksFirst} and i.approved_at is null))) as held`;

  return row ?? { conflicts: 0, held: 0 };
}

/** Makes these the problems there are: those that are new begin now, those that are gone go. */
export async function replaceProblems(
  tx: TransactionSql,
  place: Place,
  causes: readonly Cause[],
  now: Date,
): Promise<void> {
  const { tenantId, schoolId, integrationId } = place;
  await tx`
    delete from problem where tenant_id = ${tenantId} and integration_id = ${integrationId}
      and not code = any (${causes.map(({ code }) => code)}::text[])`;
  if (causes.length === 0) return;
  await tx`
    insert into problem (tenant_id, school_id, integration_id, code, message, remedy, turn, since, affected_count)
    select ${tenantId}, ${schoolId}, ${integrationId}, c.code, c.message, c.remedy, c.turn, coalesce(c.since, ${now}), c."affectedCount"
    from jsonb_to_recordset(${JSON.stringify(causes)}::jsonb)
      as c(code text, message text, remedy text, turn text, "affectedCount" int, since timestamptz)
    on conflict (tenant_id, integration_id, code) do update set message = excluded.message, remedy = excluded.remedy,
      turn = excluded.turn, affected_count = excluded.affected_count, updated_at = now()`;
}

export interface ProblemRow extends Cause {
  integrationId: string;
  since: Date;
}

/** Each integration's problems, oldest first. What people settle between two runs is counted now, and gone at once. */
export async function problemsOfIntegrations(
  db: TransactionSql,
  integrationIds: readonly string[],
): Promise<ProblemRow[]> {
  return db<ProblemRow[]>`
    select * from (
      select p.integration_id as "integrationId", p.code, p.message, p.remedy, p.turn, p.since,
        case p.code
          when 'open_conflicts' then (select count(*)::int from sync_conflict c where c.tenant_id = p.tenant_id
            and c.integration_id = p.integration_id and c.status = 'OPEN')
          when 'held' then case when exists (select from sync_run r where r.tenant_id = p.tenant_id
            and r.integration_id = p.integration_id and r.status = 'HELD') then p.affected_count else 0 end
          else p.affected_count
        end as "affectedCount"
      from problem p where p.integration_id = any (${integrationIds}::uuid[])
    ) p where "affectedCount" > 0 order by since, code`;
}

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
}

export interface Counted {
  code: string;
  count: number;
}

/**
 * Operations that failed in the newest whole run or after it, and that no later operation on the same record has made
 * good, by the provider's code. Relies on `sync_log_record`.
 */
export async function failuresOf(
  tx: TransactionSql,
  place: Place,
): Promise<(Counted & { message: string | null; remedy: string | null; turn: ProblemTurn | null })[]> {
  return tx`
    select coalesce(l.details->>'code', 'failed') as code, count(*)::int as count, max(l.details->>'message') as message,
           max(l.details->>'remedy') as remedy, max(l.details->>'turn') as turn
    from (select r.id from sync_run r
          where r.tenant_id = ${place.tenantId} and r.integration_id = ${place.integrationId} and r.mode <> 'PREVIEW'
            and r.id >= coalesce((select w.id from sync_run w where w.tenant_id = r.tenant_id and w.integration_id = r.integration_id
                  and w.whole and w.mode <> 'PREVIEW' and w.started_at is not null order by w.id desc limit 1), r.id)
          order by r.id desc limit 20) r
    join sync_log l on l.tenant_id = ${place.tenantId} and l.run_id = r.id and l.status = 'FAILED'
    where l.record_id is null or not exists (select from sync_log n where n.tenant_id = l.tenant_id and n.record_id = l.record_id
      and n.stream = l.stream and n.id > l.id and n.status = 'SUCCESS')
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

/** Open questions, and operations that wait in a held run. */
export async function waitingOf(tx: TransactionSql, place: Place): Promise<{ conflicts: number; held: number }> {
  const [row] = await tx<{ conflicts: number; held: number }[]>`
    select (select count(*)::int from sync_conflict where tenant_id = ${place.tenantId}
              and integration_id = ${place.integrationId} and status = 'OPEN') as conflicts,
           (select coalesce(sum(l.size), 0)::int from sync_run r join sync_log l on l.tenant_id = r.tenant_id and l.run_id = r.id
              and l.status = 'PENDING' where r.tenant_id = ${place.tenantId} and r.integration_id = ${place.integrationId}
              and r.status = 'HELD') as held`;

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
    select ${tenantId}, ${schoolId}, ${integrationId}, c.code, c.message, c.remedy, c.turn, ${now}, c."affectedCount"
    from jsonb_to_recordset(${JSON.stringify(causes)}::jsonb)
      as c(code text, message text, remedy text, turn text, "affectedCount" int)
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

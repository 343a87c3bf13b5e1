/** What the log of the runs tells that was not done. */
import type { TestEngine } from '../harness/engine.ts';
import type { Refusal } from './rules.ts';

/** Since an instant, by code and by the id in Auriga of whom it is about. */
export async function toldBy(homeroom: TestEngine, since: Date): Promise<Refusal[]> {
  const rows = await homeroom.write(
    (tx) => tx<{ code: string | null; note: string | null; about: string }[]>`
      select l.details ->> 'code' as code, l.details ->> 'note' as note,
        coalesce(m.sourced_id, p.sourced_id, g.sourced_id, l.key, '') as about
      from sync_log l
        left join meeting m on m.tenant_id = l.tenant_id and m.id = l.record_id
        left join person p on p.tenant_id = l.tenant_id and p.id = l.record_id
        left join "group" g on g.tenant_id = l.tenant_id and g.id = l.record_id
      where l.details is not null and l.at >= ${since}`,
  );

  return rows.flatMap(({ code, note, about }): Refusal[] => {
    const word = code ?? /^[A-Z_]+(?=:)/.exec(note ?? '')?.[0];
    return word === undefined ? [] : [`${word} ${about}`];
  });
}

/** What failed in the runs since an instant, a line each: nothing in this life is a reason for it. */
export async function failedSince(homeroom: TestEngine, since: Date): Promise<string[]> {
  const rows = await homeroom.write(
    (tx) => tx<{ provider: string; trigger: string; status: string; error: unknown; failed: unknown }[]>`
      select i.provider, r.trigger, r.status, r.error,
        (select jsonb_agg(jsonb_build_object('action', l.action, 'name', l.name, 'after', l.after, 'details', l.details))
         from sync_log l where l.tenant_id = r.tenant_id and l.run_id = r.id and l.status = 'FAILED') as failed
      from sync_run r join integration i on i.tenant_id = r.tenant_id and i.id = r.integration_id
      where r.finished_at >= ${since} and r.status in ('FAILED', 'PARTIAL')`,
  );

  return rows.map(
    ({ provider, trigger, status, error, failed }) =>
      `${provider} ${trigger} ${status}: ${JSON.stringify(error ?? failed)}`,
  );
}

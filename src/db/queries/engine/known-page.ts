/** Pages as they last came, by which an unchanged one is known without parsing it; see `sync/known-pages.ts`. */
import type { TransactionSql } from '../../client.ts';
import type { Shape } from './shape.ts';

interface Place {
  tenantId: string;
  integrationId: string;
}

interface RunPlace extends Place {
  schoolId: string;
  id: string;
}

export interface KnownPage {
  stream: string;
  place: string;
  /** Hex. */
  digest: string;
  mapping: string;
  keys: readonly string[];
  note: string;
}

/** Keeps pages as they were read; they are known again once the run has settled them. */
export async function keepPages(
  tx: TransactionSql,
  run: RunPlace,
  pages: readonly KnownPage[],
  readAt: Date,
): Promise<void> {
  for (const page of pages) {
    await tx`
      insert into known_page (tenant_id, school_id, integration_id, stream, place, digest, mapping, keys, note, run_id, settled, read_at)
      values (${run.tenantId}, ${run.schoolId}, ${run.integrationId}, ${page.stream}, ${page.place},
              ${Buffer.from(page.digest, 'hex')}, ${page.mapping}, ${page.keys as string[]}::text[], ${page.note},
              ${run.id}, false, ${readAt})
      on conflict (tenant_id, integration_id, stream, place) do update
        set digest = excluded.digest, mapping = excluded.mapping, keys = excluded.keys, note = excluded.note,
            run_id = excluded.run_id, settled = false, read_at = excluded.read_at`;
  }
}

/** A key whose record must be looked at again, however its page looks; with `until` only on pages read before that. */
export interface Doubt {
  stream: string;
  key: string;
  until: Date | null;
}

/**
 * The note of a page that is known: settled, alike in all these streams, read after `since`, and none of its records in
 * doubt. Null for any other.
 */
export async function recallPage(
  tx: TransactionSql,
  run: Place,
  asked: { streams: readonly string[]; mappings: readonly string[]; place: string; digest: string; since: Date },
  doubts: readonly Doubt[],
): Promise<string | null> {
  const rows = await tx<{ note: string; stream: string }[]>`
    select p.stream, p.note from known_page p
    where p.tenant_id = ${run.tenantId} and p.integration_id = ${run.integrationId}
      and p.stream = any (${asked.streams as string[]}::text[]) and p.place = ${asked.place}
      and p.digest = ${Buffer.from(asked.digest, 'hex')} and p.mapping = any (${asked.mappings as string[]}::text[])
      and p.settled and p.read_at > ${asked.since}
      ${
        doubts.length === 0
          ? tx``
          : tx`and not exists (
        select from unnest(p.keys) as k(key)
        join jsonb_to_recordset(${JSON.stringify(doubts)}::jsonb) as d(stream text, key text, until timestamptz)
          on d.key = k.key and d.stream = p.stream and (d.until is null or p.read_at <= d.until))`
      }`;
  if (rows.length !== asked.streams.length) return null;

  return rows.find((row) => row.stream === asked.streams[0])?.note ?? null;
}

/** Notes that this run saw known pages; answers how many records of each stream they have. */
export async function seePages(
  tx: TransactionSql,
  run: RunPlace,
  streams: readonly string[],
  places: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx<{ stream: string; records: number }[]>`
    with seen as (
      update known_page set run_id = ${run.id}
      where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId}
        and stream = any (${streams as string[]}::text[]) and place = any (${places as string[]}::text[]) and settled
      returning stream, cardinality(keys) as records)
    select stream, sum(records)::int as records from seen group by stream`;

  return new Map(rows.map((row) => [row.stream, row.records]));
}

/**
 * Keys of a stream that must be compared although nothing came: a question or an override concerns them, they were
 * archived here, or they wait without anything to try again with.
 */
export async function doubtfulKeys(tx: TransactionSql, run: RunPlace, stream: string, shape: Shape): Promise<Doubt[]> {
  return tx.unsafe<Doubt[]>(
    `select l.stream, l.key, case when c.status = 'RESOLVED' then c.resolved_at end as until
     from sync_conflict c
     join link l on l.tenant_id = $1 and l.record_id = c.record_id and l.integration_id = $2 and l.stream = $3
     where c.tenant_id = $1 and c.school_id = $4 and c.integration_id = $2 and c.stream = $3 and l.key is not null
     union
     select l.stream, l.key, null from override o
     join link l on l.tenant_id = $1 and l.record_id = o.record_id and l.integration_id = $2 and l.stream = $3
     where o.tenant_id = $1 and o.school_id = $4 and o.entity = '${shape.entity}' and l.key is not null
     union
     select l.stream, l.key, null from ${shape.table} r
     join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $3
     where r.tenant_id = $1 and r.school_id = $4 and r.status = 'ARCHIVED' and l.key is not null
     union
     select l.stream, l.key, null from link l
     where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $3 and l.blocker is not null and l.key is not null
       and (l.external is null or l.refs is null)`,
    [run.tenantId, run.integrationId, stream, run.schoolId],
  );
}

/** Whether this run knew every page of the stream, and there are as many as there were: then nothing is gone. */
export async function knewAllPages(tx: TransactionSql, run: RunPlace, stream: string, pages: number): Promise<boolean> {
  const [row] = await tx<{ known: number; others: number }[]>`
    select count(*) filter (where run_id = ${run.id} and settled)::int as known,
           count(*) filter (where run_id <> ${run.id} or not settled)::int as others
    from known_page
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and stream = ${stream}`;

  return row !== undefined && row.others === 0 && row.known === pages;
}

/** After a run that left nothing over in the stream: its pages are known from now on, and no others. */
export async function settlePages(tx: TransactionSql, run: RunPlace, stream: string): Promise<void> {
  await tx`
    delete from known_page
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and stream = ${stream} and run_id <> ${run.id}`;
  await tx`
    update known_page set settled = true
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and stream = ${stream} and not settled`;
}

/** A run that reads anew has seen nothing yet. */
export async function unseePages(tx: TransactionSql, run: RunPlace): Promise<void> {
  await tx`
    update known_page set run_id = '00000000-0000-0000-0000-000000000000'
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and run_id = ${run.id}`;
}

/**
 * None of these streams' pages is known by its bytes any more. The rows stay: a run under way may have counted on what is
 * on them.
 */
export async function mistrustPages(tx: TransactionSql, run: Place, streams: readonly string[]): Promise<void> {
  await tx`
    update known_page set digest = ''
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and stream = any (${streams as string[]}::text[])
      and digest <> ''`;
}

/** All pages of these streams are read again by the next run. */
export async function forgetPages(tx: TransactionSql, run: Place, streams: readonly string[]): Promise<void> {
  await tx`
    delete from known_page
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and stream = any (${streams as string[]}::text[])`;
}

/** Links: which record is which out there, and the values both sides last agreed on. */
import type { Values } from '../../../model/entities.ts';
import type { LinkState } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';
import type { ClosedThere, Decisions } from '../../tables/link.ts';

export interface LinkPlace {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  stream: string;
}

/** What a settled operation or a decision makes of a link; absent names stay as they are. */
export interface LinkChange {
  recordId: string;
  key?: string | null;
  state?: LinkState;
  /** Merged into the base. */
  base?: Values;
  external?: Values | null;
  /** Keys it refers to, kept beside `external`. */
  refs?: Readonly<Record<string, readonly string[]>> | null;
  decisions?: Decisions | null;
  /** What a person decided was carried out: only what is to be left alone stays decided. */
  spent?: true;
  blocker?: string | null;
  closed?: ClosedThere | null;
  handle?: string | null;
  until?: Date | null;
  generation?: number;
}

/**
 * Writes links by record: those of which the same names are given in one statement, a record that comes twice by itself. A
 * key that another record already holds is refused by the unique index.
 */
export async function changeLinks(
  tx: TransactionSql,
  place: LinkPlace,
  runId: string | null,
  changes: readonly LinkChange[],
): Promise<void> {
  for (const alike of Map.groupBy(changes, namesGiven).values()) {
    const once = new Set(alike.map(({ recordId }) => recordId)).size === alike.length;
    for (const batch of once ? [alike] : alike.map((each) => [each])) await writeLinks(tx, place, runId, batch);
  }
}

const namesGiven = (change: LinkChange) =>
  Object.entries(change)
    .flatMap(([name, value]) => (value === undefined ? [] : [name]))
    .sort()
    .join();

/** All of them give the names that the first one gives. */
async function writeLinks(
  tx: TransactionSql,
  place: LinkPlace,
  runId: string | null,
  changes: readonly LinkChange[],
): Promise<void> {
  const given = (name: keyof LinkChange) => changes[0]?.[name] !== undefined;
  await tx`
    insert into link as l (tenant_id, school_id, integration_id, stream, key, record_id, state, base, external,
                           refs, decisions, blocker, closed, handle, until, generation, run_id, synced_at)
    select ${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${place.stream}, c.key, c."recordId",
           coalesce(c.state, 'LINKED'), nullif(c.base, 'null'), nullif(c.external, 'null'), nullif(c.refs, 'null'),
           nullif(c.decisions, 'null'), c.blocker, nullif(c.closed, 'null'), c.handle, c.until, coalesce(c.generation, 1), ${runId}, now()
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as c(
      "recordId" uuid, key text, state text, base jsonb, external jsonb, refs jsonb, decisions jsonb, blocker text,
      closed jsonb, handle text, until timestamptz, generation int)
    on conflict (tenant_id, record_id, integration_id, stream) do update set
      key = case when ${given('key')} then excluded.key else l.key end,
      state = case when ${given('state')} then excluded.state else l.state end,
      base = case when ${given('base')} then coalesce(l.base, '{}') || excluded.base else l.base end,
      external = case when ${given('external')} then excluded.external else l.external end,
      refs = case when ${given('refs')} then excluded.refs else l.refs end,
      decisions = case when ${given('decisions')} then excluded.decisions
                       when ${given('spent')} then nullif(l.decisions - '{push,makeAgain,adopt,makeNew}'::text[], '{}')
                       else l.decisions end,
      blocker = case when ${given('blocker')} then excluded.blocker else l.blocker end,
      closed = case when ${given('closed')} then excluded.closed else l.closed end,
      handle = case when ${given('handle')} then excluded.handle else l.handle end,
      until = case when ${given('until')} then excluded.until else l.until end,
      generation = case when ${given('generation')} then excluded.generation else l.generation end,
      run_id = coalesce(excluded.run_id, l.run_id), synced_at = now()`;
}

export async function forgetLinks(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'>,
  recordIds: readonly string[],
): Promise<void> {
  if (recordIds.length === 0) return;
  await tx`
    delete from link where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}
      and stream = ${place.stream} and record_id = any (${recordIds as string[]}::uuid[])`;
}

/** After removals out there: a link that has moved on to another key in the same run stays. */
export async function forgetKeys(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'>,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx`
    delete from link where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}
      and stream = ${place.stream} and key = any (${keys as string[]}::text[])`;
}

/**
 * Source links whose record now says what was staged: the hash moves, and nothing waits unless a reference still does.
 * Under an open question the hash stays, so that the record is looked at again in each run.
 */
export async function agreeWithStaged(
  tx: TransactionSql,
  scope: { tenantId: string; integrationId: string; runId: string; stream: string },
  keys: readonly string[],
  incomplete: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx`
    update link l
    set hash = case when exists (select from sync_conflict c where c.tenant_id = l.tenant_id
          and c.integration_id = l.integration_id and c.stream = l.stream and c.record_id = l.record_id
          and c.status <> 'RESOLVED') then l.hash else s.hash end, run_id = ${scope.runId}, synced_at = now(), state = 'LINKED',
        blocker = case when l.key = any (${incomplete as string[]}::text[]) then 'reference_missing' end,
        external = case when l.key = any (${incomplete as string[]}::text[]) then s.values end,
        refs = case when l.key = any (${incomplete as string[]}::text[]) then s.refs end
    from (select distinct on (key) key, hash, "values", refs from staging
          where run_id = ${scope.runId} and stream = ${scope.stream} and key = any (${keys as string[]}::text[])
          order by key, page desc) s
    where l.tenant_id = ${scope.tenantId} and l.integration_id = ${scope.integrationId} and l.stream = ${scope.stream}
      and l.key = s.key`;
}

/**
 * What was last agreed on with a source no longer counts: a person has decided about its values. Without it a source that
 * went back to what it had said before would not be noticed.
 */
export async function lookAgain(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'> & { recordId: string },
): Promise<void> {
  await tx`
    update link set hash = null where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}
      and stream = ${place.stream} and record_id = ${place.recordId}`;
}

/** External keys a `From.keys` walks through, in pages. */
export async function linkedKeys(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'>,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows = await tx<{ key: string }[]>`
    select key from link
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and stream = ${place.stream}
      and key > ${after ?? ''} and state in ('LINKED', 'WAITING') and record_id is not null
    order by key limit ${limit}`;

  return rows.map((row) => row.key);
}

/** How many records of a stream are mirrored: what the guards measure a removal against. Counts up to `most`, if given. */
export async function countLinks(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'>,
  most: number | null = null,
): Promise<number> {
  const [row] = await tx<{ links: number }[]>`
    select count(*)::int as links from (
      select from link
      where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and stream = ${place.stream}
        and record_id is not null and key is not null and state in ('LINKED', 'WAITING')
      limit ${most}) l`;

  return row?.links ?? 0;
}

/** Instants between which a field of ours lies. */
export interface Range {
  field: string;
  /** Quoted. */
  column: string;
  since: Date;
  /** null: without end. */
  until: Date | null;
}

/** The same of records that lie in a range, both where they are here and where both sides last agreed that they are. */
export async function countLinksWithin(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'> & { table: string },
  { field, column, since, until }: Range,
): Promise<number> {
  const within = (at: string) => `${at} between $4::timestamptz and coalesce($5::timestamptz, 'infinity')`;
  const [row] = await tx.unsafe<{ links: number }[]>(
    `select count(*)::int as links from link l join ${place.table} r on r.tenant_id = $1 and r.id = l.record_id
     where l.tenant_id = $1 and l.integration_id = $2 and l.stream = $3 and l.key is not null
       and l.state in ('LINKED', 'WAITING') and ${within(`r.${column}`)}
       and ${within(`coalesce((l.base->>$6)::timestamptz, r.${column})`)}`,
    [place.tenantId, place.integrationId, place.stream, since, until, field],
  );

  return row?.links ?? 0;
}

/** Which of our records already stand for these external keys. */
export async function holdersOf(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'>,
  keys: readonly string[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await tx<{ key: string; recordId: string }[]>`
    select key, record_id as "recordId" from link
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and stream = ${place.stream}
      and key = any (${keys as string[]}::text[]) and record_id is not null`;

  return new Map(rows.map((row) => [row.key, row.recordId]));
}

/** The link of one record, for a decision to be added to it. */
export async function findLink(
  tx: TransactionSql,
  place: Pick<LinkPlace, 'tenantId' | 'integrationId' | 'stream'> & { recordId: string },
): Promise<{ state: LinkState; key: string | null; decisions: Decisions | null } | undefined> {
  const [row] = await tx<{ state: LinkState; key: string | null; decisions: Decisions | null }[]>`
    select state, key, decisions from link
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and stream = ${place.stream}
      and record_id = ${place.recordId} for update`;

  return row;
}

/** An integration that has a record, with what its link says both sides agreed on. */
export interface Holder {
  recordId: string;
  integrationId: string;
  provider: string;
  stream: string;
  base: Values | null;
}

/** Who has these records, in the school's order of sources. A source that was disconnected owns nothing any more. */
export async function holdersOfRecords(
  tx: TransactionSql,
  tenantId: string,
  recordIds: readonly string[],
): Promise<Holder[]> {
  if (recordIds.length === 0) return [];

  return tx<Holder[]>`
    select l.record_id as "recordId", l.integration_id as "integrationId", i.provider, l.stream, l.base
    from link l join integration i on i.tenant_id = l.tenant_id and i.id = l.integration_id
    where l.tenant_id = ${tenantId} and l.record_id = any (${recordIds as string[]}::uuid[])
      and l.state in ('LINKED', 'WAITING') and l.key is not null and i.status <> 'DISCONNECTED'
    order by i.position, i.id, l.stream`;
}

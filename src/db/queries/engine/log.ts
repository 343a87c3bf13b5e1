/** The log of a run: its plan as it is made, and what became of each operation. */
import type { EntityName, Values } from '../../../model/entities.ts';
import type { LogStatus, OperationKind, Side } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';

export interface LogEntry {
  id: string;
  seq: number;
  stream: string;
  side: Side;
  kind: OperationKind;
  action: string;
  status: LogStatus;
  waits: boolean;
  entity: EntityName;
  recordId: string | null;
  key: string | null;
  name: string | null;
  before: Values | null;
  after: Values | null;
  refs: Record<string, string | readonly string[] | null> | null;
  reason: string;
  details: Record<string, unknown> | null;
  size: number;
  lastKey: string | null;
  fingerprint: string | null;
  sentAt: Date | null;
}

interface RunPlace {
  tenantId: string;
  schoolId: string;
  id: string;
}

export async function insertEntries(
  tx: TransactionSql,
  run: RunPlace,
  at: Date,
  entries: readonly LogEntry[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += 1000) {
    await tx`
      insert into sync_log (tenant_id, school_id, run_id, id, seq, stream, side, kind, action, status, waits, entity,
                            record_id, key, name, before, after, refs, reason, details, size, last_key, fingerprint, at)
      select ${run.tenantId}, ${run.schoolId}, ${run.id}, e.id, e.seq, e.stream, e.side, e.kind, e.action, e.status,
             e.waits, e.entity, e."recordId", e.key, e.name, nullif(e.before, 'null'), nullif(e.after, 'null'),
             nullif(e.refs, 'null'), e.reason, nullif(e.details, 'null'), e.size, e."lastKey", e.fingerprint, ${at}
      from jsonb_to_recordset(${JSON.stringify(entries.slice(start, start + 1000))}::jsonb) as e(
        id uuid, seq bigint, stream text, side text, kind text, action text, status text, waits boolean, entity text,
        "recordId" uuid, key text, name text, before jsonb, after jsonb, refs jsonb, reason text, details jsonb,
        size int, "lastKey" text, fingerprint text)`;
  }
}

/** The next operations of a stream that may be carried out, in the order of the plan; `lock` leaves out what another batch has. */
export async function pendingEntries(
  tx: TransactionSql,
  run: RunPlace,
  part: Step,
  limit: number,
  lock = false,
): Promise<LogEntry[]> {
  return tx<LogEntry[]>`
    select id, seq, stream, side, kind, action, status, waits, entity, record_id as "recordId", key, name, before,
           after, refs, reason, details, size, last_key as "lastKey", fingerprint, sent_at as "sentAt"
    from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and stream = ${part.stream} and status = 'PENDING'
      and kind = ${part.kind} and side = ${part.side} and not waits
    order by seq limit ${limit} ${lock ? tx`for update skip locked` : tx``}`;
}

/** Of a plan: one kind of operation of one stream on one side. */
export interface Step {
  stream: string;
  kind: OperationKind;
  side: Side;
}

/** The steps of which something may be carried out yet. */
export async function stepsLeft(tx: TransactionSql, run: RunPlace): Promise<Step[]> {
  return tx<Step[]>`
    select distinct stream, kind, side from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING' and not waits`;
}

/** The intent, committed before the call: after a crash, what was sent is looked up before it is sent again. */
export async function markSent(tx: TransactionSql, run: RunPlace, ids: readonly string[]): Promise<void> {
  await tx`
    update sync_log set sent_at = coalesce(sent_at, now())
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and id = any (${ids as string[]}::uuid[])`;
}

export interface Settlement {
  id: string;
  status: Exclude<LogStatus, 'PENDING'>;
  details: Record<string, unknown> | null;
  /** Null keeps what the entry has. */
  recordId: string | null;
  key: string | null;
  name: string | null;
}

export async function settleEntries(
  tx: TransactionSql,
  run: RunPlace,
  at: Date,
  settlements: readonly Settlement[],
): Promise<void> {
  for (let start = 0; start < settlements.length; start += 1000) {
    await tx`
      update sync_log l
      set status = s.status, details = nullif(s.details, 'null'), at = ${at}, record_id = coalesce(s."recordId", l.record_id),
          key = coalesce(s.key, l.key), name = coalesce(s.name, l.name), waits = false
      from jsonb_to_recordset(${JSON.stringify(settlements.slice(start, start + 1000))}::jsonb)
        as s(id uuid, status text, details jsonb, "recordId" uuid, key text, name text)
      where l.tenant_id = ${run.tenantId} and l.run_id = ${run.id} and l.id = s.id and l.status = 'PENDING'`;
  }
}

/**
 * Plans that were never complete leave nothing behind; what a person approved, or is asked about, waits again. `held`: all
 * of this plan waits, for it is a preview.
 */
export async function dropUnfinishedPlan(tx: TransactionSql, run: RunPlace, held: boolean): Promise<void> {
  await tx`
    delete from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING' and (${held} or not waits) and sent_at is null
      and details->>'approved' is null`;
  await tx`
    update sync_log set waits = true, details = details - 'approved'
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING' and details->>'approved' is not null`;
}

/**
 * A finished plan is to be drawn up afresh: what waits in it is asked about anew. What a person approved has been released
 * and stays for `dropUnfinishedPlan`.
 */
export async function planAgain(tx: TransactionSql, run: RunPlace): Promise<void> {
  await tx`
    delete from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING' and waits`;
}

/** Whether anything of a plan is left to be carried out here. */
export async function hasPendingHere(tx: TransactionSql, run: RunPlace): Promise<boolean> {
  const rows = await tx`
    select from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING' and not waits and side = 'here' limit 1`;

  return rows.length > 0;
}

/** What still waits or was never begun, told as not done and why; `most` of it where so many are named. Answers the ids. */
export async function skipPending(
  tx: TransactionSql,
  run: RunPlace,
  at: Date,
  which: 'all' | 'waiting',
  why: string,
  more: Record<string, unknown> = {},
  most: number | null = null,
): Promise<{ ids: string[]; records: number }> {
  const rows = await tx<{ id: string; size: number }[]>`
    update sync_log set status = 'SKIPPED', at = ${at}, waits = false, details = ${JSON.stringify(more)}::jsonb || jsonb_build_object('why', ${why}::text ||
        case when sent_at is null then '' else ' It may have been sent before: the next run looks.' end)
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING'
      ${which === 'waiting' ? tx`and waits` : tx``}
      ${
        most === null
          ? tx``
          : tx`and id = any (array(select p.id from sync_log p where p.tenant_id = ${run.tenantId} and p.run_id = ${run.id}
              and p.status = 'PENDING' limit ${most}))`
      }
    returning id, size`;

  return { ids: rows.map((row) => row.id), records: rows.reduce((sum, row) => sum + row.size, 0) };
}

export async function lastSeq(tx: TransactionSql, run: RunPlace): Promise<number> {
  const [row] = await tx<{ seq: number }[]>`
    select coalesce(max(seq), 0)::int as seq from sync_log where tenant_id = ${run.tenantId} and run_id = ${run.id}`;

  return row?.seq ?? 0;
}

/** Marks the planned operations of a stream that wait for a person: its removals, or all of them; not what was approved. */
export async function holdEntries(
  tx: TransactionSql,
  run: RunPlace,
  stream: string,
  kinds: readonly OperationKind[],
): Promise<void> {
  await tx`
    update sync_log set waits = true
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and stream = ${stream} and status = 'PENDING'
      and kind = any (${kinds as string[]}::text[]) and details->>'approved' is null`;
}

/**
 * Names exactly what waits, whatever run, time or order it was planned in: the hash of its fingerprints. Made in the
 * database, for a first plan may be long.
 */
export async function waitingHash(tx: TransactionSql, run: RunPlace): Promise<string> {
  const [row] = await tx<{ hash: string }[]>`
    select left(encode(sha256(convert_to(coalesce(string_agg(fingerprint, ' ' order by fingerprint), ''), 'UTF8')), 'hex'), 32) as hash
    from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING' and waits and fingerprint is not null`;
  if (!row) throw new Error('An aggregate without a row.');

  return row.hash;
}

/** What a preview comes to, in records. */
export async function countPlanned(
  tx: TransactionSql,
  run: RunPlace,
): Promise<{ created: number; updated: number; deleted: number }> {
  const [row] = await tx<{ created: number; updated: number; deleted: number }[]>`
    select coalesce(sum(size) filter (where kind = 'create'), 0)::int as created,
           coalesce(sum(size) filter (where kind = 'update'), 0)::int as updated,
           coalesce(sum(size) filter (where kind = 'remove'), 0)::int as deleted
    from sync_log where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING'`;

  return row ?? { created: 0, updated: 0, deleted: 0 };
}

/** Planned since a person approved the preview: told, and left for the next run. Answers the ids. */
export async function skipUnapproved(
  tx: TransactionSql,
  run: RunPlace,
  at: Date,
): Promise<{ ids: string[]; records: number }> {
  const why = 'It was not in the plan that was approved: the next sync does it.';
  const rows = await tx<{ id: string; size: number }[]>`
    update sync_log set status = 'SKIPPED', at = ${at}, details = jsonb_build_object('code', 'not_approved', 'why', ${why}::text)
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING' and not waits and sent_at is null
      and details->>'approved' is null
    returning id, size`;

  return { ids: rows.map((row) => row.id), records: rows.reduce((sum, row) => sum + row.size, 0) };
}

interface Subject {
  recordId: string | null;
  key: string | null;
}

/** The entries of a run that are about these records: few are about none of ours, and those are looked through. */
function aboutThese(tx: TransactionSql, run: RunPlace, subjects: readonly Subject[]) {
  const ids = subjects.flatMap(({ recordId }) => recordId ?? []);
  const strangers = subjects.some(({ recordId }) => recordId === null);

  return tx`tenant_id = ${run.tenantId} and run_id = ${run.id}
    and (record_id = any (${ids}::uuid[]) ${strangers ? tx`or record_id is null` : tx``})`;
}

/** Of what this run has told before it was sent round again, the skips about these, so that none is told twice. */
export async function toldBefore(
  tx: TransactionSql,
  run: RunPlace,
  subjects: readonly Subject[],
): Promise<Set<string>> {
  if (subjects.length === 0) return new Set();
  const rows = await tx<{ told: string }[]>`
    select action || ' ' || coalesce(record_id::text, key, '') as told from sync_log
    where ${aboutThese(tx, run, subjects)} and kind = 'skip'`;

  return new Set(rows.map((row) => row.told));
}

/**
 * What a person approved and the fresh plan still holds may go on, marked as approved until it is settled. Answers the
 * fingerprints of those it was; the others are planned since.
 */
export async function releaseEntries(
  tx: TransactionSql,
  run: RunPlace,
  planned: readonly (Subject & { fingerprint: string | null })[],
): Promise<Set<string>> {
  if (planned.length === 0) return new Set();
  const rows = await tx<{ fingerprint: string }[]>`
    update sync_log set waits = false, details = coalesce(details, '{}') || '{"approved": true}'
    where ${aboutThese(tx, run, planned)} and status = 'PENDING' and waits
      and fingerprint = any (${planned.flatMap(({ fingerprint }) => fingerprint ?? [])}::text[])
    returning fingerprint`;

  return new Set(rows.map((row) => row.fingerprint));
}

/** Calls that were not made after all: of these nobody need say that they may have been. */
export async function unmarkSent(tx: TransactionSql, run: RunPlace, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx`
    update sync_log set sent_at = null
    where tenant_id = ${run.tenantId} and run_id = ${run.id} and id = any (${ids as string[]}::uuid[]) and status = 'PENDING'`;
}

/** What is left of a plan, by kind: the run's total while it applies. */
export async function countPending(tx: TransactionSql, run: RunPlace): Promise<{ ready: number; waiting: number }> {
  const [row] = await tx<{ ready: number; waiting: number }[]>`
    select coalesce(sum(size) filter (where not waits), 0)::int as ready,
           coalesce(sum(size) filter (where waits), 0)::int as waiting
    from sync_log where tenant_id = ${run.tenantId} and run_id = ${run.id} and status = 'PENDING'`;

  return row ?? { ready: 0, waiting: 0 };
}

/** In an entry's details: another run has been at the record since this one read it, so it is left to the next. */
export const overtakenCode = 'overtaken';

/** Streams in which an operation of this run failed, was left or moved, or still waits: their cursor must not move. */
export async function failedStreams(tx: TransactionSql, run: RunPlace): Promise<string[]> {
  const rows = await tx<{ stream: string }[]>`
    select distinct stream from sync_log
    where tenant_id = ${run.tenantId} and run_id = ${run.id}
      and (details->>'code' = ${overtakenCode}
        or (kind <> 'skip' and (status in ('FAILED', 'PENDING')
          or (status = 'SKIPPED' and (kind = 'update' or details->>'code' = 'not_approved')))))`;

  return rows.map((row) => row.stream);
}

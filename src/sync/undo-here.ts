/** Carrying out an undo on our own records, in the same batches and commits as any other plan. */
import type { Owner } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { type HereScope, updateHere } from '../db/queries/engine/here.ts';
import { changeLinks } from '../db/queries/engine/link.ts';
import type { LogEntry } from '../db/queries/engine/log.ts';
import { archiveMade, bringBack, keepAgainst, linkBroughtBack } from '../db/queries/engine/undo.ts';
import type { Flow } from './flow.ts';

export interface Undoing {
  scope: HereScope & { sourceProviders: readonly string[] };
  flow: Flow;
  /** The run that is undone. */
  undoes: string;
}

/** Archives what was made. Answers the entries that were carried out and the records that were written. */
export async function takeBackMade(
  tx: TransactionSql,
  { scope, undoes }: Undoing,
  batch: readonly LogEntry[],
): Promise<{ done: Set<string>; changed: string[]; records: number }> {
  const [first] = batch;
  const made =
    first?.lastKey && first.key
      ? { first: first.key, last: first.lastKey, by: undoes }
      : { recordIds: batch.flatMap((entry) => entry.recordId ?? []) };
  const { recordIds, archived } = await archiveMade(tx, scope, made);
  const written = new Set(recordIds);
  const done = batch.filter((entry) => entry.lastKey !== null || written.has(entry.recordId ?? ''));

  return { done: new Set(done.map((entry) => entry.id)), changed: archived, records: recordIds.length };
}

/** Brings back what a batch has archived. Answers the records that were written. */
export function bringBackRange(tx: TransactionSql, { scope }: Undoing, entry: LogEntry): Promise<string[]> {
  const { key, lastKey, details } = entry;
  if (key === null || lastKey === null || typeof details?.archivedAt !== 'string')
    throw new Error('A batch that is brought back says what it is.');

  return bringBack(tx, scope, { first: key, last: lastKey, at: details.archivedAt });
}

/** Writes the values of before, or brings back what was removed. Against a source both are kept. */
export async function takeBackChanges(
  tx: TransactionSql,
  { scope, flow }: Undoing,
  batch: readonly LogEntry[],
): Promise<Set<number>> {
  const rows = batch.flatMap(({ seq, recordId, before, after }) =>
    recordId ? [{ seq, recordId, before: before ?? {}, after: after ?? {}, refs: {} }] : [],
  );
  const written = new Set(await updateHere(tx, scope, rows));
  if (flow.stream.born === 'here') return written;

  const entries = batch.filter((entry) => written.has(entry.seq));
  const back = entries.flatMap(({ recordId, key, after }) => (recordId && after?.status ? [{ recordId, key }] : []));
  await linkBroughtBack(tx, scope, back);
  if (flow.stream.born === 'both') {
    await leaveApart(tx, scope, flow, entries);
    return written;
  }
  const kept = entries.flatMap(({ recordId, before, after }) =>
    recordId === null
      ? []
      : Object.entries(after ?? {})
          .filter(([field]) => field !== 'status')
          .map(([field, value]) => ({ recordId, field, value, sourceValue: before?.[field] ?? null })),
  );
  await keepAgainst(tx, { ...scope, entity: flow.stream.entity }, kept);

  return written;
}

/** What their side owns is not taken over again as it is now. A value of both sides is pushed by the next run, as any change here. */
async function leaveApart(
  tx: TransactionSql,
  scope: HereScope,
  flow: Flow,
  entries: readonly LogEntry[],
): Promise<void> {
  const owners = flow.stream.fields as Record<string, { owner: Owner } | undefined>;
  const changes = entries.flatMap(({ recordId, before, after }) => {
    const theirs = Object.keys(after ?? {}).filter((name) => owners[name]?.owner === 'provider');
    if (recordId === null || theirs.length === 0) return [];
    const pairs = theirs.map((name) => [name, { local: after?.[name], external: before?.[name] }] as const);
    return [{ recordId, decisions: { ignored: Object.fromEntries(pairs) } }];
  });
  await changeLinks(tx, scope, scope.runId, changes);
}

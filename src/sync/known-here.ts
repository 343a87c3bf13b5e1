/** Which external keys stand for records we have: what a reference may be taken over from a stream that is born on either side. */
import type { TransactionSql } from '../db/client.ts';
import { keysWithRecord } from '../db/queries/engine/both.ts';
import type { MirrorRow } from '../db/queries/engine/mirror.ts';
import type { Work } from './engine.ts';
import type { Contact } from './first-contact.ts';
import type { Flow } from './flow.ts';
import type { MirrorFacts } from './mirror-facts.ts';

/** Answers for the references of a page of copies, linked or found; one that this run's plan makes counts. */
export async function knownHereOf(
  tx: TransactionSql,
  { run }: Work,
  flow: Flow,
  rows: readonly MirrorRow[],
  contacts: ReadonlyMap<string, Contact>,
): Promise<MirrorFacts['knownHere']> {
  if (flow.stream.born !== 'both') return () => false;
  const found = [...contacts.values()].flatMap((contact) => ('copy' in contact ? [contact.copy.refs] : []));
  const said = [...rows.flatMap(({ stagedRefs }) => (stagedRefs ? [stagedRefs] : [])), ...found];
  const known = new Map<string, ReadonlySet<string>>();
  for (const [name, { stream }] of Object.entries(flow.stream.refs ?? {})) {
    const keys = said.flatMap((refs) => refs[name] ?? []);
    known.set(stream, (known.get(stream) ?? new Set()).union(await keysWithRecord(tx, run, stream, keys)));
  }

  return (stream, key) => known.get(stream)?.has(key) ?? false;
}

/** Who one of our records could be out there while nothing links it: found unasked where only one can be meant. */
import type { TransactionSql } from '../db/client.ts';
import {
  type MirrorRow,
  type MirrorScope,
  type RefTarget,
  rivals,
  type Unlinked,
  unlinked,
} from '../db/queries/engine/mirror.ts';
import { entities, type Value } from '../model/entities.ts';
import type { ConflictCandidate } from '../model/sync.ts';
import { stableJson } from '../model/values.ts';
import { look, type Work } from './engine.ts';
import { canonical, type Flow } from './flow.ts';
import { wakes } from './ignored.ts';
import { partMarks } from './marks.ts';
import type { Copy } from './mirror-facts.ts';

/** One that is it beyond doubt, or those among which a person chooses. */
export type Contact = { copy: Copy; by: string } | { candidates: readonly ConflictCandidate[]; why: string };

type KeyOf = (stream: string, target: RefTarget) => string | null;

/** Looks at a page of our records; answers by record id, without those that nobody out there could be. */
export type FindContacts = (
  tx: TransactionSql,
  rows: readonly MirrorRow[],
  keyOf: KeyOf,
) => Promise<ReadonlyMap<string, Contact>>;

type Found = Unlinked & Copy;

/** Not linked, and nobody said to leave it so; "link nothing" holds until our record changes. */
function looksForCounterpart(row: MirrorRow): boolean {
  if (row.key !== null || !row.selected || row.decisions?.makeNew) return false;

  return row.linkState !== 'EXCLUDED' || wakes(row);
}

/** Reads what was pulled and is nobody's yet. */
export async function firstContacts(work: Work, flow: Flow, scope: MirrorScope): Promise<FindContacts> {
  const matches = flow.stream.match ?? [];
  if (matches.length === 0 && !flow.stream.ours) return async () => new Map();
  const pulled = await look(work, (tx) => unlinked(tx, scope));
  const pool = pulled.map((one): Found => ({ ...one, ...partMarks(one.values) }));
  const byOurs = flow.stream.ours ? Map.groupBy(pool, ({ recordId }) => recordId) : new Map<string, Found[]>();
  const bySource = Map.groupBy(pool, ({ marks }) => marks.ours);
  const unclaimed = pool.filter(({ claimed }) => !claimed);
  const rules = matches.map((match) => ({ ...match, index: indexBy(unclaimed, match.by) }));
  const { name: provider } = work.connector;

  return async (tx, rows, keyOf) => {
    const contacts = new Map<string, Contact>();
    const single: { row: MirrorRow; copy: Copy; by: readonly string[] }[] = [];
    for (const row of rows.filter(looksForCounterpart)) {
      const carried = byOurs.get(row.recordId) ?? bySource.get(row.sourcedId ?? '') ?? [];
      if (carried[0] && carried.length === 1) contacts.set(row.recordId, { copy: carried[0], by: 'our id' });
      if (carried.length > 1) {
        const why = `More than one in ${provider} says that it is this one: a person decides.`;
        contacts.set(row.recordId, { candidates: named(flow, carried), why });
      }
      // What was promised by the provider is not guessed at.
      if (carried.length > 0 || row.linkState === 'MAKING') continue;
      for (const { by, adopt, index } of rules) {
        const found = index.get(stableJson(soughtBy(flow, row, by, keyOf))) ?? [];
        if (!found[0]) continue;
        if (found.length === 1 && adopt === 'link') single.push({ row, copy: found[0], by });
        else contacts.set(row.recordId, { candidates: named(flow, found), why: whyAsk(found.length, by, provider) });
        break;
      }
    }
    const wanted = await wantedTwice(tx, scope, single);
    for (const { row, copy, by } of single) {
      const why = `Another record here could be the same one in ${provider}: a person decides.`;
      const contact = { copy, by: by.join(' and ') };
      contacts.set(row.recordId, wanted.has(row.recordId) ? { candidates: named(flow, [copy]), why } : contact);
    }

    return contacts;
  };
}

function whyAsk(found: number, by: readonly string[], provider: string): string {
  const alike = `alike by ${by.join(' and ')}`;

  return found > 1
    ? `More than one in ${provider} could be it, ${alike}: a person decides.`
    : `It could be one that is in ${provider} already, ${alike}: a person decides.`;
}

function indexBy(pool: readonly Found[], by: readonly string[]): Map<string, Found[]> {
  return Map.groupBy(pool, (copy) => stableJson(by.map((name) => copy.refs[name] ?? copy.values[name] ?? null)));
}

/** null, which nothing matches, where our record lacks something to compare. */
function soughtBy(flow: Flow, row: MirrorRow, by: readonly string[], keyOf: KeyOf): Value[] | null {
  const sought = by.map((name): Value => {
    const ref = flow.stream.refs?.[name];
    if (!ref) return canonical(flow, name, row.local[name] ?? null);
    const keys = (row.refs[name] ?? []).map((target) => keyOf(ref.stream, target));
    return keys.every((key) => key !== null) && keys.length > 0 ? keys : null;
  });

  return sought.includes(null) ? null : sought;
}

/** Records whose only candidate another of our records wants too; also one that this run does not look at. */
async function wantedTwice(
  tx: TransactionSql,
  scope: MirrorScope,
  single: readonly { row: MirrorRow; copy: Copy; by: readonly string[] }[],
): Promise<Set<string>> {
  const twice = new Set<string>();
  for (const rows of Map.groupBy(single, ({ copy }) => copy.key).values())
    if (rows.length > 1) for (const { row } of rows) twice.add(row.recordId);
  for (const [by, rows] of Map.groupBy(single, (each) => each.by)) {
    const ids = rows.map(({ row }) => row.recordId);
    for (const id of await rivals(tx, scope, by, ids)) twice.add(id);
  }

  return twice;
}

/** As people know them; by their key where they have no name. */
function named(flow: Flow, copies: readonly Copy[]): ConflictCandidate[] {
  const parts = entities[flow.stream.entity].name;

  return copies
    .map(({ key, values }) => ({
      externalId: key,
      name:
        parts
          .map((part) => (values as Record<string, Value>)[part] ?? '')
          .join(' ')
          .trim() || key,
    }))
    .sort((left, right) => (left.externalId < right.externalId ? -1 : 1));
}

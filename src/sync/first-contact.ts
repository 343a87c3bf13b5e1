/** Who one of our records could be out there while nothing links it: found unasked where only one can be meant. */
import type { TransactionSql } from '../db/client.ts';
import type { MirrorRow, MirrorScope, RefTarget } from '../db/queries/engine/mirror.ts';
import {
  byOurId,
  bySourceId,
  dropSomeUnlinked,
  type Found,
  findUnlinked,
  gatherUnlinked,
  rivals,
  type Sought,
} from '../db/queries/engine/unlinked.ts';
import { entities, type Value } from '../model/entities.ts';
import type { ConflictCandidate } from '../model/sync.ts';
import { commitStep, type Work } from './engine.ts';
import { canonical, type Flow } from './flow.ts';
import { wakes } from './ignored.ts';
import { partMarks } from './marks.ts';
import type { Copy } from './mirror-facts.ts';

/** One that is it beyond doubt, or those among which a person chooses. */
export type Contact = { copy: Copy; by: string } | { candidates: readonly ConflictCandidate[]; why: string };

type KeyOf = (stream: string, target: RefTarget) => string | null;

export interface Contacts {
  /** Makes ready what `find` looks through. In commits of its own, and once: for a page whose records look for somebody. */
  gather(): Promise<void>;
  /** Looks at a page of our records; answers by record id, without those that nobody out there could be. */
  find(tx: TransactionSql, rows: readonly MirrorRow[], keyOf: KeyOf): Promise<ReadonlyMap<string, Contact>>;
}

/** Not linked, and nobody said to leave it so; "link nothing" holds until our record changes. */
function looksForCounterpart(row: MirrorRow): boolean {
  if (row.key !== null || !row.selected || row.decisions?.makeNew) return false;

  return row.linkState !== 'EXCLUDED' || wakes(row);
}

/** What was pulled and is nobody's yet, for the records of one stream. */
export function firstContacts(work: Work, flow: Flow, scope: MirrorScope): Contacts {
  const rules = flow.stream.match ?? [];
  const carryOurs = flow.stream.ours !== undefined;
  if (rules.length === 0 && !carryOurs) return { gather: async () => undefined, find: async () => new Map() };
  const { name: provider } = work.connector;
  let gathered: Promise<void> | undefined;

  return {
    gather: () => (gathered ??= gather(work, scope, { rules: rules.map(({ by }) => by), carryOurs })),
    async find(tx, rows, keyOf) {
      const contacts = new Map<string, Contact>();
      const single: { row: MirrorRow; copy: Copy; by: readonly string[] }[] = [];
      const seeking = rows.filter(looksForCounterpart);
      const found = await findUnlinked(
        tx,
        scope,
        seeking.flatMap((row) => soughtOf(flow, row, keyOf)),
      );
      const byRecord = Map.groupBy(found, ({ recordId }) => recordId);
      for (const row of seeking) {
        const copiesBy = (way: number) => (byRecord.get(row.recordId) ?? []).filter(({ by }) => by === way).map(asCopy);
        const byId = copiesBy(byOurId);
        const carried = byId.length > 0 ? byId : copiesBy(bySourceId);
        if (carried[0] && carried.length === 1) contacts.set(row.recordId, { copy: carried[0], by: 'our id' });
        if (carried.length > 1) {
          const why = `More than one in ${provider} says that it is this one: a person decides.`;
          contacts.set(row.recordId, { candidates: named(flow, carried), why });
        }
        // What was promised by the provider is not guessed at.
        if (carried.length > 0 || row.linkState === 'MAKING') continue;
        for (const [place, { by, adopt }] of rules.entries()) {
          const alike = copiesBy(place);
          if (!alike[0]) continue;
          if (alike.length === 1 && adopt === 'link') single.push({ row, copy: alike[0], by });
          else contacts.set(row.recordId, { candidates: named(flow, alike), why: whyAsk(alike.length, by, provider) });
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
    },
  };
}

/** So many entries of the pool are dropped in one commit. */
const droppedAtOnce = 20_000;

/** Fills the pool anew: a plan that a crash left half done, or the stream before, may have left something in it. */
async function gather(work: Work, scope: MirrorScope, pool: Parameters<typeof gatherUnlinked>[2]): Promise<void> {
  let dropped: number;
  do dropped = await commitStep(work, (tx) => dropSomeUnlinked(tx, work.run.id, droppedAtOnce));
  while (dropped === droppedAtOnce);
  let after: string | null = null;
  do after = await commitStep(work, (tx): Promise<string | null> => gatherUnlinked(tx, scope, pool, after));
  while (after !== null);
}

/** All the ways in which one of our records can be found. A key that is coming is nobody's there. */
function soughtOf(flow: Flow, row: MirrorRow, keyOf: KeyOf): Sought[] {
  const { recordId, sourcedId } = row;
  const ids = [
    { by: byOurId, said: [recordId] },
    ...(sourcedId === null ? [] : [{ by: bySourceId, said: [sourcedId] }]),
  ];
  const alike = (flow.stream.match ?? []).map(({ by }, place) => ({ by: place, said: soughtBy(flow, row, by, keyOf) }));

  return [...(flow.stream.ours ? ids : []), ...alike].flatMap(({ by, said }) => (said ? [{ recordId, by, said }] : []));
}

function asCopy({ key, values, refs }: Found): Copy {
  return { key, refs, ...partMarks(values) };
}

function whyAsk(found: number, by: readonly string[], provider: string): string {
  const alike = `alike by ${by.join(' and ')}`;

  return found > 1
    ? `More than one in ${provider} could be it, ${alike}: a person decides.`
    : `It could be one that is in ${provider} already, ${alike}: a person decides.`;
}

/** null, which nothing matches, where our record lacks something to compare. */
function soughtBy(flow: Flow, row: MirrorRow, by: readonly string[], keyOf: KeyOf): Value[] | null {
  const sought = by.map((name): Value => {
    const ref = flow.stream.refs?.[name];
    if (!ref) return canonical(flow, name, row.local[name] ?? null);
    const keys = (row.refs[name] ?? []).map((target) => keyOf(ref.stream, target));
    return keys.every((key) => key !== null && key !== 'coming') && keys.length > 0 ? (keys as string[]) : null;
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

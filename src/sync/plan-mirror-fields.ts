/** What becomes of the fields of one of our records that is known on both sides. Pure. */
import type { Blocker, Owner } from '../connectors/kit/contract.ts';
import type { MirrorRow } from '../db/queries/engine/mirror.ts';
import type { ClosedThere } from '../db/tables/link.ts';
import type { Value, Values } from '../model/entities.ts';
import type { ConflictField } from '../model/sync.ts';
import { sameValue } from '../model/values.ts';
import { closedAgainst, isTold } from './closed.ts';
import { canonicalKeys, type Flow, localValues } from './flow.ts';
import { mergeField, reasonFor, reasonForRule, ruled, type Verdict } from './merge.ts';
import { blockedByConnector, type Copy, type MirrorFacts, question, subject } from './mirror-facts.ts';
import { type Draft, type Drafted, draft, skipOnce } from './plan.ts';

type By = 'table' | 'person' | 'rule';

interface Side {
  local: Value;
  external: Value | undefined;
  verdict: Verdict;
  owner: Owner;
  /** Who turned what would have been asked into this verdict. */
  by: By;
}

type Named = [name: string, side: Side];

/** Every field both sides can hold, its three values laid beside each other; `linked`: they were before this run. */
export function planFields(flow: Flow, row: MirrorRow, facts: MirrorFacts, linked: boolean): Drafted {
  const sides: Named[] = [];
  for (const name of flow.merged) {
    const side = sideOf(flow, row, facts, name);
    if (side) sides.push([name, side]);
  }
  const having = (verdict: Verdict) => sides.filter(([, side]) => side.verdict === verdict);
  const base = Object.fromEntries(having('agree').map(([name, side]) => [name, side.local]));
  const [wanted, pull] = [having('push'), having('pull')];
  const push = wanted.filter(([name]) => canWrite(flow, name));
  const wish = push.length > 0 ? pushes(row, facts, push) : null;
  const closed = wish && closedAgainst(flow, row, facts.copy, wish);
  const refusal = closed ?? (wanted.length > 0 ? cannotUpdate(flow, row, facts, push.length > 0) : null);
  const known = closed && !isTold(row, closed) ? null : row.blocker;
  const drafts = [
    ...(facts.copy && (!linked || row.decisions?.adopt) ? [firstContact(row, facts.copy, base, facts)] : []),
    ...(wish && !refusal ? [wish] : []),
    ...(pull.length > 0 ? [pulls(flow, row, facts, pull)] : []),
    ...(refusal ? skipOnce({ ...subject(row), verb: 'update' }, known, refusal) : []),
  ];
  const fields = having('ask').map(([name, side]) => ({
    name,
    baseValue: row.base?.[name] ?? null,
    localValue: side.local,
    externalValue: side.external ?? null,
  }));
  const key = facts.copy?.key ?? row.key;
  // A list of changes that does not name it settles nothing that is asked about it.
  const settles = facts.copy !== null || !row.openConflict;
  const facing = { blocker: refusal?.code ?? null, closed, pushes: push.length > 0 };

  return {
    drafts,
    question: fields.length > 0 ? { ...question(flow, row, 'FIELD_CHANGED', fields), key } : null,
    link: linked && settles ? bookkeeping(row, base, fields, facing) : null,
    forget: false,
    unchanged: drafts.length === 0 && fields.length === 0 && settles,
    ruledBy: ruledBy([...push, ...pull]),
  };
}

export function sideOf(flow: Flow, row: MirrorRow, facts: MirrorFacts, name: string): Side | null {
  const local = localSide(flow, row, name, facts);
  if (local === undefined) return null;
  const external = externalSide(flow, row, facts, name);
  const owner = ownerOf(flow, row, facts, name);
  const ignored = row.decisions?.ignored?.[name];
  if (ignored && sameValue(ignored.local as Value, local) && sameValue(ignored.external as Value, external))
    return { local, external, verdict: 'keep', owner, by: 'person' };

  // Who has never said anything about a value of its own does not empty ours.
  if (owner === 'provider' && external === undefined && row.base?.[name] === undefined) return null;
  const said = mergeField(owner, { base: row.base?.[name], local, external });
  if (said !== 'ask') return { local, external, verdict: said, owner, by: 'table' };
  if (row.decisions?.push?.some((each) => each === name || each === '*'))
    return { local, external, verdict: 'push', owner, by: 'person' };
  // Adopted with its values; what follows from other records here cannot be taken over.
  if (row.decisions?.adopt && name in flow.stream.fields)
    return { local, external, verdict: 'pull', owner, by: 'person' };
  const verdict = ruled(said, facts.rules.get(name));

  return { local, external, verdict, owner, by: verdict === 'ask' ? 'table' : 'rule' };
}

/** A field that a source of the school owns is Homeroom's for everybody else. References follow what Homeroom says, unless both bring them. */
export function ownerOf(flow: Flow, { recordId }: MirrorRow, { sourceOwns }: MirrorFacts, name: string): Owner {
  const ofRefs = flow.stream.born === 'both' ? 'shared' : 'homeroom';
  const declared = (flow.stream.fields as Record<string, { owner: Owner } | undefined>)[name]?.owner ?? ofRefs;

  return declared !== 'homeroom' && sourceOwns(recordId, name) ? 'homeroom' : declared;
}

function ruledBy(sides: readonly Named[]): Drafted['ruledBy'] {
  const rules = sides.filter(([, { by }]) => by === 'rule').map(([, { verdict }]) => verdict);
  if (rules.length === 0) return null;

  return rules.includes('push') ? 'ALWAYS_PUSH_LOCAL' : 'ALWAYS_ACCEPT_EXTERNAL';
}

/** Only what really moves is written: a base that follows, external values that differ, a blocker that is gone. */
function bookkeeping(
  row: MirrorRow,
  base: Values,
  fields: readonly ConflictField[],
  { blocker, closed, pushes }: { blocker: string | null; closed: ClosedThere | null; pushes: boolean },
): Drafted['link'] {
  const state = fields.length > 0 ? 'WAITING' : 'LINKED';
  // A person chose our value, and by now there is nothing to write: that decision is not for the next question.
  const spent = row.decisions?.push !== undefined && !pushes;
  const stands = row.blocker === blocker && row.closed?.content === closed?.content;
  if (Object.keys(base).length === 0 && state === row.linkState && stands && !spent) return null;
  const external = Object.fromEntries(fields.map((field) => [field.name, field.externalValue as Value]));

  return {
    recordId: row.recordId,
    state,
    base,
    blocker,
    closed,
    external: fields.length > 0 ? external : null,
    ...(spent && { spent }),
  };
}

function canWrite(flow: Flow, name: string): boolean {
  const field = (flow.stream.fields as Record<string, { write?: unknown } | undefined>)[name];

  return (field ?? flow.stream.refs?.[name])?.write !== undefined;
}

/** `writable`: the connector has a way to write something of what differs. */
function cannotUpdate(flow: Flow, row: MirrorRow, facts: MirrorFacts, writable: boolean): Blocker | null {
  const { provider } = facts;
  const own = blockedByConnector(flow, row, facts);
  if (own) return own;
  if (flow.stream.push?.update && writable) return null;

  return {
    code: 'cannot_update',
    message: `It differs in ${provider}, and this integration changes nothing of it there.`,
    remedy: `Change it in ${provider}, or leave the two as they are.`,
  };
}

function firstContact(row: MirrorRow, copy: Copy, base: Values, { provider, foundBy }: MirrorFacts): Draft {
  const reason = foundBy === null ? 'A person chose this one.' : `Found in ${provider} by ${foundBy}.`;

  return draft({ ...subject(row), side: 'there', kind: 'link', verb: 'link', key: copy.key, after: base, reason });
}

function pushes(row: MirrorRow, facts: MirrorFacts, push: readonly Named[]): Draft {
  return draft({
    ...subject(row),
    key: facts.copy?.key ?? row.key,
    side: 'there',
    kind: 'update',
    verb: 'update',
    before: Object.fromEntries(push.map(([name, side]) => [name, side.external ?? row.base?.[name] ?? null])),
    after: Object.fromEntries(push.map(([name, side]) => [name, side.local])),
    reason: reasonOf(
      push,
      'A person chose our value.',
      'ALWAYS_PUSH_LOCAL',
      reasonFor('push', 'homeroom', facts.provider),
      facts,
    ),
    details: { base: Object.fromEntries(push.map(([name]) => [name, row.base?.[name] ?? null])) },
  });
}

function pulls(flow: Flow, row: MirrorRow, facts: MirrorFacts, pull: readonly Named[]): Draft {
  const values = pull.filter(([name]) => name in flow.stream.fields);
  const refs = pull.filter(([name]) => !(name in flow.stream.fields));

  return draft({
    ...subject(row),
    key: facts.copy?.key ?? row.key,
    side: 'here',
    kind: 'update',
    verb: 'accept',
    before: Object.fromEntries(values.map(([name, side]) => [name, side.local])),
    after: Object.fromEntries(values.map(([name, side]) => [name, side.external ?? null])),
    refs: refs.length > 0 ? Object.fromEntries(refs.map(([name, side]) => [name, side.external as string[]])) : null,
    reason: reasonOf(
      pull,
      'A person chose their value.',
      'ALWAYS_ACCEPT_EXTERNAL',
      [...new Set(pull.map(([, { owner }]) => reasonFor('pull', owner, facts.provider)))].join(' '),
      facts,
    ),
  });
}

function reasonOf(
  sides: readonly Named[],
  person: string,
  rule: 'ALWAYS_PUSH_LOCAL' | 'ALWAYS_ACCEPT_EXTERNAL',
  table: string,
  { provider }: MirrorFacts,
): string {
  const names = (by: By) => sides.filter((each) => each[1].by === by).map(([name]) => name);
  if (names('person').length > 0) return person;

  return names('rule').length > 0 ? reasonForRule(rule, names('rule'), provider) : table;
}

/** Our value of a field, or the keys our reference stands for; undefined while those are not known. */
export function localSide(flow: Flow, row: MirrorRow, name: string, facts: MirrorFacts): Value | undefined {
  const ref = flow.stream.refs?.[name];
  if (!ref) {
    const value = localValues(flow, row.local)[name];
    const needed = (flow.stream.fields as Record<string, { needed?: true } | undefined>)[name]?.needed;
    return needed && (value === null || value === '') ? undefined : value;
  }
  const keys = (row.refs[name] ?? []).map((target) => facts.keyOf(ref.stream, target));
  if (keys.length === 0 && flow.stream.born === 'both') return [];
  const known = canonicalKeys(
    ref,
    keys.filter((key) => key !== null),
  );
  if (known.length === 0 || known.includes('coming')) return undefined;

  return known;
}

/** What the copy says, or was known to say while it is asked about; of a reference that may be taken over, only what stands for somebody we have. */
function externalSide(flow: Flow, row: MirrorRow, { copy, knownHere }: MirrorFacts, name: string): Value | undefined {
  const said = copy ? copyValue(flow, copy, name) : row.external?.[name];
  const ref = flow.stream.refs?.[name];
  if (flow.stream.born !== 'both' || !ref || said === undefined) return said;
  const keys = said as readonly string[];
  const known = keys.filter((key) => knownHere(ref.stream, key));

  return known.length === 0 && keys.length > 0 ? undefined : canonicalKeys(ref, known);
}

export function copyValue(flow: Flow, copy: Copy | null, name: string): Value | undefined {
  return flow.stream.refs?.[name] ? copy?.refs[name] : copy?.values[name];
}

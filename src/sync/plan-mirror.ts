/** What a destination's record, its link and its copy out there mean: the column "born here" of the record table. Pure. */
import type { Blocker } from '../connectors/kit/contract.ts';
import type { Question } from '../db/queries/engine/conflict.ts';
import type { MirrorRow, RefTarget } from '../db/queries/engine/mirror.ts';
import type { Value, Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import type { ConflictField, ConflictKind } from '../model/sync.ts';
import { contentHash, sameValue, stableJson } from '../model/values.ts';
import { canonicalKeys, type Flow, localValues } from './flow.ts';
import { mergeField, reasonFor, type Verdict } from './merge.ts';
import { type Draft, type Drafted, draft } from './plan.ts';

export interface Copy {
  key: string;
  values: Values;
  refs: Readonly<Record<string, readonly string[]>>;
}

export interface MirrorFacts {
  provider: string;
  /** The record out there, by its link or by first contact; null where none was pulled. */
  copy: Copy | null;
  /** Its absence is believed: the pull was a snapshot that would have shown it. */
  absent: boolean;
  /** A key the target of a reference has, or will have once this run is applied (`coming`). */
  keyOf(stream: string, target: RefTarget): string | 'coming' | null;
  /** The target of a reference is made again in this run, in place of one that is gone. */
  remade(stream: string, target: RefTarget): boolean;
  /** The container of this record is gone there or in question: what it holds waits with it. */
  containerLost: boolean;
}

/** Plans one of our records at a destination. */
export function planMirror(flow: Flow, row: MirrorRow, facts: MirrorFacts): Drafted {
  if (row.linkState === 'EXCLUDED') return quiet;
  const linked = row.linkState !== null && row.key !== null;
  const place = placeOf(flow, row);
  if (place === 'inLostContainer') return linked || row.linkState ? { ...quiet, forget: true } : quiet;
  if (place === 'left') return linked ? planLeaving(flow, row, facts) : { ...quiet, forget: row.linkState !== null };
  if (facts.containerLost) return quiet;

  const blocker = blockerOf(flow, row, facts);
  if (linked && containerRemade(flow, row, facts)) return planNew(flow, row, facts, blocker);
  if (linked && facts.copy !== null && blocker === null && refersElsewhere(flow, row, facts, facts.copy)) {
    return { ...quiet, drafts: [...planNew(flow, row, facts, null).drafts, leaveOldPlace(row, facts.copy)] };
  }
  if (linked && facts.copy === null && facts.absent) return planVanished(flow, row, facts, blocker);
  if (facts.copy === null && !linked) return planNew(flow, row, facts, blocker);

  return planKnown(flow, row, facts, linked);
}

const quiet: Drafted = { drafts: [], question: null, link: null, forget: false, unchanged: false };

type Place = 'wanted' | 'left' | 'inLostContainer';

/** A member whose class is gone goes with it, unwritten; one who left the school, or this role, leaves the class. */
function placeOf(flow: Flow, row: MirrorRow): Place {
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) {
    const targets = row.refs[name] ?? [];
    if (ref.missing === 'omit') continue;
    if (ref.container && targets.some((target) => !target.selected)) return 'inLostContainer';
    if (targets.some((target) => !target.active)) return 'left';
  }

  return row.selected ? 'wanted' : 'left';
}

/** The course is being made again: who was in the old one is put in the new one. */
function containerRemade(flow: Flow, row: MirrorRow, facts: MirrorFacts): boolean {
  return Object.entries(flow.stream.refs ?? {}).some(
    ([name, ref]) => ref.container && (row.refs[name] ?? []).some((target) => facts.remade(ref.stream, target)),
  );
}

/** A reference that is part of what the record is there, and cannot be rewritten, has changed: a member of another class. */
function refersElsewhere(flow: Flow, row: MirrorRow, facts: MirrorFacts, copy: Copy): boolean {
  return Object.entries(flow.stream.refs ?? {}).some(([name, ref]) => {
    if (ref.write || ref.missing !== 'wait') return false;
    const keys = (row.refs[name] ?? []).map((target) => facts.keyOf(ref.stream, target));
    return keys.length > 0 && !sameValue(keys as string[], copy.refs[name]);
  });
}

function leaveOldPlace(row: MirrorRow, copy: Copy): Draft {
  const reason = 'It refers to something else in Homeroom now.';

  return draft({
    ...subject(row),
    key: copy.key,
    side: 'there',
    kind: 'remove',
    verb: 'remove',
    before: copy.values,
    reason,
  });
}

function planLeaving(flow: Flow, row: MirrorRow, facts: MirrorFacts): Drafted {
  if (facts.copy === null) return facts.absent ? { ...quiet, forget: true } : quiet;
  const archived = row.status === 'ARCHIVED' || flow.stream.selects?.leaving === 'remove';
  if (!archived || !flow.stream.push?.remove) return quiet;

  const moved = flow.merged.filter((name) => !sameValue(row.base?.[name], copyValue(flow, facts.copy, name)));
  if (row.base && moved.some((name) => row.base?.[name] !== undefined) && !row.decisions?.push) {
    const fields = moved.map((name) => ({
      name,
      baseValue: row.base?.[name] ?? null,
      localValue: null,
      externalValue: copyValue(flow, facts.copy, name) ?? null,
    }));
    return { ...quiet, question: question(flow, row, 'DELETED_LOCALLY', fields) };
  }
  const remove = draft({
    ...subject(row),
    side: 'there',
    kind: 'remove',
    verb: 'remove',
    before: facts.copy.values,
    reason: row.status === 'ARCHIVED' ? 'Archived in Homeroom.' : 'No longer among the records to mirror.',
  });

  return { ...quiet, drafts: [remove] };
}

function planVanished(flow: Flow, row: MirrorRow, facts: MirrorFacts, blocker: Blocker | null): Drafted {
  if (row.decisions?.makeAgain) return planNew(flow, row, facts, blocker);
  if (row.decisions?.ignoredAbsence === contentOf(flow, row)) return { ...quiet, unchanged: true };

  return { ...quiet, question: question(flow, row, 'DELETED_EXTERNALLY', []) };
}

/** What our record says, for a person's "leave it" to end when it changes. */
function contentOf(flow: Flow, row: Pick<MirrorRow, 'local'>): string {
  return contentHash(stableJson(localValues(flow, row.local)));
}

function planNew(flow: Flow, row: MirrorRow, facts: MirrorFacts, blocker: Blocker | null): Drafted {
  if (blocker) {
    if (row.blocker === blocker.code) return { ...quiet, unchanged: true };
    const skip = draft({
      ...subject(row),
      side: 'there',
      kind: 'skip',
      verb: 'add',
      status: 'SKIPPED',
      reason: blocker.message,
      details: { code: blocker.code, remedy: blocker.remedy },
    });
    return { ...quiet, drafts: [skip], link: { recordId: row.recordId, state: 'WAITING', blocker: blocker.code } };
  }
  const create = draft({
    ...subject(row),
    side: 'there',
    kind: 'create',
    verb: 'add',
    key: null,
    after: localValues(flow, row.local),
    refs: refsAsKnown(flow, row, facts),
    reason: row.decisions?.makeAgain ? 'A person asked to make it again.' : 'New in Homeroom.',
  });

  return { ...quiet, drafts: [create] };
}

function planKnown(flow: Flow, row: MirrorRow, facts: MirrorFacts, linked: boolean): Drafted {
  const sides = new Map<string, { local: Value; external: Value | undefined; verdict: Verdict }>();
  for (const name of flow.merged) {
    const local = localSide(flow, row, name, facts);
    if (local === undefined) continue;
    const external = facts.copy ? copyValue(flow, facts.copy, name) : undefined;
    const ignored = row.decisions?.ignored?.[name];
    const same = ignored && sameValue(ignored.local as Value, local) && sameValue(ignored.external as Value, external);
    const verdict = same ? 'keep' : mergeField(ownerOf(flow, name), { base: row.base?.[name], local, external });
    const pushed = verdict === 'ask' && row.decisions?.push?.includes(name);
    sides.set(name, { local, external, verdict: pushed ? 'push' : verdict });
  }
  const having = (verdict: Verdict) => [...sides].filter(([, side]) => side.verdict === verdict);
  const base = Object.fromEntries(having('agree').map(([name, side]) => [name, side.local]));
  const drafts = [
    ...(linked || !facts.copy ? [] : [firstContact(flow, row, facts.copy, base, facts.provider)]),
    ...updates(flow, row, facts, having('push'), having('pull')),
  ];
  const asked = having('ask');
  const fields = asked.map(([name, side]) => ({
    name,
    baseValue: row.base?.[name] ?? null,
    localValue: side.local,
    externalValue: side.external ?? null,
  }));

  return {
    drafts,
    question:
      fields.length > 0 ? { ...question(flow, row, 'FIELD_CHANGED', fields), key: facts.copy?.key ?? row.key } : null,
    link: linked ? bookkeeping(row, base, fields) : null,
    forget: false,
    unchanged: drafts.length === 0 && fields.length === 0,
  };
}

/** Only what really moves is written: a base that follows, external values that differ, a blocker that is gone. */
function bookkeeping(row: MirrorRow, base: Values, fields: readonly ConflictField[]): Drafted['link'] {
  const state = fields.length > 0 ? 'WAITING' : 'LINKED';
  if (Object.keys(base).length === 0 && state === row.linkState && row.blocker === null) return null;
  const external = Object.fromEntries(fields.map((field) => [field.name, field.externalValue as Value]));

  return { recordId: row.recordId, state, base, blocker: null, external: fields.length > 0 ? external : null };
}

function firstContact(flow: Flow, row: MirrorRow, copy: Copy, base: Values, provider: string): Draft {
  const by = flow.stream.match?.map((match) => match.by.join(' and ')).join(', ') ?? 'id';

  return draft({
    ...subject(row),
    side: 'there',
    kind: 'link',
    verb: 'link',
    key: copy.key,
    after: base,
    reason: `Found in ${provider} by ${by}.`,
  });
}

type Named = [name: string, side: { local: Value; external: Value | undefined }];

function updates(
  flow: Flow,
  row: MirrorRow,
  facts: MirrorFacts,
  push: readonly Named[],
  pull: readonly Named[],
): Draft[] {
  const drafts: Draft[] = [];
  const key = facts.copy?.key ?? row.key;
  if (push.length > 0 && flow.stream.push?.update) {
    drafts.push(
      draft({
        ...subject(row),
        key,
        side: 'there',
        kind: 'update',
        verb: 'update',
        before: Object.fromEntries(push.map(([name, side]) => [name, side.external ?? row.base?.[name] ?? null])),
        after: Object.fromEntries(push.map(([name, side]) => [name, side.local])),
        reason: row.decisions?.push ? 'A person chose our value.' : reasonFor('push', 'homeroom', facts.provider),
      }),
    );
  }
  if (pull.length > 0) {
    drafts.push(
      draft({
        ...subject(row),
        key,
        side: 'here',
        kind: 'update',
        verb: 'accept',
        before: Object.fromEntries(pull.map(([name, side]) => [name, side.local])),
        after: Object.fromEntries(pull.map(([name, side]) => [name, side.external ?? null])),
        reason: [...new Set(pull.map(([name]) => reasonFor('pull', ownerOf(flow, name), facts.provider)))].join(' '),
      }),
    );
  }

  return drafts;
}

function ownerOf(flow: Flow, name: string) {
  const field = (flow.stream.fields as Record<string, { owner: 'provider' | 'homeroom' | 'shared' } | undefined>)[name];

  return field?.owner ?? 'homeroom';
}

/** Our value of a field, or the keys our reference stands for; undefined while those are not known. */
function localSide(flow: Flow, row: MirrorRow, name: string, facts: MirrorFacts): Value | undefined {
  const ref = flow.stream.refs?.[name];
  if (!ref) return localValues(flow, row.local)[name];
  const keys = (row.refs[name] ?? []).map((target) => facts.keyOf(ref.stream, target));
  const known = canonicalKeys(
    ref,
    keys.filter((key) => key !== null),
  );
  if (known.length === 0 || known.includes('coming')) return undefined;

  return known;
}

function copyValue(flow: Flow, copy: Copy | null, name: string): Value | undefined {
  return flow.stream.refs?.[name] ? copy?.refs[name] : copy?.values[name];
}

function refsAsKnown(flow: Flow, row: MirrorRow, facts: MirrorFacts): Record<string, readonly string[]> {
  const refs: Record<string, readonly string[]> = {};
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) {
    refs[name] = (row.refs[name] ?? []).flatMap((target) => {
      const key = facts.keyOf(ref.stream, target);
      return key === null || key === 'coming' ? [] : [key];
    });
  }

  return refs;
}

/** Why the record cannot be made there now: a reference without a counterpart, the connector's own reason, or no way to. */
function blockerOf(flow: Flow, row: MirrorRow, facts: MirrorFacts): Blocker | null {
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) {
    if (ref.missing !== 'wait') continue;
    const targets = row.refs[name] ?? [];
    if (targets.length > 0 && targets.every((target) => facts.keyOf(ref.stream, target) !== null)) continue;
    return {
      code: `${name}_not_there`,
      message: `Its ${name} is not in ${facts.provider}.`,
      remedy: `Once the ${name} is in ${facts.provider}, the next sync goes on by itself.`,
    };
  }
  const own = flow.stream.blocks?.(row.local);
  if (own) return own;
  if (flow.stream.push?.create) return null;

  return {
    code: 'cannot_create',
    message: `${facts.provider} has no counterpart, and this integration does not make one.`,
    remedy: `Make it in ${facts.provider}; the next sync finds it by itself.`,
  };
}

function subject(row: MirrorRow): Pick<Draft, 'recordId' | 'key' | 'name'> {
  return { recordId: row.recordId, key: row.key, name: row.name };
}

function question(flow: Flow, row: MirrorRow, kind: ConflictKind, fields: readonly ConflictField[]): Question {
  const { recordId, key, name } = row;

  return { id: newId(), kind, stream: flow.name, entity: flow.stream.entity, recordId, key, name, fields };
}

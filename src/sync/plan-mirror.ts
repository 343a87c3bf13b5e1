/**
 * What one of our records, its link and its copy out there mean: the columns "born here" and "both" of the record table.
 * Pure.
 */
import type { Blocker } from '../connectors/kit/contract.ts';
import type { MirrorRow } from '../db/queries/engine/mirror.ts';
import type { ClosedThere } from '../db/tables/link.ts';
import { sameValue } from '../model/values.ts';
import { closedAgainst, isTold, vanishedButUsed } from './closed.ts';
import { type Flow, localValues } from './flow.ts';
import { contentOf, contentOfThese, wakes } from './ignored.ts';
import { blockedByConnector, type Copy, type MirrorFacts, question, subject } from './mirror-facts.ts';
import { type Draft, type Drafted, draft, skipOnce } from './plan.ts';
import { copyValue, localSide, planFields, sideOf } from './plan-mirror-fields.ts';

/** Plans one of our records at a destination. */
export function planMirror(flow: Flow, row: MirrorRow, facts: MirrorFacts): Drafted {
  if (row.linkState === 'EXCLUDED' && !wakes(row)) return quiet;
  const linked = row.linkState !== null && row.key !== null;
  const place = placeOf(flow, row);
  if (place === 'inLostContainer') return withContainer(flow, row);
  if (row.linkState === 'MAKING' && facts.copy === null && !facts.doubt) return planPromised(flow, row, facts);
  if (place === 'left') return linked ? planLeaving(flow, row, facts) : { ...quiet, forget: row.linkState !== null };
  if (facts.containerLost) return quiet;
  if (facts.doubt) return askWhoItIs(flow, row, facts.doubt);

  const blocker = blockerOf(flow, row, facts);
  if (linked && containerRemade(flow, row, facts)) return planNew(flow, row, facts, blocker);
  if (linked && facts.copy !== null && blocker === null && refersElsewhere(flow, row, facts, facts.copy)) {
    // Where another stands already nothing is made.
    const made = row.twin ? [] : planNew(flow, row, facts, null).drafts;
    return { ...quiet, drafts: [...made, leaveOldPlace(flow, row, facts, facts.copy)] };
  }
  if (linked && facts.copy === null && facts.absent) return planVanished(flow, row, facts, blocker);
  if (facts.copy === null && !linked) return planNew(flow, row, facts, blocker);

  return planFields(flow, row, facts, linked);
}

const quiet: Drafted = { drafts: [], question: null, link: null, forget: false, unchanged: false };

/** Written no more. What is born on either side keeps its link, or it would come in again as something new. */
function withContainer(flow: Flow, row: MirrorRow): Drafted {
  if (flow.stream.born === 'both' && row.key !== null) return parked(row);

  return { ...quiet, forget: row.linkState !== null };
}

type Place = 'wanted' | 'left' | 'inLostContainer';

/** A member whose class is gone goes with it, unwritten; one who left the school, or this role, leaves the class. */
export function placeOf(flow: Flow, row: Pick<MirrorRow, 'refs' | 'selected'>): Place {
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
    // Where they may move it too, it is ours to move only if they have not.
    if (flow.stream.born === 'both') return sideOf(flow, row, facts, name)?.verdict === 'push';
    const keys = (row.refs[name] ?? []).map((target) => facts.keyOf(ref.stream, target));
    return keys.length > 0 && !sameValue(keys as string[], copy.refs[name]);
  });
}

/** Its references are those of the new place: it is left only while they are. */
function leaveOldPlace(flow: Flow, row: MirrorRow, facts: MirrorFacts, copy: Copy): Draft {
  const reason = 'It refers to something else in Homeroom now.';

  return draft({
    ...subject(row),
    key: copy.key,
    side: 'there',
    kind: 'remove',
    verb: 'remove',
    before: copy.values,
    refs: refsAsKnown(flow, row, facts),
    reason,
  });
}

function planLeaving(flow: Flow, row: MirrorRow, facts: MirrorFacts): Drafted {
  if (facts.copy === null) return facts.absent ? { ...quiet, forget: true } : quiet;
  // Enrolled twice and one of the two has ended: the other stands for it from now on, and nobody is taken out.
  if (row.twin) return { ...quiet, forget: true };
  const removed = row.status === 'ARCHIVED' || flow.stream.selects?.leaving === 'remove';
  // By where it is here, and by where both sides last had it: one that was held and then put off is history there.
  const stays = [row.local, { ...row.local, ...row.base }].some((values) =>
    flow.stream.selects?.stays?.(values, facts),
  );
  if (!removed || stays) return parked(row);
  if (!flow.stream.push?.remove) return planUnremovable(row, facts);
  const remove = draft({
    ...subject(row),
    side: 'there',
    kind: 'remove',
    verb: 'remove',
    before: facts.copy.values,
    reason: row.status === 'ARCHIVED' ? 'Archived in Homeroom.' : 'No longer among the records to mirror.',
  });
  const closed = closedAgainst(flow, row, facts.copy, remove);
  if (closed) return planVanishedButUsed(row, closed);

  const moved = flow.merged.filter((name) => !sameValue(row.base?.[name], copyValue(flow, facts.copy, name)));
  if (row.base && moved.some((name) => row.base?.[name] !== undefined) && !row.decisions?.push) {
    const fields = moved.map((name) => ({
      name,
      baseValue: row.base?.[name] ?? null,
      localValue: null,
      externalValue: copyValue(flow, facts.copy, name) ?? null,
    }));
    if (row.decisions?.ignoredPresence === contentOfThese(fields)) return { ...quiet, unchanged: true };
    return { ...quiet, question: question(flow, row, 'DELETED_LOCALLY', fields) };
  }

  return { ...quiet, drafts: [remove] };
}

/** Its link is kept and nothing is written; a question about it is moot, and what stood in its way stands in nobody's. */
function parked(row: MirrorRow): Drafted {
  const { recordId, blocker, closed, openConflict } = row;
  const moot = blocker !== null || closed !== null;

  return { ...quiet, unchanged: openConflict, link: moot ? { recordId, blocker: null, closed: null } : null };
}

/** Without a way to remove it there it is kept, and that is told once. */
function planUnremovable(row: MirrorRow, { provider }: MirrorFacts): Drafted {
  const blocker = {
    code: 'cannot_remove',
    message: `It is no longer wanted in ${provider}, and this integration does not remove it.`,
    remedy: `Remove it in ${provider} if it is to go; else nothing needs to be done.`,
  };
  const drafts = skipOnce({ ...subject(row), verb: 'remove' }, row.blocker, blocker);
  if (drafts.length === 0) return { ...quiet, unchanged: true };

  return { ...quiet, drafts, link: { recordId: row.recordId, blocker: blocker.code } };
}

/** Nobody knows which one it is: nothing is linked, and nothing made. */
function askWhoItIs(flow: Flow, row: MirrorRow, { candidates, why }: NonNullable<MirrorFacts['doubt']>): Drafted {
  const asked = question(flow, row, 'DUPLICATE_MATCH', [], candidates);

  // What a person once left alone is in question again.
  return { ...quiet, question: asked, why, link: wakes(row) ? { recordId: row.recordId, state: 'WAITING' } : null };
}

/** The provider promised to make it: before its time it is left alone, then the provider is shown the handle it gave. */
function planPromised(flow: Flow, row: MirrorRow, facts: MirrorFacts): Drafted {
  if (row.until !== null && row.until > facts.now) return { ...quiet, unchanged: true };
  const reason = `${facts.provider} has promised to make it: looked at again.`;
  const refs = refsAsKnown(flow, row, facts);
  const create = { ...subject(row), key: null, after: localValues(flow, row.local), refs, reason };

  return { ...quiet, drafts: [draft({ ...create, side: 'there', kind: 'create', verb: 'add' })] };
}

/** Told once; then quiet, until it says something else there. */
function planVanishedButUsed(row: MirrorRow, closed: ClosedThere): Drafted {
  const used = vanishedButUsed(closed);
  const drafts = skipOnce({ ...subject(row), verb: 'remove' }, isTold(row, closed) ? row.blocker : null, used);

  return {
    ...quiet,
    drafts,
    link: drafts.length > 0 ? { recordId: row.recordId, blocker: used.code, closed } : null,
  };
}

function planVanished(flow: Flow, row: MirrorRow, facts: MirrorFacts, blocker: Blocker | null): Drafted {
  // It has moved to where another stands already, and its old place is gone: there is nothing to make, and nothing to ask.
  if (row.twin) return { ...quiet, forget: true };
  if (row.decisions?.makeAgain) return planNew(flow, row, facts, blocker);
  if (row.decisions?.ignoredAbsence === contentOf(flow, row.local, idsOf(row))) return { ...quiet, unchanged: true };
  if (flow.stream.born === 'both' && isUntouched(flow, row, facts)) return { ...quiet, drafts: [archived(row, facts)] };

  return { ...quiet, question: question(flow, row, 'DELETED_EXTERNALLY', []) };
}

function idsOf({ refs }: MirrorRow): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(refs).map(([name, targets]) => [name, targets.map(({ id }) => id)]));
}

/** Nothing here has changed since both sides last agreed. */
function isUntouched(flow: Flow, row: MirrorRow, facts: MirrorFacts): boolean {
  const { base } = row;
  if (base === null) return false;

  return flow.merged.every((name) => {
    const local = localSide(flow, row, name, facts);
    return local === undefined || sameValue(local, base[name] ?? null);
  });
}

function archived(row: MirrorRow, { provider }: MirrorFacts): Draft {
  const reason = `No longer in ${provider}.`;

  return draft({ ...subject(row), side: 'here', kind: 'remove', verb: 'remove', before: row.local, reason });
}

function planNew(flow: Flow, row: MirrorRow, facts: MirrorFacts, blocker: Blocker | null): Drafted {
  if (blocker) {
    const drafts = skipOnce({ ...subject(row), verb: 'add' }, row.blocker, blocker);
    if (drafts.length === 0) return { ...quiet, unchanged: true };
    return { ...quiet, drafts, link: { recordId: row.recordId, state: 'WAITING', blocker: blocker.code } };
  }
  const create = draft({
    ...subject(row),
    side: 'there',
    kind: 'create',
    verb: 'add',
    after: localValues(flow, row.local),
    refs: refsAsKnown(flow, row, facts),
    reason: reasonToMake(row),
  });

  return { ...quiet, drafts: [create] };
}

function reasonToMake({ decisions }: MirrorRow): string {
  if (decisions?.makeAgain) return 'A person asked to make it again.';

  return decisions?.makeNew ? 'A person said that it is none of those there.' : 'New in Homeroom.';
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
export function blockerOf(flow: Flow, row: MirrorRow, facts: MirrorFacts): Blocker | null {
  if (row.twin && row.key === null) {
    return {
      code: 'held_by_another_record',
      message: 'Another record stands for it already.',
      remedy: 'Nothing needs to be done: when the other one ends, this one takes its place.',
    };
  }
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
  const own = blockedByConnector(flow, row, facts);
  if (own) return own;
  if (flow.stream.push?.create) return null;

  return {
    code: 'cannot_create',
    message: `${facts.provider} has no counterpart, and this integration does not make one.`,
    remedy: `Make it in ${facts.provider}; the next sync finds it by itself.`,
  };
}

/** Planning the streams of a destination: every record we mirror beside its copy, page by page. */

import type { Field } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { type FieldRules, readFieldRules } from '../db/queries/engine/field-rule.ts';
import { countLinks } from '../db/queries/engine/link.ts';
import { candidates, type MirrorRow, type RefTarget } from '../db/queries/engine/mirror.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import type { Progress } from '../db/queries/engine/staging.ts';
import { ask, closeAsked, forget, moveLinks, type Settled } from './bookkeeping.ts';
import { look, type Work } from './engine.ts';
import { type Contact, type FindContacts, firstContacts } from './first-contact.ts';
import type { Flow } from './flow.ts';
import { replaces, type Tally } from './guard.ts';
import { knownHereOf } from './known-here.ts';
import { lookAfterwards, lookLater } from './looks.ts';
import { partMarks } from './marks.ts';
import type { Copy, MirrorFacts } from './mirror-facts.ts';
import { mirrorScope } from './mirror-scope.ts';
import { isOwnedBeside, noOwners, type Owners, ownersOf } from './owners.ts';
import { type Drafted, draft } from './plan.ts';
import { planMirror } from './plan-mirror.ts';
import type { Searches } from './pull.ts';
import { page, type Recorder } from './record.ts';

/** What earlier streams of this run have come to: keys their records will have, and containers that are in question. */
interface Outlook {
  keys: Map<string, Map<string, string>>;
  lost: Map<string, Set<string>>;
}

export type PlanStream = (flow: Flow, read: Progress) => Promise<Tally>;

/** A planner that remembers, from stream to stream, what will be there once the plan is applied. */
export function mirrorPlanner(work: Work, recorder: Recorder, searches: Searches | null): PlanStream {
  const outlook: Outlook = { keys: new Map(), lost: new Map() };

  return async (flow, read) => {
    // Without a way to read some, a scoped run looks at everything; a retry keeps to what failed all the same.
    const onlySought = searches !== null && (flow.stream.pull.some !== undefined || work.run.retries !== null);
    const scope = mirrorScope(work, flow, onlySought);
    const tally = await freshTally(work, flow, read, countsItself(flow, onlySought));
    if (onlySought && !searches.get(flow.name)?.length) return tally;

    const contacts = await firstContacts(work, flow, scope);
    const rules = await look(work, (tx) => readFieldRules(tx, work.run, flow.stream.entity));
    const fields: Record<string, Field<unknown> | undefined> = flow.stream.fields;
    const mayPull = Object.values(fields).some((field) => field && field.owner !== 'homeroom');
    const context = { work, flow, read, onlySought, recorder, outlook, contacts, tally, rules, mayPull };
    await look(work, async (reading) => {
      for await (const rows of candidates(reading, scope)) {
        await page(work, (tx) => planPage(tx, context, rows));
      }
    });

    return tally;
  };
}

/** Guards compare with what the pull could show: where it reads only a part of the world, that is counted on the way. */
function countsItself(flow: Flow, onlySought: boolean): boolean {
  return flow.stream.pull.covers !== undefined && !onlySought;
}

async function freshTally(work: Work, flow: Flow, read: Progress, counted: boolean): Promise<Tally> {
  return {
    stream: flow.name,
    title: flow.name,
    mirrored: counted ? 0 : await look(work, (tx) => countLinks(tx, { ...work.run, stream: flow.name })),
    readWhole: read.snapshot && read.done && work.run.whole,
    pulled: read.staged,
    removals: 0,
    changed: 0,
    keyChanged: 0,
  };
}

interface PageContext {
  work: Work;
  flow: Flow;
  read: Progress;
  /** Only the records asked for were looked up: all of those, wherever they are. */
  onlySought: boolean;
  recorder: Recorder;
  outlook: Outlook;
  contacts: FindContacts;
  tally: Tally;
  rules: FieldRules;
  /** Some field may be taken over from there, so it matters who owns it. */
  mayPull: boolean;
}

async function planPage(tx: TransactionSql, context: PageContext, rows: readonly MirrorRow[]): Promise<void> {
  const { work, flow, recorder, tally } = context;
  const owners = context.mayPull
    ? await ownersOf(
        tx,
        work.engine,
        work.run.tenantId,
        rows.map((row) => row.recordId),
      )
    : noOwners;
  const contacts = await context.contacts(tx, rows, keyOf(context.outlook));
  const knownHere = await knownHereOf(tx, work, flow, rows, contacts);
  const planned = rows.map((row) => {
    const facts = { owners, knownHere, contact: contacts.get(row.recordId) };
    return { row, drafted: planOne(context, row, facts) };
  });
  const questions = planned.flatMap(({ drafted }) => drafted.question ?? []);
  const whys = new Map(planned.map(({ row, drafted }) => [row.recordId, drafted.why]));
  const isNew = await ask(tx, work, flow, questions);
  const told = questions
    .filter((question) => isNew.has(question.recordId))
    .map(({ recordId, key, name, kind, candidates }) =>
      draft({
        side: 'there',
        kind: 'skip',
        verb: 'conflict',
        status: 'SKIPPED',
        recordId,
        key,
        name,
        reason: whys.get(recordId) ?? reasons[kind],
        details: {
          conflict: kind,
          ...(candidates.length > 0 && { candidates: candidates.map((one) => one.externalId) }),
        },
      }),
    );
  const drafts = planned.flatMap(({ drafted }) => drafted.drafts);
  const fresh = await recorder.write(tx, flow, [...drafts, ...told]);
  await writeLinks(tx, context, planned);
  const promised = planned.flatMap(({ row: { recordId, linkState, until }, drafted }) =>
    linkState === 'MAKING' && until !== null && drafted.unchanged ? [{ recordId, until }] : [],
  );
  await lookLater(tx, work, flow, promised);
  const incomplete = rows.filter((row) => row.key !== null && row.selected && refersToComing(context, row));
  await lookAfterwards(
    tx,
    work,
    flow,
    incomplete.map((row) => row.recordId),
  );
  await closeAsked(tx, work, flow, settledBySelf(planned));
  if (countsItself(flow, context.onlySought))
    tally.mirrored += rows.filter((row) => row.key !== null && isCovered(work, flow, row)).length;
  // Somebody who moves from one class to another is not removed.
  const moves = new Set(fresh.filter((each) => each.kind === 'create').map((each) => each.recordId));
  tally.removals += fresh.filter((each) => each.kind === 'remove' && !moves.has(each.recordId)).length;
  tally.changed += drafts.filter((each) => replaces(each)).length;
  tally.keyChanged += drafts.filter((each) => replaces(each, 'email')).length;
  await moveRun(tx, work.run, {
    counts: { unchanged: planned.filter(({ drafted }) => drafted.unchanged).length, conflicts: questions.length },
  });
}

const reasons = {
  FIELD_CHANGED: 'Changed there, where Homeroom owns the value: a person decides.',
  DELETED_EXTERNALLY: 'Gone there while Homeroom still has it: a person decides.',
  DELETED_LOCALLY: 'Archived here while it was changed there: a person decides.',
  DUPLICATE_MATCH: 'More than one could be it: a person decides.',
} as const;

function keyOf({ keys }: Outlook) {
  return (stream: string, target: RefTarget) =>
    target.state === 'EXCLUDED' ? null : (keys.get(stream)?.get(target.id) ?? target.key);
}

interface PageFacts extends Pick<MirrorFacts, 'knownHere'> {
  owners: Owners;
  contact: Contact | undefined;
}

function planOne(context: PageContext, row: MirrorRow, { owners, knownHere, contact }: PageFacts): Drafted {
  const { work, flow, read, outlook } = context;
  const planned = outlook.keys.get(flow.name) ?? new Map<string, string>();
  outlook.keys.set(flow.name, planned);
  const linked = row.linkState !== null && row.key !== null;
  const found = contact && 'copy' in contact ? contact : null;
  const copy = linked ? stagedCopy(row) : (found?.copy ?? null);
  const drafted = planMirror(flow, row, {
    provider: work.connector.name,
    copy,
    foundBy: found?.by ?? null,
    doubt: contact && 'candidates' in contact ? contact : null,
    settings: work.settings,
    now: work.engine.clock.now(),
    absent: isAbsent(context, row),
    keyOf: keyOf(outlook),
    knownHere,
    remade: (stream, target) => target.key !== null && outlook.keys.get(stream)?.get(target.id) === 'coming',
    containerLost: containerLost(flow, row, outlook),
    rules: context.rules,
    sourceOwns: (recordId, field) => isOwnedBeside(owners.of(recordId, field), flow, work.run.integrationId),
  });
  const made = drafted.drafts.find((each) => each.kind === 'create' || each.kind === 'link');
  if (made) planned.set(row.recordId, (made.kind === 'link' ? made.key : null) ?? 'coming');
  // Its question is whether it is there at all, so what it holds is not asked about.
  if (linked && copy === null && read.snapshot && !row.refused && !made) {
    outlook.lost.set(flow.name, (outlook.lost.get(flow.name) ?? new Set()).add(row.recordId));
  }

  return drafted;
}

/** It says itself that it is gone; or it was read for, and is not there. */
function isAbsent({ work, flow, read, onlySought }: PageContext, row: MirrorRow): boolean {
  if (row.gone) return true;
  const { within } = flow.stream.pull;
  if (row.refused || (within && !within.owned)) return false;

  return read.snapshot && read.done && (onlySought || isCovered(work, flow, row));
}

/** One that was there before gets somebody who is made there in this run: only then there is a key to write. */
function refersToComing({ flow, outlook }: PageContext, row: MirrorRow): boolean {
  const keyIn = keyOf(outlook);

  return Object.entries(flow.stream.refs ?? {}).some(
    ([name, ref]) => ref.write && (row.refs[name] ?? []).some((target) => keyIn(ref.stream, target) === 'coming'),
  );
}

/** The part of the world that was read has the record in it: where it is now here, and where both sides last had it. */
function isCovered({ settings, engine }: Work, flow: Flow, { local, base }: MirrorRow): boolean {
  const { covers } = flow.stream.pull;
  if (covers === undefined || covers === 'nothing') return covers === undefined;
  const about = { settings, now: engine.clock.now() };
  const [since, until] = [covers.since(about).getTime(), covers.until?.(about).getTime() ?? Infinity];

  return [local, { ...local, ...base }].every((values) => {
    const at = Date.parse(String(values[covers.field]));
    return at >= since && at <= until;
  });
}

function stagedCopy(row: MirrorRow): Copy | null {
  if (row.stagedKey === null || row.gone) return null;

  return { key: row.stagedKey, refs: row.stagedRefs ?? {}, ...partMarks(row.staged ?? {}) };
}

function containerLost(flow: Flow, row: MirrorRow, outlook: Outlook): boolean {
  return Object.entries(flow.stream.refs ?? {}).some(
    ([name, ref]) =>
      ref.container && (row.refs[name] ?? []).some((target) => outlook.lost.get(ref.stream)?.has(target.id)),
  );
}

async function writeLinks(
  tx: TransactionSql,
  { work, flow }: PageContext,
  planned: readonly { row: MirrorRow; drafted: Drafted }[],
): Promise<void> {
  const changes = planned.flatMap(({ row, drafted }) => {
    const asks = drafted.question !== null && row.key !== null && row.linkState === 'LINKED';
    return drafted.link ?? (asks ? { recordId: row.recordId, state: 'WAITING' as const } : []);
  });
  await moveLinks(tx, work, flow, changes);
  await forget(
    tx,
    work,
    flow,
    planned.filter(({ drafted }) => drafted.forget).map(({ row }) => row.recordId),
  );
}

/** Open questions about records that no longer raise one, and that no decision is on its way for. */
function settledBySelf(planned: readonly { row: MirrorRow; drafted: Drafted }[]): Settled[] {
  return planned
    .filter(({ row, drafted }) => {
      const decided = (row.decisions?.push && !drafted.unchanged) || row.decisions?.makeAgain || row.decisions?.makeNew;
      const looked = drafted.unchanged || drafted.forget || drafted.drafts.length > 0;
      return row.openConflict && drafted.question === null && looked && !decided;
    })
    .map(({ row, drafted }) => ({ recordId: row.recordId, ruledBy: drafted.ruledBy }));
}

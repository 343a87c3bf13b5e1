/** Planning the streams of a destination: every record we mirror beside its copy, page by page. */

import type { Field } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { type FieldRules, readFieldRules } from '../db/queries/engine/field-rule.ts';
import { type Batch, outOfStep } from '../db/queries/engine/in-step.ts';
import { countLinks, countLinksWithin, type Range } from '../db/queries/engine/link.ts';
import { type MirrorRow, type MirrorScope, mirrorRows } from '../db/queries/engine/mirror.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import { preferBulkJoins, restAtEase } from '../db/queries/engine/session.ts';
import type { Progress } from '../db/queries/engine/staging.ts';
import { ask, closeAsked, forget, moveLinks, type Settled } from './bookkeeping.ts';
import { look, type Work } from './engine.ts';
import { type Contact, type Contacts, firstContacts } from './first-contact.ts';
import type { Flow } from './flow.ts';
import { replaces, type Tally } from './guard.ts';
import { knownHereOf } from './known-here.ts';
import { lookAfterwards, lookLater } from './looks.ts';
import { partMarks } from './marks.ts';
import type { Copy, MirrorFacts } from './mirror-facts.ts';
import { mirrorScope } from './mirror-scope.ts';
import { type Looked, type Outlook, outlookOf } from './outlook.ts';
import { isOwnedBeside, noOwners, type Owners, ownersOf } from './owners.ts';
import { type Drafted, draft, leaveToNext } from './plan.ts';
import { planMirror } from './plan-mirror.ts';
import type { Searches } from './pull.ts';
import { page, type Recorder } from './record.ts';
import { refreshAllStatistics } from './statistics.ts';

export type PlanStream = (flow: Flow, read: Progress) => Promise<Tally>;

/** So many entries since the database's planner was last told of the log that it would walk through them for each record. */
const much = 500;

/** A planner that walks one stream after the other, each after those it refers to. */
export function mirrorPlanner(work: Work, recorder: Recorder, searches: Searches | null): PlanStream {
  const looked = new Map<string, Looked>();
  let told = 0;

  return async (flow, read) => {
    // What comes next asks the plan what becomes of what it refers to.
    if (recorder.written() - told >= much) {
      told = recorder.written();
      await refreshAllStatistics(work);
    }
    // Without a way to read some, a scoped run looks at everything; a retry keeps to what failed all the same.
    const onlySought = searches !== null && (flow.stream.pull.some !== undefined || work.run.retries !== null);
    looked.set(flow.name, { snapshot: read.snapshot, onlySought });
    const scope = mirrorScope(work, flow, onlySought);
    const covered = coveredBy(work, flow);
    const tally = await freshTally(work, flow, read, covered);
    if (onlySought && !searches.get(flow.name)?.length) return tally;

    const contacts = firstContacts(work, flow, scope);
    const rules = await look(work, (tx) => readFieldRules(tx, work.run, flow.stream.entity));
    const fields: Record<string, Field<unknown> | undefined> = flow.stream.fields;
    const mayPull = Object.values(fields).some((field) => field && field.owner !== 'homeroom');
    const context = { work, flow, read, scope, covered, recorder, looked, contacts, tally, rules, mayPull };
    await look(work, async (reading) => {
      await restAtEase(reading);
      // Neither what this run pulled nor what it plans has been looked at: taken for tiny, each would be walked for every record.
      if (!onlySought) await preferBulkJoins(reading);
      for await (const batch of outOfStep(
        reading,
        scope,
        typeof covered === 'object' && !onlySought ? covered : null,
      )) {
        if (batch.rows.length === 0 && batch.inStep === 0) continue;
        if (batch.rows.some(({ linked, selected }) => selected && !linked)) await contacts.gather();
        await page(work, (tx) => planPage(tx, context, batch));
      }
    });

    return tally;
  };
}

async function freshTally(work: Work, flow: Flow, read: Progress, covered: Covered): Promise<Tally> {
  return {
    stream: flow.name,
    title: flow.name,
    mirrored: await look(work, (tx) => countMirrored(tx, work, flow, covered)),
    readWhole: read.snapshot && read.done && work.run.whole,
    pulled: read.staged,
    removals: 0,
    changed: 0,
    keyChanged: 0,
  };
}

/** Guards compare with what a pull could show, whatever this run looks at: what is over must not make a loss look small. */
async function countMirrored(tx: TransactionSql, { run }: Work, { name, shape }: Flow, covered: Covered) {
  if (covered === 'nothing') return 0;
  const place = { ...run, stream: name, table: shape.table };

  return covered === 'all' ? countLinks(tx, place) : countLinksWithin(tx, place, covered);
}

interface PageContext {
  work: Work;
  flow: Flow;
  read: Progress;
  scope: MirrorScope;
  covered: Covered;
  recorder: Recorder;
  looked: ReadonlyMap<string, Looked>;
  contacts: Contacts;
  tally: Tally;
  rules: FieldRules;
  /** Some field may be taken over from there, so it matters who owns it. */
  mayPull: boolean;
}

/** Reads a batch of records as they are by now and plans them; nothing is written before all of it is read. */
async function planPage(tx: TransactionSql, context: PageContext, batch: Batch): Promise<void> {
  const { work, flow, recorder, tally, scope } = context;
  const ids = batch.rows.map(({ recordId }) => recordId);
  const rows = ids.length > 0 ? await mirrorRows(tx, scope, ids) : [];
  const outlook = await outlookOf(tx, work, flow, rows, context.looked);
  const owners = context.mayPull
    ? await ownersOf(
        tx,
        work.engine,
        work.run.tenantId,
        rows.map((row) => row.recordId),
      )
    : noOwners;
  const contacts = await context.contacts.find(tx, rows, outlook.keyOf);
  const knownHere = await knownHereOf(tx, work, flow, rows, contacts);
  const planned = rows.map((row) => {
    const facts = { outlook, owners, knownHere, contact: contacts.get(row.recordId) };
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
  const incomplete = rows.filter((row) => row.key !== null && row.selected && refersToComing(flow, outlook, row));
  await lookAfterwards(
    tx,
    work,
    flow,
    incomplete.map((row) => row.recordId),
  );
  await closeAsked(tx, work, flow, settledBySelf(planned));
  // Somebody who moves from one class to another is not removed.
  const moves = new Set(fresh.filter((each) => each.kind === 'create').map((each) => each.recordId));
  tally.removals += fresh.filter((each) => each.kind === 'remove' && !moves.has(each.recordId)).length;
  tally.changed += drafts.filter((each) => replaces(each)).length;
  tally.keyChanged += drafts.filter((each) => replaces(each, 'email')).length;
  const unchanged = batch.inStep + planned.filter(({ drafted }) => drafted.unchanged).length;
  await moveRun(tx, work.run, { counts: { unchanged, conflicts: questions.length } });
}

const reasons = {
  FIELD_CHANGED: 'Changed there, where Homeroom owns the value: a person decides.',
  DELETED_EXTERNALLY: 'Gone there while Homeroom still has it: a person decides.',
  DELETED_LOCALLY: 'Archived here while it was changed there: a person decides.',
  DUPLICATE_MATCH: 'More than one could be it: a person decides.',
} as const;

interface PageFacts extends Pick<MirrorFacts, 'knownHere'> {
  outlook: Outlook;
  owners: Owners;
  contact: Contact | undefined;
}

function planOne(context: PageContext, row: MirrorRow, { outlook, owners, knownHere, contact }: PageFacts): Drafted {
  const { work, flow } = context;
  const linked = row.linkState !== null && row.key !== null;
  const found = contact && 'copy' in contact ? contact : null;
  const drafted = planMirror(flow, row, {
    provider: work.connector.name,
    copy: linked ? stagedCopy(row) : (found?.copy ?? null),
    foundBy: found?.by ?? null,
    doubt: contact && 'candidates' in contact ? contact : null,
    settings: work.settings,
    now: work.engine.clock.now(),
    absent: isAbsent(context, row),
    keyOf: outlook.keyOf,
    knownHere,
    remade: (stream, target) => target.key !== null && outlook.isComing(stream, target.id),
    containerLost: containerLost(flow, row, outlook),
    rules: context.rules,
    sourceOwns: (recordId, field) => isOwnedBeside(owners.of(recordId, field), flow, work.run.integrationId),
  });
  if (row.overtaken) return leaveToNext(row, 'there', drafted);
  const made = drafted.drafts.find((each) => each.kind === 'create' || each.kind === 'link');
  if (made) outlook.plan(row.recordId, made.kind === 'link' ? made.key : null);

  return drafted;
}

/** It says itself that it is gone; or it was read for, and is not there. */
function isAbsent(context: PageContext, row: MirrorRow): boolean {
  if (row.gone) return true;
  const { read, scope } = context;
  const { within } = context.flow.stream.pull;
  if (row.refused || (within && !within.owned)) return false;

  return read.snapshot && read.done && (scope.onlySought || isCovered(context, row));
}

/** One that was there before gets somebody who is made there in this run: only then there is a key to write. */
function refersToComing(flow: Flow, { keyOf }: Outlook, row: MirrorRow): boolean {
  return Object.entries(flow.stream.refs ?? {}).some(
    ([name, ref]) => ref.write && (row.refs[name] ?? []).some((target) => keyOf(ref.stream, target) === 'coming'),
  );
}

/** The part of the world that was read. */
type Covered = 'all' | 'nothing' | Range;

function coveredBy({ settings, engine }: Work, { stream, shape }: Flow): Covered {
  const { covers } = stream.pull;
  if (covers === undefined) return 'all';
  if (covers === 'nothing') return covers;
  const { field } = covers;
  const column = shape.fields.find((each) => each.field === field)?.column;
  if (column === undefined) throw new Error(`${shape.entity} has no field ${field}.`);
  const about = { settings, now: engine.clock.now() };

  return { field, column, since: covers.since(about), until: covers.until?.(about) ?? null };
}

/** The part of the world that was read has the record in it: where it is now here, and where both sides last had it. */
function isCovered({ covered }: PageContext, { local, base }: MirrorRow): boolean {
  if (typeof covered === 'string') return covered === 'all';
  const [since, until] = [covered.since.getTime(), covered.until?.getTime() ?? Infinity];

  return [local, { ...local, ...base }].every((values) => {
    const at = Date.parse(String(values[covered.field]));
    return at >= since && at <= until;
  });
}

function stagedCopy(row: MirrorRow): Copy | null {
  if (row.stagedKey === null || row.gone) return null;

  return { key: row.stagedKey, refs: row.stagedRefs ?? {}, ...partMarks(row.staged ?? {}) };
}

function containerLost(flow: Flow, row: MirrorRow, outlook: Outlook): boolean {
  return Object.entries(flow.stream.refs ?? {}).some(
    ([name, ref]) => ref.container && (row.refs[name] ?? []).some((target) => outlook.isLost(ref.stream, target.id)),
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
      const push = row.decisions?.push && !drafted.unchanged;
      const decided = !drafted.forget && (push || row.decisions?.makeAgain || row.decisions?.makeNew);
      const looked = drafted.unchanged || drafted.forget || drafted.drafts.length > 0;
      return row.openConflict && !row.overtaken && drafted.question === null && looked && !decided;
    })
    .map(({ row, drafted }) => ({ recordId: row.recordId, ruledBy: drafted.ruledBy }));
}

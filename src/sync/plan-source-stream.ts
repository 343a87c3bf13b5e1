/** Planning one stream of a source: what is new stays in SQL, only differences are looked at one by one. */

import type { TransactionSql } from '../db/client.ts';
import { readCheckpoint } from '../db/queries/engine/checkpoint.ts';
import { type FieldRules, readFieldRules } from '../db/queries/engine/field-rule.ts';
import { knewAllPages, mistrustPages } from '../db/queries/engine/known-page.ts';
import { countLinks } from '../db/queries/engine/link.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import { preferBulkJoins } from '../db/queries/engine/session.ts';
import {
  type Coverage,
  countCovered,
  countUnchanged,
  type Difference,
  differences,
  type GoneRecord,
  goneRanges,
  goneRecords,
  type KeyRange,
  type NewRecord,
  newRanges,
  newRecords,
  type SourceScope,
} from '../db/queries/engine/source.ts';
import type { Progress } from '../db/queries/engine/staging.ts';
import { agree, ask, closeAllBut, closeAsked, forget, keepAgainstSource, moveLinks } from './bookkeeping.ts';
import { look, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { replaces, type Tally } from './guard.ts';
import { ownersOf } from './owners.ts';
import { type Draft, type Drafted, draft, leaveToNext } from './plan.ts';
import { planDifference } from './plan-source.ts';
import { planKnownRecords } from './plan-source-known.ts';
import { page, type Recorder } from './record.ts';

/** Up to so many creates or removals of a stream are told one by one; more are told by the batch. */
const toldSingly = 1000;

/** Records in a batch, some 100 ms of the database's time: a long commit delays live events. */
const batchSize = 1000;

/** From so many staged records on, joining everything at once beats looking each one up. */
const bulk = 5000;

export async function planSourceStream(work: Work, flow: Flow, read: Progress, recorder: Recorder): Promise<Tally> {
  const checkpoint = await look(work, (tx) => readCheckpoint(tx, work.run, flow.name));
  const afresh = read.snapshot && checkpoint?.readWholeAt === null;
  if (afresh) work.afresh.add(flow.name);
  const scope = { ...scopeOf(work, flow), afresh };
  const place = { ...work.run, stream: flow.name };
  const mirrors = (await look(work, (tx) => countLinks(tx, place, 1))) > 0;
  const tally: Tally = {
    stream: flow.name,
    title: flow.name,
    mirrored: 0,
    // What travels inside other records may well be empty: the last guardian is taken off a list.
    readWhole:
      read.snapshot && work.run.whole && flow.stream.pull.within === undefined && flow.stream.pull.covers !== 'nothing',
    pulled: read.staged + read.known,
    removals: 0,
    changed: 0,
    keyChanged: 0,
  };
  // A list of changes is looked up one by one: joining it at once would look at everything that did not change.
  const asBulk = isBulk(read);
  if (scope.matches) await planKnownRecords(work, flow, scope, recorder);
  let found = await planNewRecords(work, flow, recorder, asBulk, {
    singly: (tx, limit) => newRecords(tx, scope, limit),
    ranges: (tx, size) => newRanges(tx, scope, size),
  });
  if (mirrors) {
    const { covered } = scope;
    if (covered) tally.atStake = await look(work, (tx) => countCovered(tx, scope, covered));
    const asked = new Set<string>();
    found += await planDifferences(work, flow, scope, recorder, tally, asBulk, asked);
    found += await planGone(work, flow, scope, read, recorder, tally);
    const unchanged = await look(work, async (tx) => {
      if (asBulk) await preferBulkJoins(tx);
      tally.mirrored = await countLinks(tx, place, mostThatMatters(tally));
      return read.staged > 0 ? countUnchanged(tx, scope) : 0;
    });
    await page(work, async (tx) => {
      await closeAllBut(tx, work, flow, [...asked]);
      await moveRun(tx, work.run, { counts: { unchanged: unchanged + read.known } });
    });
  }
  // Pages were read before what this run found: should one come back as it was then, it must be compared.
  const readWhole = read.snapshot && work.run.whole;
  if (found > 0 && !readWhole && work.writes) await page(work, (tx) => mistrustPages(tx, work.run, [flow.name]));

  return tally;
}

/** The guards weigh shares of what is mirrored. Beyond this number it decides nothing, and is not counted in each run. */
function mostThatMatters({ removals, changed, keyChanged, readWhole, pulled }: Tally): number | null {
  if (removals > 0 || keyChanged > 0 || (readWhole && pulled === 0)) return null;

  return Math.max(100, changed + 1);
}

export function isBulk(read: Progress): boolean {
  return read.snapshot && read.staged > bulk;
}

export function scopeOf(work: Work, flow: Flow): SourceScope {
  const { run } = work;
  const waits = Object.entries(flow.stream.refs ?? {}).filter(([, ref]) => ref.missing === 'wait');

  return {
    tenantId: run.tenantId,
    integrationId: run.integrationId,
    runId: run.id,
    stream: flow.name,
    shape: flow.shape,
    matches: (flow.stream.match ?? []).some(({ adopt }) => adopt === 'link'),
    waitsFor: Object.fromEntries(waits.map(([name, ref]) => [name, ref.stream])),
    afresh: false,
    covered: coverageOf(work, flow),
  };
}

function coverageOf(work: Work, flow: Flow): Coverage | null {
  const { covers } = flow.stream.pull;
  if (!covers || covers === 'nothing') return null;
  const column = flow.shape.fields.find((field) => field.field === covers.field && field.type === 'instant')?.column;
  if (!column) throw new Error(`${flow.name}: what it covers, "${covers.field}", is not an instant of it.`);

  return { column, since: covers.since({ settings: work.settings, now: work.engine.clock.now() }) };
}

/** How what is new there is asked for: the first so many, or all of it as ranges of at most so many. */
export interface FindNew {
  singly(tx: TransactionSql, limit: number): Promise<NewRecord[]>;
  ranges(tx: TransactionSql, size: number): Promise<KeyRange[]>;
}

export async function planNewRecords(
  work: Work,
  flow: Flow,
  recorder: Recorder,
  asBulk: boolean,
  find: FindNew,
): Promise<number> {
  const { rows, ranges } = await look(work, async (tx) => {
    if (asBulk) await preferBulkJoins(tx);
    const rows = await find.singly(tx, toldSingly + 1);
    return rows.length > toldSingly ? { rows: [], ranges: await find.ranges(tx, batchSize) } : { rows, ranges: [] };
  });
  const reason = `New in ${work.connector.name}.`;
  const singly = rows.map((row) =>
    draft({
      side: 'here',
      kind: 'create',
      verb: 'add',
      key: row.key,
      name: nameOf(flow, row.values),
      after: row.values,
      refs: row.refs,
      reason,
    }),
  );
  const batches = ranges.map((range) => rangeDraft('create', 'add', range, reason));
  const drafts = [...singly, ...batches];
  for (let start = 0; start < drafts.length; start += 500) {
    await page(work, async (tx) => void (await recorder.write(tx, flow, drafts.slice(start, start + 500))));
  }

  return drafts.length;
}

function nameOf(flow: Flow, values: Readonly<Record<string, unknown>>): string | null {
  const words = ['givenName', 'familyName', 'title', 'name']
    .map((name) => values[name])
    .filter((word) => typeof word === 'string' && word);

  return flow.stream.entity === 'enrollment' ? null : words.join(' ') || null;
}

function rangeDraft(kind: 'create' | 'remove', verb: string, range: KeyRange, reason: string): Draft {
  const { first, last, size } = range;

  return draft({ side: 'here', kind, verb, key: first, lastKey: last, size, reason });
}

async function planDifferences(
  work: Work,
  flow: Flow,
  scope: SourceScope,
  recorder: Recorder,
  tally: Tally,
  asBulk: boolean,
  asked: Set<string>,
): Promise<number> {
  const rules = await look(work, (tx) => readFieldRules(tx, work.run, flow.stream.entity));
  let found = 0;
  await look(work, async (reading) => {
    if (asBulk) await preferBulkJoins(reading);
    for await (const rows of differences(reading, scope, flow.refStreams)) {
      found += rows.length;
      await page(work, (tx) => planDifferencePage(tx, work, flow, rules, recorder, tally, rows, asked));
    }
  });

  return found;
}

async function planDifferencePage(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  rules: FieldRules,
  recorder: Recorder,
  tally: Tally,
  rows: readonly Difference[],
  asked: Set<string>,
) {
  const { tenantId, integrationId } = work.run;
  const owners = await ownersOf(
    tx,
    work.engine,
    tenantId,
    rows.map((row) => row.recordId),
  );
  const facts = { provider: work.connector.name, integrationId, rules, owners };
  const planned = rows.map((row) => {
    const drafted = planDifference(flow, row, facts);
    return { row, drafted: row.overtaken ? leaveToNext(row, 'here', drafted) : drafted };
  });
  const drafts = planned.flatMap(({ drafted }) => drafted.drafts);
  const questions = planned.flatMap(({ drafted }) => drafted.question ?? []);
  // Nothing we keep differs: the new content is agreed on, or the same reference is still awaited.
  const alike = planned.filter(
    ({ row, drafted }) => drafted.unchanged && !drafted.forget && !row.blockedByReference && !row.overtaken,
  );
  const gone = planned.filter(({ drafted }) => drafted.forget);
  const fresh = await recorder.write(tx, flow, drafts);
  tally.removals += fresh.filter((each) => each.kind === 'remove').length;
  tally.changed += planned.filter(({ row, drafted }) =>
    drafted.drafts.some((each) => replaces(each) || refersAnew(row, each)),
  ).length;
  tally.keyChanged += drafts.filter((each) => replaces(each, 'email')).length;
  await applyRules(tx, work, flow, planned);
  await agree(
    tx,
    work,
    flow,
    alike.map(({ row }) => row.key),
  );
  await forget(
    tx,
    work,
    flow,
    gone.map(({ row }) => row.recordId),
  );
  for (const question of questions) asked.add(question.recordId);
  // What another run has asked since, this one has no say in.
  for (const { row } of planned) if (row.overtaken) asked.add(row.recordId);
  await ask(tx, work, flow, questions);
  // What is asked about is looked at in each run, whether or not the source sends it again.
  const waiting = planned.flatMap(({ row, drafted }) => (drafted.question ? [row] : []));
  await moveLinks(
    tx,
    work,
    flow,
    waiting.map(({ recordId, values, refs }) => ({
      recordId,
      state: 'WAITING',
      blocker: 'question',
      external: values,
      refs,
    })),
  );
  await moveRun(tx, work.run, {
    counts: { unchanged: planned.filter(({ drafted }) => drafted.unchanged).length, conflicts: questions.length },
  });
}

/** A reference that pointed somewhere points elsewhere now; one that was empty is only filled. */
function refersAnew(row: Difference, { kind, refs }: Draft): boolean {
  return kind === 'update' && Object.keys(refs ?? {}).some((name) => (row.localRefs[name]?.length ?? 0) > 0);
}

/** What a standing rule has answered is no longer asked; what it keeps against the source is remembered. */
async function applyRules(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  planned: readonly { row: Difference; drafted: Drafted }[],
): Promise<void> {
  const kept = planned.flatMap(({ row, drafted }) =>
    (drafted.overrides ?? []).map(({ name: field, externalValue: sourceValue }) => ({
      recordId: row.recordId,
      field,
      sourceValue,
    })),
  );
  await keepAgainstSource(tx, work, kept);
  const answered = planned.filter(({ drafted }) => drafted.question === null);
  await closeAsked(
    tx,
    work,
    flow,
    answered.flatMap(({ row, drafted }) =>
      drafted.ruledBy ? [{ recordId: row.recordId, ruledBy: drafted.ruledBy }] : [],
    ),
  );
}

async function planGone(
  work: Work,
  flow: Flow,
  scope: SourceScope,
  read: Progress,
  recorder: Recorder,
  tally: Tally,
): Promise<number> {
  const { within } = flow.stream.pull;
  if ((within && !within.owned) || flow.stream.pull.covers === 'nothing') return 0;
  if (!read.done || (!read.snapshot && !within)) return 0;
  if (read.known > 0 && (await look(work, (tx) => knewAllPages(tx, work.run, flow.name, read.pages)))) return 0;

  const carrier = within && !read.snapshot ? carrierOf(flow, within) : null;
  const { rows, ranges } = await look(work, async (tx) => {
    if (read.snapshot && read.staged + read.known > bulk) await preferBulkJoins(tx);
    const rows = await goneRecords(tx, scope, carrier, toldSingly + 1);
    return rows.length > toldSingly
      ? { rows: [], ranges: await goneRanges(tx, scope, carrier, batchSize) }
      : { rows, ranges: [] };
  });
  const reason = `No longer in ${work.connector.name}.`;
  const drafts = [
    ...rows.map((row) => goneDraft(row, reason)),
    ...ranges.map((range) => rangeDraft('remove', 'remove', range, reason)),
  ];
  if (drafts.length === 0) return 0;
  await page(work, async (tx) => {
    const fresh = await recorder.write(tx, flow, drafts);
    tally.removals += fresh.reduce((sum, each) => sum + each.size, 0);
  });

  return drafts.length;
}

function goneDraft(row: GoneRecord, reason: string): Draft {
  const { key, recordId, name } = row;

  return draft({
    side: 'here',
    kind: 'remove',
    verb: 'remove',
    key,
    recordId,
    name,
    before: recordId ? row.local : null,
    reason,
  });
}

function carrierOf(flow: Flow, within: { carrier: string; stream: string }) {
  const column = flow.shape.refs.find((ref) => ref.ref === within.carrier)?.column;
  if (!column) throw new Error(`${flow.name}: its carrier "${within.carrier}" is not a reference of it.`);

  return { column, stream: within.stream };
}

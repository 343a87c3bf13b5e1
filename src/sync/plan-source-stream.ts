/** Planning one stream of a source: what is new stays in SQL, only differences are looked at one by one. */

import type { TransactionSql } from '../db/client.ts';
import { type FieldRules, readFieldRules } from '../db/queries/engine/field-rule.ts';
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
import { type Draft, type Drafted, draft } from './plan.ts';
import { planDifference } from './plan-source.ts';
import { planKnownRecords } from './plan-source-known.ts';
import { page, type Recorder } from './record.ts';

/** Up to so many creates or removals of a stream are told one by one; more are told by the batch. */
const toldSingly = 1000;

/** Records in a batch: one commit of less than 250 ms (45 to 90 µs a record here), for a long one delays live events. */
const batchSize = 2500;

/** From so many staged records on, joining everything at once beats looking each one up. */
const bulk = 5000;

export async function planSourceStream(work: Work, flow: Flow, read: Progress, recorder: Recorder): Promise<Tally> {
  const scope = scopeOf(work, flow);
  const mirrored = await look(work, (tx) => countLinks(tx, { ...work.run, stream: flow.name }));
  const tally: Tally = {
    stream: flow.name,
    title: flow.name,
    mirrored,
    // What travels inside other records may well be empty: the last guardian is taken off a list.
    readWhole:
      read.snapshot && work.run.whole && flow.stream.pull.within === undefined && flow.stream.pull.covers !== 'nothing',
    pulled: read.staged,
    removals: 0,
    changed: 0,
    keyChanged: 0,
  };
  const asBulk = read.staged > bulk;
  if (scope.matches) await planKnownRecords(work, flow, scope, recorder);
  await planNewRecords(work, flow, scope, recorder, asBulk);
  if (mirrored === 0) return tally;
  const { covered } = scope;
  if (covered) tally.atStake = await look(work, (tx) => countCovered(tx, scope, covered));

  const asked = new Set<string>();
  await planDifferences(work, flow, scope, recorder, tally, asBulk, asked);
  await planGone(work, flow, scope, read, recorder, tally, asBulk);
  await page(work, async (tx) => {
    if (asBulk) await preferBulkJoins(tx);
    await closeAllBut(tx, work, flow, [...asked]);
    await moveRun(tx, work.run, { counts: { unchanged: await countUnchanged(tx, scope) } });
  });

  return tally;
}

function scopeOf(work: Work, flow: Flow): SourceScope {
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

async function planNewRecords(work: Work, flow: Flow, scope: SourceScope, recorder: Recorder, asBulk: boolean) {
  const { rows, ranges } = await look(work, async (tx) => {
    if (asBulk) await preferBulkJoins(tx);
    const rows = await newRecords(tx, scope, toldSingly + 1);
    return rows.length > toldSingly
      ? { rows: [], ranges: await newRanges(tx, scope, batchSize) }
      : { rows, ranges: [] };
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
  for (let start = 0; start < singly.length; start += 500) {
    await page(work, async (tx) => void (await recorder.write(tx, flow, singly.slice(start, start + 500))));
  }
  if (batches.length > 0) await page(work, async (tx) => void (await recorder.write(tx, flow, batches)));
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
) {
  const rules = await look(work, (tx) => readFieldRules(tx, work.run, flow.stream.entity));
  await look(work, async (reading) => {
    if (asBulk) await preferBulkJoins(reading);
    for await (const rows of differences(reading, scope, flow.refStreams)) {
      await page(work, (tx) => planDifferencePage(tx, work, flow, rules, recorder, tally, rows, asked));
    }
  });
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
  const planned = rows.map((row) => ({ row, drafted: planDifference(flow, row, facts) }));
  const drafts = planned.flatMap(({ drafted }) => drafted.drafts);
  const questions = planned.flatMap(({ drafted }) => drafted.question ?? []);
  // Nothing we keep differs: the new content is agreed on, or the same reference is still awaited.
  const alike = planned.filter(({ row, drafted }) => drafted.unchanged && !drafted.forget && !row.blockedByReference);
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
  asBulk: boolean,
) {
  const { within } = flow.stream.pull;
  if ((within && !within.owned) || flow.stream.pull.covers === 'nothing') return;
  if (!read.done || (!read.snapshot && !within)) return;

  const carrier = within && !read.snapshot ? carrierOf(flow, within) : null;
  const { rows, ranges } = await look(work, async (tx) => {
    if (asBulk) await preferBulkJoins(tx);
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
  if (drafts.length === 0) return;
  await page(work, async (tx) => {
    const fresh = await recorder.write(tx, flow, drafts);
    tally.removals += fresh.reduce((sum, each) => sum + each.size, 0);
  });
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

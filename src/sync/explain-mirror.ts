/** Explaining one of our records at a destination: the planner's own functions on its row, without asking the provider. */

import type { Owner } from '../connectors/kit/contract.ts';
import { type FieldRules, readFieldRules } from '../db/queries/engine/field-rule.ts';
import { type MirrorRow, mirrorRows, type RefTarget } from '../db/queries/engine/mirror.ts';
import {
  type EntryFacts,
  lastEntry,
  lastWriters,
  plannedFor,
  type QuestionFacts,
  questionAbout,
  type RecordFacts,
  recordFacts,
} from '../db/queries/explain.ts';
import type { Value } from '../model/entities.ts';
import {
  asked,
  blocker,
  type Case,
  day,
  type Explained,
  type ExplainedBlocker,
  type ExplainedField,
  type Judgement,
  placeIn,
  planned,
  textIn,
  whyNotSelected,
  wordFor,
} from './explanation.ts';
import type { Flow } from './flow.ts';
import { reasonFor, reasonForRule } from './merge.ts';
import type { Copy, MirrorFacts } from './mirror-facts.ts';
import { mirrorScope } from './mirror-scope.ts';
import { isOwnedBeside, type Owners, ownersOf } from './owners.ts';
import type { Draft } from './plan.ts';
import { blockerOf, placeOf, planMirror } from './plan-mirror.ts';
import { ownerOf, sideOf } from './plan-mirror-fields.ts';

/** null for a record that is not of this school. */
export async function explainMirrored(of: Case, flow: Flow, recordId: string): Promise<Explained | null> {
  const place = placeIn(of, flow);
  const run = { ...place, id: null };
  const scope = mirrorScope({ engine: of.engine, flows: of.flows, settings: of.settings, run }, flow, false);
  const [found] = await mirrorRows(of.tx, scope, [recordId]);
  const record = await recordFacts(of.tx, place, flow.shape, recordId);
  if (!found || !record) return null;

  // What was told once is told again here.
  const row = { ...found, blocker: null };
  const question = await questionAbout(of.tx, place, recordId);
  const targets = await explainTargets(of, flow, row);
  const rules = await readFieldRules(of.tx, place, flow.stream.entity);
  const owners = await ownersOf(of.tx, of.engine, of.tenantId, [recordId]);
  const facts = factsFor(of, flow, row, record, question, targets, rules, owners);
  const known: Known = { owners, of, flow, row, record, question, facts, targets };
  const operation = await plannedFor(of.tx, place, recordId, row.key);
  const last = await lastEntry(of.tx, place, recordId);
  const judged = judge(known, operation && planned(operation, whatOf(known)), last);

  return {
    coming: false,
    ...judged,
    link: record.linkState ? { externalId: record.key, lastSyncedAt: record.syncedAt } : null,
    fields: await explainFields(known),
  };
}

interface Known {
  of: Case;
  flow: Flow;
  row: MirrorRow;
  record: RecordFacts;
  question: QuestionFacts | undefined;
  facts: MirrorFacts;
  owners: Owners;
  /** What a needed reference's target is like itself, by its record id, as far as it has no key yet. */
  targets: ReadonlyMap<string, Explained>;
}

function whatOf({ flow, row }: Pick<Known, 'flow' | 'row'>): string {
  return row.name ?? `this ${wordFor(flow.stream.entity)}`;
}

/** Records this one cannot be without there: those that have no counterpart yet, and what it lives in. */
async function explainTargets(of: Case, flow: Flow, row: MirrorRow): Promise<Map<string, Explained>> {
  const targets = new Map<string, Explained>();
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) {
    const target = of.flows.find((each) => each.name === ref.stream);
    if (ref.missing !== 'wait' || !target || target.name === flow.name) continue;
    for (const { id, key } of row.refs[name] ?? []) {
      const explained = key === null || ref.container ? await explainMirrored(of, target, id) : null;
      if (explained) targets.set(id, explained);
    }
  }

  return targets;
}

/** The facts a run would plan with, from what both sides were known to say last. */
function factsFor(
  of: Case,
  flow: Flow,
  row: MirrorRow,
  record: RecordFacts,
  question: QuestionFacts | undefined,
  targets: ReadonlyMap<string, Explained>,
  rules: FieldRules,
  owners: Owners,
): MirrorFacts {
  const keyOf = (_stream: string, target: RefTarget) => {
    if (target.state === 'EXCLUDED') return null;
    return target.key ?? (targets.get(target.id)?.coming ? ('coming' as const) : null);
  };
  const gone = question?.kind === 'DELETED_EXTERNALLY' && question.status !== 'RESOLVED';

  return {
    provider: of.connector.name,
    copy: row.key === null || gone ? null : copyOf(flow, row, record, row.key, keyOf),
    // Who it could be is only seen where all that is there has just been read; an open question says so.
    foundBy: null,
    doubt: null,
    now: of.engine.clock.now(),
    absent: gone,
    keyOf,
    remade: () => false,
    containerLost: [...targets.values()].some(lostThere),
    rules,
    knownHere: () => true,
    sourceOwns: (id, field) => isOwnedBeside(owners.of(id, field), flow, of.integrationId),
    settings: of.settings,
  };
}

/** Whether it is there at all is a question: what it holds waits for the answer. */
function lostThere({ blockers }: Explained): boolean {
  return blockers.some(({ code }) => code === 'conflict_deleted_externally');
}

function copyOf(flow: Flow, row: MirrorRow, record: RecordFacts, key: string, keyOf: MirrorFacts['keyOf']): Copy {
  const said: Record<string, Value | readonly string[]> = { ...row.base, ...record.external };
  const refs = Object.entries(flow.stream.refs ?? {}).map(([name, ref]) => {
    // What was never written down, because it cannot be rewritten there, is where it was put.
    const here = (row.refs[name] ?? []).map((target) => keyOf(ref.stream, target) ?? '');
    return [name, (said[name] as readonly string[] | undefined) ?? here] as const;
  });
  const values = Object.entries(said).filter(([name]) => name in flow.stream.fields);

  const marks = { ours: null, update: row.closed, remove: row.closed };

  return { key, values: Object.fromEntries(values), refs: Object.fromEntries(refs), marks };
}

/** The first of these that holds says how the record stands. */
function judge(known: Known, operation: Judgement | undefined, last: EntryFacts | undefined): Judgement {
  const { of, flow, row, record, question, facts } = known;
  const provider = of.connector.name;
  const what = whatOf(known);
  if (row.linkState === 'EXCLUDED') return excluded(what, provider, question);
  if (question && question.status !== 'RESOLVED') return asked(question, what, provider);
  if (operation) return operation;
  if (row.linkState === 'MAKING') {
    const until = record.until ? ` It is looked at again on ${day(record.until)}.` : '';
    return { state: 'WAITING', summary: `${provider} is still making ${what}.${until}`, blockers: [], coming: true };
  }
  const place = placeOf(flow, row);
  if (place === 'inLostContainer') return withContainer(known);
  if (place === 'left') return left(known);
  if (facts.containerLost) {
    const summary = `${what} waits for the answer to what it is in.`;
    return { state: 'WAITING', summary, blockers: reasonsOfTargets(known, true) };
  }

  const blocked = row.key === null ? blockerOf(flow, row, facts) : null;
  if (blocked)
    return {
      state: 'BLOCKED',
      summary: sentence(blocked.message, known),
      blockers: [{ ...blocked, runId: null }, ...reasonsOfTargets(known)],
      coming: findsItself(known, blocked.code),
    };
  const drafted = planMirror(flow, row, facts);
  const skipped = drafted.drafts.find((draft) => draft.status === 'SKIPPED');
  if (skipped) return { state: 'BLOCKED', summary: skipped.reason, blockers: [told(skipped)] };
  const work = drafted.drafts[0];
  if (!work) return { state: 'IN_STEP', summary: `${what} is in step with ${provider}.`, blockers: [] };
  if (last?.status === 'FAILED') return failed(what, provider, last);
  const never = of.integration.lastSyncedAt === null;
  const made = work.kind === 'create' || work.kind === 'link';
  if (made && never) {
    const summary = `${provider} has not been synced yet: ${what} goes with the first sync.`;
    return {
      state: 'WAITING',
      summary,
      blockers: [blocker('never_synced', summary, 'Sync this integration.')],
      coming: true,
    };
  }
  const summary = made
    ? `${what} goes to ${provider} with the next sync.`
    : `What differs of ${what} is settled with the next sync.`;

  return { state: 'WAITING', summary, blockers: [], coming: made };
}

/** Without a way to make it, the record may still be found there by what it has in common. */
function findsItself({ of, flow }: Known, code: string): boolean {
  return code === 'cannot_create' && (flow.stream.match ?? []).length > 0 && of.integration.lastSyncedAt === null;
}

function sentence(message: string, { row, flow }: Known): string {
  return row.name === null || flow.stream.entity === 'enrollment' ? message : `${row.name}: ${message}`;
}

function excluded(what: string, provider: string, question: QuestionFacts | undefined): Judgement {
  const who = question?.resolvedBy ?? 'A person';
  const when = question?.resolvedAt ? ` on ${day(question.resolvedAt)}` : '';
  const summary = `${what} is left as it is in ${provider}: ${who} decided so${when}.`;
  const remedy = 'Nothing need be done. It stays so while that decision stands.';

  return { state: 'NOT_SELECTED', summary, blockers: [blocker('excluded', summary, remedy)] };
}

function failed(what: string, provider: string, { details, runId }: EntryFacts): Judgement {
  const why = blocker(
    textIn(details, 'code', 'failed'),
    textIn(details, 'message', `${provider} did not take it.`),
    textIn(details, 'remedy', 'The next sync tries again.'),
    runId,
  );

  return {
    state: 'BLOCKED',
    summary: `${provider} did not take ${what}: ${why.message}`,
    blockers: [why],
    coming: false,
  };
}

/** A member whose class is not mirrored goes with it. */
function withContainer(known: Known): Judgement {
  const { of, row } = known;
  const reasons = reasonsOfTargets(known, true);
  const summary = `${whatOf(known)}: ${reasons[0]?.message ?? `its class is not in ${of.connector.name}.`}`;
  const told = reasons.length > 0 ? reasons : [blocker('class_not_mirrored', summary, 'Nothing need be done.')];

  return {
    state: 'NOT_SELECTED',
    summary: row.key ? `${summary} It is left there as it is.` : summary,
    blockers: told,
  };
}

function left(known: Known): Judgement {
  const { of, flow, row, facts } = known;
  const provider = of.connector.name;
  const gone = inactiveTargets(known);
  const why = row.selected && gone.length > 0 ? gone : [whyNotSelected(flow, row, provider)];
  const { drafts } = planMirror(flow, row, facts);
  const removal = drafts.find(({ kind }) => kind === 'remove');
  const against = drafts.filter(({ status }) => status === 'SKIPPED').map(told);
  const then =
    row.key === null
      ? ''
      : removal
        ? ' The next sync removes it there.'
        : ` It is kept in ${provider}, and written no more.`;

  return {
    state: removal ? 'WAITING' : 'NOT_SELECTED',
    summary: `${why[0]?.message ?? ''}${then}`,
    blockers: [...why, ...against],
  };
}

/** What the log tells is told here. */
function told({ reason, details }: Draft): ExplainedBlocker {
  return blocker(
    textIn(details, 'code', 'skipped'),
    reason,
    textIn(details, 'remedy', 'See the log of the last sync.'),
  );
}

function inactiveTargets({ flow, row }: Known): ExplainedBlocker[] {
  return Object.entries(flow.stream.refs ?? {})
    .filter(([name, ref]) => ref.missing === 'wait' && (row.refs[name] ?? []).some((target) => !target.active))
    .map(([name]) =>
      blocker(`${name}_archived`, `Its ${name} is archived in Homeroom.`, `Bring the ${name} back where it is kept.`),
    );
}

/** Why what it refers to is not there; `lost`: only the containers that are not mirrored. */
function reasonsOfTargets({ flow, row, targets }: Known, lost = false): ExplainedBlocker[] {
  return Object.entries(flow.stream.refs ?? {})
    .filter(([, ref]) => ref.missing === 'wait' && (!lost || ref.container))
    .flatMap(([name]) => (row.refs[name] ?? []).flatMap(({ id }) => targets.get(id)?.blockers ?? []));
}

async function explainFields(known: Known): Promise<ExplainedField[]> {
  const { of, flow, row, record, facts, owners } = known;
  const provider = of.connector.name;
  const writers = await lastWriters(of.tx, placeIn(of, flow), row.recordId);

  return flow.merged.flatMap((name) => {
    const side = sideOf(flow, row, facts, name);
    if (!side) return [];
    const owner = ownerOf(flow, row, facts, name);
    const words = { provider, homeroom: 'Homeroom', shared: `Homeroom and ${provider}` };
    return {
      name,
      owner: owner === 'homeroom' ? (owners.of(row.recordId, name)?.name ?? words.homeroom) : words[owner],
      baseValue: row.base?.[name] ?? null,
      localValue: side.local,
      externalValue: side.external ?? null,
      reason: whyField(known, name, side, owner),
      lastRunId: writers.get(name) ?? (row.key === null ? null : record.runId),
    };
  });
}

function whyField(
  { of, row, facts }: Known,
  name: string,
  side: NonNullable<ReturnType<typeof sideOf>>,
  owner: Owner,
): string {
  const provider = of.connector.name;
  if (row.key === null) return `Not in ${provider} yet.`;
  const rule = facts.rules.get(name);
  if (side.by === 'rule' && rule && rule !== 'ASK') return reasonForRule(rule, [name], provider);
  if (side.by === 'person')
    return side.verdict === 'keep' ? 'A person said to leave it so.' : 'A person chose our value.';

  return reasonFor(side.verdict, owner, provider);
}

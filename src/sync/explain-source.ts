/** Explaining a record, or an external one that is not here, at a source. */
import {
  type KnownKey,
  knownKeys,
  lastEntry,
  lastReadWhole,
  lastWriters,
  plannedFor,
  questionAbout,
  type RecordFacts,
  recordFacts,
  refusals,
} from '../db/queries/explain.ts';
import {
  asked,
  because,
  blocker,
  type Case,
  day,
  type Explained,
  type ExplainedBlocker,
  type ExplainedField,
  type Judgement,
  placeIn,
  planned,
  refused,
  wordFor,
} from './explanation.ts';
import type { Flow } from './flow.ts';
import { ownersOf } from './owners.ts';

/** null for a record that is not of this school. */
export async function explainFromSource(of: Case, flow: Flow, recordId: string): Promise<Explained | null> {
  const place = placeIn(of, flow);
  const record = await recordFacts(of.tx, place, flow.shape, recordId);
  if (!record) return null;

  return {
    coming: false,
    ...(await judge(of, flow, recordId, record)),
    link: record.linkState ? { externalId: record.key, lastSyncedAt: record.syncedAt } : null,
    fields: record.linkState ? await explainFields(of, flow, recordId, record) : [],
  };
}

async function judge(of: Case, flow: Flow, recordId: string, record: RecordFacts): Promise<Judgement> {
  const provider = of.connector.name;
  const place = placeIn(of, flow);
  const what = record.name ?? `This ${wordFor(flow.stream.entity)}`;
  if (record.linkState === null) return notLinked(of, flow, recordId, record, what);

  const [refusal] = record.key === null ? [] : await refusals(of.tx, place, [flow.name], [record.key]);
  if (refusal) return refused(refusal, provider);
  const question = await questionAbout(of.tx, place, recordId);
  if (question && question.status !== 'RESOLVED') return asked(question, what, provider);
  const operation = await plannedFor(of.tx, place, recordId, record.key);
  if (operation) return planned(operation, what);
  if (record.blocker !== null) {
    const blockers = await missingTargets(of, flow, record.linkRefs);
    const summary = `${what} waits for something it refers to, which ${provider} has not sent.`;
    return { state: 'WAITING', summary, blockers };
  }
  if (record.status === 'ARCHIVED') {
    const summary = `${what} is archived here, and ${provider} has it: the next sync that sees it brings it back.`;
    return { state: 'WAITING', summary, blockers: [] };
  }

  return { state: 'IN_STEP', summary: `${what} is as ${provider} has it.`, blockers: [] };
}

async function notLinked(
  of: Case,
  flow: Flow,
  recordId: string,
  record: RecordFacts,
  what: string,
): Promise<Judgement> {
  const provider = of.connector.name;
  const last = await lastEntry(of.tx, placeIn(of, flow), recordId);
  if (record.status === 'ARCHIVED' && last?.kind === 'remove') {
    const summary = `${what} is archived: ${provider} no longer had it on ${day(last.at)}.`;
    const why = blocker(
      'archived',
      summary,
      `Make it again in ${provider}; the next sync brings it back with its history.`,
      last.runId,
    );
    return { state: 'NOT_SELECTED', summary, blockers: [why] };
  }
  const summary = `${what} does not come from ${provider}.`;
  const remedy = `Nothing need be done. If it should, make it in ${provider}; the next sync takes it.`;

  return { state: 'NOT_SELECTED', summary, blockers: [blocker('not_from_here', summary, remedy)] };
}

/** What a record refers to that is not here: refused at the door, or never sent. */
async function missingTargets(of: Case, flow: Flow, refs: KnownKey['refs']): Promise<ExplainedBlocker[]> {
  const provider = of.connector.name;
  const place = placeIn(of, flow);
  const blockers: ExplainedBlocker[] = [];
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) {
    const keys = refs?.[name] ?? [];
    const known = await knownKeys(of.tx, place, [ref.stream], keys);
    const lost = keys.filter((key) => !known.some((each) => each.key === key && each.recordId !== null));
    const bad = await refusals(of.tx, place, [ref.stream], lost);
    for (const key of lost) {
      const refusal = bad.find((each) => each.key === key);
      const message = refusal
        ? `Its ${name} ${key} was skipped${because(refusal)}`
        : `Its ${name} ${key} has not come from ${provider}.`;
      const remedy = refusal
        ? `Correct the ${name} in ${provider}; the next sync goes on by itself.`
        : `See that ${provider} shares this ${name} with Homeroom; the next sync goes on by itself.`;
      blockers.push(blocker(`${name}_missing`, message, remedy));
    }
  }

  return blockers;
}

/** An external id of this integration: refused at the door, waiting, or never seen. A known record answers its id. */
export async function explainKey(of: Case, key: string): Promise<Explained | { recordId: string; flow: Flow }> {
  const provider = of.connector.name;
  const names = of.flows.map((flow) => flow.name);
  const place = { tenantId: of.tenantId, integrationId: of.integrationId };
  const known = await knownKeys(of.tx, place, names, [key]);
  const held = known.find(({ recordId }) => recordId !== null);
  const flowOf = (name: string | undefined) => of.flows.find((flow) => flow.name === name);
  const heldIn = flowOf(held?.stream);
  if (held?.recordId && heldIn) return { recordId: held.recordId, flow: heldIn };

  const nothing = { coming: false, fields: [] as const, link: null };
  const [refusal] = await refusals(of.tx, place, names, [key]);
  if (refusal) return { ...nothing, ...refused(refusal, provider) };
  const waiting = known[0];
  const waitsIn = flowOf(waiting?.stream);
  if (waiting && waitsIn) {
    const summary = `${provider} has ${key}, but what it refers to has not come yet; it is tried in each sync.`;
    const link = { externalId: key, lastSyncedAt: waiting.syncedAt };
    return { ...nothing, link, state: 'WAITING', summary, blockers: await missingTargets(of, waitsIn, waiting.refs) };
  }
  const at = await lastReadWhole(of.tx, place);
  const read = at ? `${provider} was last read whole on ${day(at)}` : `${provider} has never been read whole`;
  const summary = `${key} was never seen: ${read}.`;
  const remedy = `Look the id up in ${provider}, and see that it is shared with Homeroom; then sync.`;

  return { ...nothing, state: 'NOT_SELECTED', summary, blockers: [blocker('never_seen', summary, remedy)] };
}

/** A source's values are not kept beside ours: while it is in step, what it says is what stands here. */
async function explainFields(of: Case, flow: Flow, recordId: string, record: RecordFacts): Promise<ExplainedField[]> {
  const provider = of.connector.name;
  const writers = await lastWriters(of.tx, placeIn(of, flow), recordId);
  const question = await questionAbout(of.tx, placeIn(of, flow), recordId);
  const owners = await ownersOf(of.tx, of.engine, of.tenantId, [recordId]);
  const open = question?.status === 'RESOLVED' ? [] : (question?.fields ?? []);

  return flow.merged
    .filter((name) => name in flow.stream.fields)
    .map((name) => {
      const local = record.local[name] ?? null;
      const kept = record.overrides?.[name];
      const owner = owners.of(recordId, name);
      const other = owner && owner.integrationId !== of.integrationId ? owner.name : null;
      const field = open.find((each) => each.name === name);
      const external = field ? field.externalValue : kept ? kept.sourceValue : (record.external?.[name] ?? local);
      return {
        name,
        owner: kept ? `Homeroom (${kept.decidedBy} keeps it so)` : (other ?? provider),
        baseValue: field ? field.baseValue : (kept?.sourceValue ?? local),
        localValue: local,
        externalValue: external ?? null,
        reason: field
          ? `${provider} says something new, where a person kept another value: a person decides.`
          : kept
            ? `${kept.decidedBy} keeps this value against ${provider}, until it says something else.`
            : other
              ? `${other} owns this value: it comes first among the sources of the school.`
              : `${provider} owns this value.`,
        lastRunId: writers.get(name) ?? record.runId,
      };
    });
}

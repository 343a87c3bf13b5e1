/** What explaining a record comes to, and the words for it. Pure. */
import type { Blocker, Connector, Selection, Settings } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import type { OperationFacts, QuestionFacts, Refusal, StreamPlace } from '../db/queries/explain.ts';
import type { IntegrationRow } from '../db/queries/integration.ts';
import type { EntityName, Values } from '../model/entities.ts';
import type { Engine } from './engine.ts';
import type { Flow } from './flow.ts';

/**
 * IN_STEP: both sides are alike. WAITING: a run will settle it, or a held one once it is approved. CONFLICT: a person
 * must decide. BLOCKED: it cannot go on until what blocks it is mended. NOT_SELECTED: nothing is meant to happen.
 */
export type ExplainState = 'IN_STEP' | 'WAITING' | 'CONFLICT' | 'BLOCKED' | 'NOT_SELECTED';

/** What stands in the way, and what would help; `runId`: the run that waits, where one does. */
export interface ExplainedBlocker extends Blocker {
  runId: string | null;
}

export interface ExplainedField {
  name: string;
  owner: string;
  baseValue: unknown;
  localValue: unknown;
  externalValue: unknown;
  reason: string;
  lastRunId: string | null;
}

export interface Explanation {
  state: ExplainState;
  summary: string;
  /** externalId null: in the making there. */
  link: { externalId: string | null; lastSyncedAt: Date | null } | null;
  fields: readonly ExplainedField[];
  blockers: readonly ExplainedBlocker[];
}

/** One record at one stream; `coming`: the next run would give it a key there. */
export interface Explained extends Explanation {
  coming: boolean;
}

/** What an explanation is judged to be, before its fields. */
export interface Judgement {
  state: ExplainState;
  summary: string;
  blockers: readonly ExplainedBlocker[];
  coming?: boolean;
}

/** One integration that is asked about. */
export interface Case {
  tx: TransactionSql;
  engine: Pick<Engine, 'connectors' | 'clock'>;
  tenantId: string;
  integrationId: string;
  integration: IntegrationRow;
  connector: Connector;
  settings: Settings;
  flows: readonly Flow[];
}

export function placeIn(of: Case, flow: Flow): StreamPlace {
  const { tenantId, integrationId, integration } = of;

  return { tenantId, schoolId: integration.schoolId, integrationId, stream: flow.name };
}

export function blocker(code: string, message: string, remedy: string, runId: string | null = null): ExplainedBlocker {
  return { code, message, remedy, runId };
}

/** A text out of an entry's details, which may hold anything. */
export function textIn(details: Record<string, unknown> | null, name: string, otherwise: string): string {
  const value = details?.[name];

  return typeof value === 'string' && value !== '' ? value : otherwise;
}

/** The day, as sentences have it. */
export function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

const entityWords: Record<EntityName, string> = {
  org: 'organisation',
  term: 'term',
  course: 'course',
  class: 'class',
  person: 'person',
  enrollment: 'membership',
  guardianLink: 'guardian',
  group: 'group',
  meeting: 'meeting',
};

export function wordFor(entity: EntityName): string {
  return entityWords[entity];
}

const fieldWords: Readonly<Record<string, string>> = { email: 'e-mail address', sms: 'number for text messages' };

function fieldWord(name: string): string {
  return fieldWords[name] ?? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Why a record is not among those a stream mirrors. */
export function whyNotSelected(
  flow: Flow,
  record: { status: string; local: Values; name: string | null },
  provider: string,
): ExplainedBlocker {
  const selection = flow.stream.selects as unknown as Selection<Record<string, unknown>> | undefined;
  const what = record.name ?? `This ${wordFor(flow.stream.entity)}`;
  if (record.status === 'ARCHIVED') {
    return blocker(
      'archived',
      `${what} is archived in Homeroom.`,
      'Bring it back at its source, or enroll the person again.',
    );
  }
  const missing = (selection?.needs ?? []).find(
    (name) => record.local[name] === null || record.local[name] === undefined,
  );
  if (missing !== undefined) {
    const word = fieldWord(missing);
    const message = `${what} has no ${word}.`;
    return blocker(`no_${missing}`, message, `Enter the ${word} where it is kept; the next sync goes on by itself.`);
  }
  const where = Object.entries(selection?.where ?? {});
  const other = where.find(([name, values]) => !(values as readonly unknown[]).includes(record.local[name]));
  if (other) {
    const message = `${what} is not mirrored: ${provider} gets "${selection?.describe}", and its ${fieldWord(other[0])} is another.`;
    return blocker(
      'not_selected',
      message,
      `Change its ${fieldWord(other[0])} if it belongs there; else nothing need be done.`,
    );
  }
  if (selection?.currentTerms) {
    const message = `${what} is not mirrored: outside the current term.`;
    const remedy =
      'It is mirrored once its term begins. To mirror the classes of all terms, change the settings of this integration.';
    return blocker('outside_current_term', message, remedy);
  }
  if (selection?.window) {
    const message = `${what} is not mirrored: it is over, or further ahead than ${provider} gets.`;
    return blocker('outside_window', message, 'It is mirrored by itself once it is near; what is over stays as it is.');
  }
  if (selection?.namedBy) {
    const message = `${what} is not mirrored: ${provider} gets "${selection.describe}".`;
    return blocker('not_named', message, 'It is mirrored by itself once one of those names it.');
  }

  return blocker('not_selected', `${what} is not among the records ${provider} gets.`, 'Nothing need be done.');
}

/** The question that is open about a record. */
export function asked(question: QuestionFacts, what: string, provider: string): Judgement {
  const since = `since ${day(question.detectedAt)}`;
  const fields = question.fields.map((field) => fieldWord(field.name)).join(', ');
  const messages: Record<QuestionFacts['kind'], string> = {
    FIELD_CHANGED: `${what} differs in ${fields} between Homeroom and ${provider}, ${since}: a person decides.`,
    DELETED_EXTERNALLY: `${what} is gone in ${provider} while Homeroom has it, ${since}: a person decides.`,
    DELETED_LOCALLY: `${what} is archived here while it was changed in ${provider}, ${since}: a person decides.`,
    DUPLICATE_MATCH: `More than one in ${provider} could be ${what}, ${since}: a person decides.`,
  };
  const summary = messages[question.kind];
  if (question.status === 'RESOLVING') {
    const told = `The answer to a conflict about ${what} is on its way to ${provider}.`;
    return { state: 'WAITING', summary: told, blockers: [] };
  }
  const code = `conflict_${question.kind.toLowerCase()}`;

  return {
    state: 'CONFLICT',
    summary,
    blockers: [blocker(code, summary, 'Answer the conflict; its answer is carried out at once.')],
  };
}

const kindWords = { create: 'creation', update: 'change', remove: 'removal', link: 'link', skip: 'change' } as const;

/** A run that has not ended has it in its plan. */
export function planned(operation: OperationFacts, what: string): Judgement {
  const word = kindWords[operation.kind];
  if (!operation.waits) {
    return { state: 'WAITING', summary: `The ${word} of ${what} is part of a sync that is under way.`, blockers: [] };
  }
  const since = `held since ${day(operation.since)}`;
  const preview = operation.mode === 'PREVIEW' ? ' in a preview' : '';
  const message = `The ${word} of ${what} is ${since}${preview}: it waits for approval.`;
  const remedy = `${operation.heldReason ? `${operation.heldReason} ` : ''}Review the sync run and approve or cancel it.`;

  return { state: 'WAITING', summary: message, blockers: [blocker('held', message, remedy, operation.runId)] };
}

/** What the door noted: words that go on after "for", or a connector's own sentence. */
export function because({ problem }: Pick<Refusal, 'problem'>): string {
  return problem.endsWith('.') ? `: ${problem}` : `, for ${problem}.`;
}

export function refused(refusal: Refusal, provider: string): Judgement {
  const what = refusal.name ? `${refusal.name} (${refusal.key})` : refusal.key;
  const message = `${what} is skipped since ${day(refusal.since)}${because(refusal)}`;

  return {
    state: 'BLOCKED',
    summary: `${provider} has it, but ${message}`,
    blockers: [blocker(refusal.code, message, `Correct it in ${provider}; the next sync takes it by itself.`)],
  };
}

/** What is wrong with the whole integration stands before what is the matter with one record. */
export function underIntegration({ integration, connector }: Case, explained: Explained): Explained {
  const { status, statusReason } = integration;
  if (status === 'DISCONNECTED') {
    const message = `${connector.name} is disconnected: nothing is synced.`;
    const first = blocker('integration_disconnected', message, 'Connect it again under Apps & Integrations.');
    return { ...explained, state: 'BLOCKED', summary: message, blockers: [first, ...explained.blockers] };
  }
  if (status !== 'ERROR') return explained;
  const message = `${connector.name} does not work at present: ${statusReason ?? 'the last sync failed.'}`;
  const first = blocker('integration_error', message, 'See the problems of this integration, each with what helps.');
  const waits = explained.state === 'WAITING' || explained.state === 'IN_STEP';

  return {
    ...explained,
    ...(waits && { state: 'BLOCKED' as const, summary: message }),
    blockers: [first, ...explained.blockers],
  };
}

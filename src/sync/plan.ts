/** What a plan is made of, and how its entries are told apart from one run to the next. */

import type { Blocker } from '../connectors/kit/contract.ts';
import type { Question } from '../db/queries/engine/conflict.ts';
import type { LinkChange } from '../db/queries/engine/link.ts';
import { type LogEntry, overtakenCode } from '../db/queries/engine/log.ts';
import type { Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import type { ConflictField, FieldRule, LogStatus, OperationKind, Side } from '../model/sync.ts';
import { contentHash, stableJson } from '../model/values.ts';
import type { Flow } from './flow.ts';

/** One operation, before it has its place in the log. */
export interface Draft {
  side: Side;
  kind: OperationKind;
  /** What the log appends to the stream's action: `add`, `update`, `remove` … */
  verb: string;
  /** PENDING is planned; SKIPPED only tells why nothing will be done. */
  status: Extract<LogStatus, 'PENDING' | 'SKIPPED'>;
  recordId: string | null;
  key: string | null;
  name: string | null;
  before: Values | null;
  after: Values | null;
  refs: Record<string, readonly string[]> | null;
  reason: string;
  details: Record<string, unknown> | null;
  size: number;
  lastKey: string | null;
}

/** What planning one record comes to. */
export interface Drafted {
  drafts: readonly Draft[];
  question: Question | null;
  /** Why it is asked, where the kind of question does not say it all. */
  why?: string;
  /** Bookkeeping that writes nothing anybody can see: a base that follows, a blocker that is told once. */
  link: LinkChange | null;
  forget: boolean;
  unchanged: boolean;
  /** Ours is kept against a source by a standing rule: what the source says now is remembered. */
  overrides?: readonly ConflictField[];
  /** The standing rule that answered what would have been asked. */
  ruledBy?: FieldRule | null;
}

const blank = {
  status: 'PENDING',
  recordId: null,
  key: null,
  name: null,
  before: null,
  after: null,
  refs: null,
  details: null,
  size: 1,
  lastKey: null,
} as const;

export function draft(given: Pick<Draft, 'side' | 'kind' | 'verb' | 'reason'> & Partial<Draft>): Draft {
  return { ...blank, ...given };
}

/** Why something is not written, told once: nothing while the same reason stands on the link already. */
export function skipOnce(
  about: Pick<Draft, 'recordId' | 'key' | 'name' | 'verb'>,
  known: string | null,
  { code, message, remedy }: Blocker,
): Draft[] {
  if (known === code) return [];

  return [
    draft({ ...about, side: 'there', kind: 'skip', status: 'SKIPPED', reason: message, details: { code, remedy } }),
  ];
}

/**
 * A record that another run has been at since this one read it: what this one knows is older. Nothing is made of it, and
 * where something would have been, that is told.
 */
export function leaveToNext(about: Pick<Draft, 'recordId' | 'key' | 'name'>, side: Side, drafted: Drafted): Drafted {
  const { drafts, question, forget } = drafted;
  const something = drafts.some(({ status }) => status === 'PENDING') || question !== null || forget;
  const { recordId, key, name } = about;
  const told = draft({
    recordId,
    key,
    name,
    side,
    kind: 'skip',
    verb: 'leave',
    status: 'SKIPPED',
    reason: 'Another run has been at it since this one read it: the next run looks again.',
    details: { code: overtakenCode },
  });

  return { drafts: something ? [told] : [], question: null, link: null, forget: false, unchanged: !something };
}

/** The same work has the same fingerprint in every run: approvals name it. */
function fingerprintOf(stream: string, given: Draft): string {
  const { side, kind, recordId, key, lastKey, size, before, after, refs } = given;

  return contentHash(stream, side, kind, key ?? recordId ?? '', stableJson({ lastKey, size, before, after, refs }));
}

/** `held`: it waits for a person, as all of a preview does. It has no place in the plan yet. */
export function toEntry(flow: Flow, given: Draft, held: boolean): Omit<LogEntry, 'seq'> {
  const { verb, ...rest } = given;

  return {
    ...rest,
    id: newId(),
    stream: flow.name,
    action: `${flow.stream.action}.${verb}`,
    waits: held && given.status === 'PENDING',
    entity: flow.stream.entity,
    fingerprint: given.status === 'PENDING' ? fingerprintOf(flow.name, given) : null,
    sentAt: null,
  };
}

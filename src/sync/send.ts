/** One operation to the provider: what is asked, how often it is tried, and what its answer or refusal comes to. */
import type { Blocker, Closed, Patch, Push, Pushed, PushRequest } from '../connectors/kit/contract.ts';
import {
  Moved,
  NotPermitted,
  ProviderProblem,
  SetupProblem,
  SignInNeeded,
  Unwell,
  Wait,
} from '../connectors/kit/errors.ts';
import { mergePatches } from '../connectors/kit/patch.ts';
import type { LinkChange } from '../db/queries/engine/link.ts';
import type { LogEntry } from '../db/queries/engine/log.ts';
import type { SoughtRow } from '../db/queries/engine/mirror.ts';
import { contentHash } from '../model/values.ts';
import { vanishedButUsed } from './closed.ts';
import type { Work } from './engine.ts';
import { movedSince } from './fence.ts';
import { canonicalKeys, type External, type Flow, localValues, readExternal } from './flow.ts';
import { leftOut } from './left-out.ts';
import { partMarks } from './marks.ts';
import { pause } from './pause.ts';
import { turnOf } from './status.ts';
import { asBefore, linkAfterUndo, undoMoved } from './undo-there.ts';

/** Our record as it is when the operation is sent. */
export type Subject = SoughtRow;

export interface Sending {
  work: Work;
  flow: Flow;
  entry: LogEntry;
  subject: Subject | undefined;
}

export interface Outcome {
  status: 'SUCCESS' | 'FAILED' | 'SKIPPED';
  details: Record<string, unknown>;
  /** The record as it now is there; null after a removal or a failure. */
  external: External | null;
  /** Not made yet: the provider promised it. */
  accepted?: { until: Date; handle: string };
  /** It must not be touched there any more. */
  closed?: Blocker;
  generation: number;
  /** What the link says after an undo, beside what it says after every operation; `forget`: there is none any more. */
  undone?: Partial<LinkChange> | 'forget';
  /** Nobody answered, after all tries. */
  unanswered?: boolean;
  /** Nothing else will work either: the run ends with this. */
  stops?: ProviderProblem;
}

/** The provider has stopped answering. */
export class ProviderDown extends Unwell {
  constructor(provider: string) {
    super({
      code: 'provider_not_answering',
      message: `${provider} has stopped answering.`,
      remedy: 'Nothing needs to be done: the next sync goes on where this one stopped.',
    });
  }
}

/** Tries after an answer that never came. */
const attempts = 4;

/** A quota that opens again within this many milliseconds is waited for; a longer one ends the run. */
const longestWait = 15 * 60 * 1000;

export async function send(sending: Sending): Promise<Outcome> {
  const { work, flow, entry, subject } = sending;
  if (!subject) return skipped('It is no longer in Homeroom.');
  const undoes = work.run.undoes !== null;
  const moved = undoes ? undoMoved(entry, subject) : movedSince(flow, entry, subject);
  if (moved) return skipped(moved);
  if (entry.kind === 'link') return linked(entry);
  if (entry.kind !== 'create' && entry.key === null) return skipped('It has no counterpart there.');

  let uncertain = entry.sentAt !== null || subject.handle !== null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!undoes) return await push(sending, subject, uncertain);
      const outcome = await push(sending, asBefore(flow, entry, subject), uncertain);
      if (outcome.closed) return outcome;
      return { ...outcome, undone: linkAfterUndo(flow, entry, subject, outcome.external) };
    } catch (error) {
      work.signal.throwIfAborted();
      if (!(error instanceof ProviderProblem)) throw error;
      const wait = waitFor(error, attempt, work);
      if (wait === null) return failed(error, generationOf(entry, subject, undoes));
      uncertain ||= error instanceof Unwell;
      await pause(wait, work.signal);
    }
  }
}

/** Milliseconds until the next try; null when there is none. */
function waitFor(error: ProviderProblem, attempt: number, { engine }: Work): number | null {
  if (error instanceof Wait) {
    const wait = error.until.getTime() - engine.clock.now().getTime();
    return wait <= longestWait && attempt <= 20 ? Math.max(wait, 50) : null;
  }
  if (error instanceof Unwell && attempt < attempts) return 250 * 2 ** attempt * (0.5 + engine.random() / 2);

  return null;
}

async function push({ work, flow, entry }: Sending, subject: Subject, uncertain: boolean): Promise<Outcome> {
  const generation = generationOf(entry, subject, work.run.undoes !== null);
  const request = requestOf(work, flow, entry, subject, uncertain, generation);
  if (request === null) return skipped('It waits for what it refers to.', 'waits_for_reference');
  const verbs = flow.stream.push as Push<unknown, unknown>;
  const key = entry.key ?? '';
  const arrive = async (pushed: Pushed<unknown> | Closed): Promise<Outcome> => {
    if ('closed' in pushed) return isClosed(pushed.closed, pushed.closed, generation);
    const outcome = arrived(flow, work, pushed, generation);
    if (outcome.accepted) return outcome;
    return { ...outcome, details: { ...outcome.details, ...(await leftOut(work, flow, subject, request.changed)) } };
  };
  switch (entry.kind) {
    case 'create': {
      const pushed = await verbs.create?.(work.client, request);
      return pushed ? arrive(pushed) : skipped('This provider cannot make it.');
    }
    case 'update': {
      const pushed = await verbs.update?.(work.client, key, request);
      return pushed ? arrive(pushed) : skipped('This provider cannot change it.');
    }
    case 'remove': {
      const answer = await verbs.remove?.(work.client, key, request);
      if (answer) return isClosed(answer.closed, vanishedButUsed(answer.closed), generation);
      return { status: 'SUCCESS', details: {}, external: null, generation };
    }
    case 'link':
    case 'skip':
      throw new Error(`A ${entry.kind} is not sent.`);
  }
}

function generationOf(entry: LogEntry, subject: Subject, undoes: boolean): number {
  // A key of before means that it is made again, and so does an undo.
  const again = entry.kind === 'create' && (subject.key !== null || undoes);

  return (subject.generation ?? 1) + (again ? 1 : 0);
}

function requestOf(
  work: Work,
  flow: Flow,
  entry: LogEntry,
  subject: Subject,
  uncertain: boolean,
  generation: number,
): PushRequest | null {
  const values = localValues(flow, subject.local);
  const refs: Record<string, readonly string[]> = {};
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) {
    const keys = (subject.refs[name] ?? []).flatMap((target) =>
      target.key && target.state !== 'EXCLUDED' ? [target.key] : [],
    );
    if (ref.missing === 'wait' && keys.length === 0 && entry.kind === 'create') return null;
    refs[name] = keys;
  }
  const changed = entry.kind === 'update' ? Object.keys(entry.after ?? {}) : flow.merged;
  const about = { row: subject.local, settings: work.settings };
  let patch: Patch = {};
  for (const name of changed) {
    const field = (flow.stream.fields as Record<string, { write?(value: unknown, about: unknown): Patch } | undefined>)[
      name
    ];
    const ref = flow.stream.refs?.[name];
    if (field?.write) patch = mergePatches(patch, field.write(values[name] ?? null, about));
    const keys = refs[name] ?? [];
    // What is nobody's here may be somebody's there, unless both sides bring it.
    const emptied = flow.stream.born === 'both' && entry.kind === 'update';
    if (ref?.write && (keys.length > 0 || emptied)) patch = mergePatches(patch, ref.write(canonicalKeys(ref, keys)));
  }

  return {
    row: subject.local,
    refs,
    patch,
    changed,
    settings: work.settings,
    signal: work.signal,
    idempotencyKey: contentHash(work.run.integrationId, flow.name, subject.recordId, String(generation)),
    recordId: subject.recordId,
    sourcedId: subject.sourcedId,
    uncertain,
    handle: subject.handle,
    seen: subject.seen && partMarks(subject.seen).values,
  };
}

function arrived(flow: Flow, work: Work, pushed: Pushed<unknown>, generation: number): Outcome {
  if ('accepted' in pushed) {
    const { accepted } = pushed;
    return { status: 'SKIPPED', details: { why: 'in the making' }, external: null, accepted, generation };
  }
  const external = readExternal(flow, pushed.wire, work.settings);

  return { status: 'SUCCESS', details: pushed.note ? { note: pushed.note } : {}, external, generation };
}

function linked(entry: LogEntry): Outcome {
  return {
    status: 'SUCCESS',
    details: {},
    external: { key: entry.key ?? '', values: {}, refs: {}, ours: null },
    generation: 1,
  };
}

function skipped(why: string, code?: string): Outcome {
  return { status: 'SKIPPED', details: { why, ...(code && { code }) }, external: null, generation: 1 };
}

/** `told`: what the log says of it. */
function isClosed(closed: Blocker, told: Blocker, generation: number): Outcome {
  return { status: 'SKIPPED', details: { ...told }, external: null, closed, generation };
}

function failed(error: ProviderProblem, generation: number): Outcome {
  const stops = error instanceof SignInNeeded || error instanceof SetupProblem || error instanceof Wait;
  const { code, message, remedy, details } = error;

  return {
    status: error instanceof Moved ? 'SKIPPED' : 'FAILED',
    details: { code, message, remedy, turn: turnOf(error), ...details },
    external: null,
    generation,
    unanswered: error instanceof Unwell || error instanceof NotPermitted,
    ...(stops ? { stops: error } : {}),
  };
}

/**
 * An operation there is sent only while what it was planned on still holds: between plan and call another run may have
 * gone in between, or a person may have changed our record. What has moved is left to the next run.
 */
import type { LogEntry } from '../db/queries/engine/log.ts';
import type { SoughtRow } from '../db/queries/engine/mirror.ts';
import type { Value, Values } from '../model/entities.ts';
import { sameValue } from '../model/values.ts';
import { canonicalKeys, type Flow, localValues } from './flow.ts';
import { wakes } from './ignored.ts';
import { placeOf } from './plan-mirror.ts';

/** Why the operation is not sent; null: all is as it was. `entry.key` is the key the link had when the plan was made. */
export function movedSince(flow: Flow, entry: LogEntry, subject: SoughtRow): string | null {
  return moved(flow, entry, subject) ?? (subject.overtaken ? overtakenSince : null);
}

function moved(flow: Flow, entry: LogEntry, subject: SoughtRow): string | null {
  if (subject.linkState === 'EXCLUDED' && !wakes(subject))
    return 'A person has said to leave it, since the plan was made.';
  switch (entry.kind) {
    case 'link':
      return subject.key === null || subject.key === entry.key ? null : linkedMeanwhile;
    case 'create':
      if (subject.key !== entry.key) return linkedMeanwhile;
      return placeOf(flow, subject) === 'wanted' ? null : 'It is no longer to be mirrored, since the plan was made.';
    case 'update':
      if (subject.key !== entry.key) return linkedMeanwhile;
      return valueMoved(flow, entry, subject);
    case 'remove':
      // One that has moved to another place has another key by now: what is removed is the old place.
      if (subject.key !== entry.key) return null;
      // Or it is left for where another stands already, and keeps its key until then.
      if (entry.refs && Object.entries(entry.refs).every(([name, to]) => sameValue(keysOf(flow, subject, name), to)))
        return null;
      return placeOf(flow, subject) === 'wanted' ? 'It is to be mirrored again, since the plan was made.' : null;
    case 'skip':
      return null;
  }
}

/** Why an operation is left whose record another run, or a person's answer, has been at. */
export const overtakenSince = 'Another run has been at it since this one read it; the next run looks again.';

const linkedMeanwhile = 'Another run has linked it since the plan was made.';

function valueMoved(flow: Flow, entry: LogEntry, subject: SoughtRow): string | null {
  const ours = localValues(flow, subject.local);
  for (const [name, planned] of Object.entries(entry.after ?? {})) {
    const now = name in (flow.stream.refs ?? {}) ? keysOf(flow, subject, name) : ours[name];
    if (!sameValue(now, planned)) return 'It changed here since the plan was made; the next run looks again.';
  }
  const base = (entry.details?.base ?? {}) as Values;
  const settled = Object.entries(base).some(([name, planned]) => !sameValue(subject.base?.[name] ?? null, planned));

  return settled ? 'Another run has settled it since the plan was made.' : null;
}

function keysOf(flow: Flow, subject: SoughtRow, name: string): Value {
  const ref = flow.stream.refs?.[name];
  const keys = (subject.refs[name] ?? []).flatMap(({ key, state }) => (key && state !== 'EXCLUDED' ? [key] : []));

  return ref ? canonicalKeys(ref, keys) : keys;
}

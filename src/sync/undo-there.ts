/** An undo at the provider: what is sent, when it is not sent, and what the link says afterwards, so that no later run redoes it. */

import type { LinkChange } from '../db/queries/engine/link.ts';
import type { LogEntry } from '../db/queries/engine/log.ts';
import type { SoughtRow } from '../db/queries/engine/mirror.ts';
import { sameValue } from '../model/values.ts';
import { type External, type Flow, localValues } from './flow.ts';
import { placeOf } from './plan-mirror.ts';

/** Why the operation is not sent: the link has another key than when the undo was planned. */
export function undoMoved(entry: LogEntry, subject: SoughtRow): string | null {
  return subject.key === entry.key ? null : 'Another run has linked it anew since the plan was made.';
}

/** Our record as it is to be there again: the values of before, over what we say now. */
export function asBefore(flow: Flow, entry: LogEntry, subject: SoughtRow): SoughtRow {
  if (entry.kind === 'remove') return subject;
  const values = Object.entries(entry.after ?? {}).filter(([name]) => name in flow.stream.fields);

  return { ...subject, local: { ...subject.local, ...Object.fromEntries(values) } };
}

/**
 * What the link says once an operation is undone. Removed there while we still have it: left alone, as a person wants
 * it. Made again there while we do not mirror it: the same. Changed back: this pair of values is not asked about.
 */
export function linkAfterUndo(
  flow: Flow,
  entry: LogEntry,
  subject: SoughtRow,
  external: External | null,
): Partial<LinkChange> | 'forget' {
  const wanted = placeOf(flow, subject) === 'wanted';
  switch (entry.kind) {
    case 'remove':
      return wanted ? { key: null, state: 'EXCLUDED' } : 'forget';
    case 'create':
      return { state: wanted ? 'LINKED' : 'EXCLUDED' };
    default: {
      const ours = localValues(flow, subject.local);
      const pairs = Object.keys(entry.after ?? {}).flatMap((name) => {
        const [local, there] = [ours[name] ?? null, external?.values[name] ?? null];
        return sameValue(local, there) ? [] : [[name, { local, external: there }] as const];
      });
      return { decisions: pairs.length > 0 ? { ignored: Object.fromEntries(pairs) } : null };
    }
  }
}

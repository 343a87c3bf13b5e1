/** Records that a provider says must not be touched any more: what is remembered of it, and until when. Pure. */
import type { Blocker } from '../connectors/kit/contract.ts';
import type { LogEntry } from '../db/queries/engine/log.ts';
import type { MirrorRow } from '../db/queries/engine/mirror.ts';
import type { ClosedThere } from '../db/tables/link.ts';
import { contentHash, stableJson } from '../model/values.ts';
import type { Flow } from './flow.ts';
import type { Copy } from './mirror-facts.ts';
import type { Draft } from './plan.ts';

type Wish = Pick<LogEntry | Draft, 'kind' | 'before' | 'after'>;

/** What a link says of a wish that came to nothing: it ends when our values or theirs are others. */
export function closedTo({ kind, before, after }: Wish, { code, message, remedy }: Blocker): ClosedThere {
  return { code, message, remedy, content: contentHash(kind, stableJson(before), stableJson(after)) };
}

/**
 * What stands against this wish, by the record as it was read, or by what the provider has answered to the very same wish
 * before. Where a connector tells by the record itself, one that was read and says nothing is open again.
 */
export function closedAgainst(
  { stream }: Flow,
  { closed }: Pick<MirrorRow, 'closed'>,
  copy: Copy | null,
  wish: Draft,
): ClosedThere | null {
  const mark = copy?.marks[wish.kind === 'remove' ? 'remove' : 'update'];
  if (mark) return closedTo(wish, mark);
  if (closed === null || (copy !== null && stream.closed !== undefined)) return null;

  return closedTo(wish, closed).content === closed.content ? closed : null;
}

/** It was told already. */
export function isTold(row: Pick<MirrorRow, 'closed'>, { content }: ClosedThere): boolean {
  return row.closed?.content === content;
}

/** Nothing that is in use is removed: a person looks at it there, when they are told why. */
export function vanishedButUsed({ message, remedy }: Blocker): Blocker {
  return { code: 'VANISHED_BUT_USED', message: `It is no longer in Homeroom. ${message}`, remedy };
}

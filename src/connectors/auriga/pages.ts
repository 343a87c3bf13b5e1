/** What was read as pages of a stream, in the order of their keys, so that a pull goes on where it was broken off. */
import type { Finding, Pages } from '../kit/contract.ts';

const pageSize = 200;

/** Those without a key come first, on the first page, and a checkpoint is the last key of a page. */
export async function* inPages(
  records: readonly { id: string }[],
  { checkpoint, signal }: { checkpoint: string | null; signal: AbortSignal },
  unsteady: boolean,
): Pages {
  const inOrder = records.toSorted((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0));
  const left = checkpoint === null ? inOrder : inOrder.filter(({ id }) => id > checkpoint);
  for (let start = 0; start === 0 || start < left.length; start += pageSize) {
    signal.throwIfAborted();
    const page = left.slice(start, start + pageSize);
    const isLast = start + pageSize >= left.length;
    yield {
      records: page,
      next: isLast ? null : (page.at(-1)?.id ?? null),
      total: records.length,
      ...(isLast && unsteady && { doubt: listMoved }),
    };
  }
}

const listMoved: Finding = {
  code: 'FAVORITE_UNSTEADY',
  message:
    'The favourite changed while it was read, or has another length than Auriga says, twice in a row. What came is taken; nothing is removed in this sync.',
  remedy: 'Nothing to do if it passes by itself; otherwise sync at an hour when nobody plans in Auriga.',
  refuses: false,
};

/** Walking through Google's lists page by page, and asking for several things side by side. */
import { z } from 'zod';
import type { Page, Pages } from '../kit/contract.ts';
import { Refused } from '../kit/errors.ts';

export interface ListPage {
  records: readonly unknown[];
  nextPageToken?: string | undefined;
}

/** A record as Google sent it, for a page: the stream's `wire` reads it later. */
export const rawRecord = z.looseObject({});

/** How many reads may be under way at once: enough to use a quota of 20 calls a second at 200 ms an answer. */
const sideBySide = 5;

/**
 * All pages of a list, from `checkpoint` on, whose value is a page token. A token that Google no longer takes (they age, and
 * are bound to the query) starts the list anew: records that come twice do no harm, a gap would.
 */
export async function* listPages(
  checkpoint: string | null,
  fetchPage: (pageToken: string | undefined) => Promise<ListPage>,
): Pages {
  let page: ListPage;
  try {
    page = await fetchPage(checkpoint ?? undefined);
  } catch (error) {
    if (checkpoint === null || !(error instanceof Refused)) throw error;
    page = await fetchPage(undefined);
  }

  for (;;) {
    const next = page.nextPageToken ?? '';
    yield { records: page.records, next: next === '' ? null : next };
    if (next === '') return;
    page = await fetchPage(next);
  }
}

/** All records of a list that is short enough to hold. */
export async function listAll(fetchPage: (pageToken: string | undefined) => Promise<ListPage>): Promise<unknown[]> {
  const records: unknown[] = [];
  for await (const page of listPages(null, fetchPage)) records.push(...page.records);
  return records;
}

/** Reads for each item, a few at a time; a page is what a few gave, and its `next` the name of the last of them. */
export async function* readInGroups<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  read: (item: Item) => Promise<readonly unknown[]>,
): AsyncGenerator<Page, void, undefined> {
  if (items.length === 0) yield { records: [], next: null };

  for (let from = 0; from < items.length; from += sideBySide) {
    const group = items.slice(from, from + sideBySide);
    const records = (await Promise.all(group.map(read))).flat();
    const last = from + sideBySide < items.length ? group.at(-1) : undefined;
    yield { records, next: last === undefined ? null : nameOf(last) };
  }
}

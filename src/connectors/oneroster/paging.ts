/** Walking through a collection so that no record is left out, whatever the server does with limits, links and totals. */
import { pagesWrong } from './problems.ts';
import { keyOf } from './values.ts';

/** Where a page begins. */
export interface Place {
  /** Records received before it, which is also its offset. */
  offset: number;
  /** The link that leads to it, where the server gave one. */
  url: string | null;
  /** Pages before it. */
  pages: number;
  /** First sourcedId of the page before it. */
  first: string | null;
  /**
   * The sourcedId before it, where nothing else tells that the list moved while we read, neither links nor a total: the page
   * is asked for from that record on, and must begin with it.
   */
  lead: string | null;
}

export interface Fetched {
  records: readonly unknown[];
  /** Of a page that was not parsed, for it is as it was: how many records it has, and the first and last one's sourcedId. */
  recalled?: { count: number; first: string | null; last: string | null } | undefined;
  /** The `next` link, absolute. */
  next: string | null;
  /** X-Total-Count. */
  total: number | undefined;
}

export const start: Place = { offset: 0, url: null, pages: 0, first: null, lead: null };

const mostPages = 10_000;

/**
 * Yields every page and where the next one begins, null after the last. A page that is shorter than its limit ends nothing,
 * for servers cut limits silently: links are followed while there are any, else the total counts, and without a total only
 * an empty page is the end ("OneRoster 1.2 REST", pagination; X-Total-Count and Link are both optional there).
 * Throws `UnexpectedShape` when the server goes in circles or does not come to an end.
 */
export async function* walk<F extends Fetched>(
  collection: string,
  from: Place,
  fetchPage: (place: Place) => Promise<F>,
): AsyncGenerator<{ fetched: F; next: Place | null }, void, undefined> {
  const firsts = new Set<string>(from.first === null ? [] : [from.first]);
  for (let place: Place | null = from; place !== null; ) {
    if (place.pages >= mostPages) throw pagesWrong(collection, 'it does not come to an end.', { pages: place.pages });

    const fetched: F = await fetchPage(place);
    const { first } = extentOf(fetched);
    if (first !== undefined && firsts.has(first)) {
      throw pagesWrong(collection, 'the SIS sends the same page again.', { pages: place.pages });
    }
    if (first !== undefined) firsts.add(first);

    place = nextPlace(collection, place, fetched);
    yield { fetched, next: place };
  }
}

function extentOf({ records, recalled }: Fetched): { count: number; first: string | undefined; last: string | null } {
  if (recalled) return { ...recalled, first: recalled.first ?? undefined };
  return { count: records.length, first: keyOf(records[0]), last: keyOf(records.at(-1)) ?? null };
}

function nextPlace(collection: string, place: Place, fetched: Fetched): Place | null {
  const { next, total } = fetched;
  const { count, first, last } = extentOf(fetched);
  const offset = place.offset + count;
  const after = { offset, pages: place.pages + 1, first: first ?? place.first, lead: null };
  if (next !== null) {
    if (next === place.url) {
      throw pagesWrong(collection, 'the link to the next page leads to the same page.', { pages: place.pages });
    }
    return { ...after, url: next };
  }
  // Where links run out, or a page is empty, before the total is reached, that is noticed by who counts afterwards.
  const ends = count === 0 || (total !== undefined && (offset >= total || place.url !== null));
  return ends ? null : { ...after, url: null, lead: total === undefined ? last : null };
}

/**
 * The target of `rel="next"` in a Link header (RFC 8288), null when there is none. Servers behind a proxy name their inner
 * scheme or port: a link to the same host is taken to the origin we were told, a link to another host is refused.
 */
export function nextLink(collection: string, header: string | null, current: string): string | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    const [, quoted, plain] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i.exec(parameters) ?? [];
    const relations = (quoted ?? plain ?? '').toLowerCase().split(/\s+/);
    if (!relations.includes('next')) continue;

    const url = URL.parse(target, current);
    const here = new URL(current);
    if (url === null || url.hostname !== here.hostname) {
      throw pagesWrong(collection, 'the link to the next page leads to another host.');
    }
    return here.origin + url.pathname + url.search;
  }
  return null;
}

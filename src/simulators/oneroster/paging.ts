/** Limit and offset of a collection, and the headers that tell where the other pages are. */
import { RequestProblem } from './errors.ts';
import { percentEncode } from './percent-encoding.ts';
import type { Quirk } from './quirks.ts';

export interface Page {
  offset: number;
  limit: number;
}

const DEFAULT_LIMIT = 100;
const QUIRKY_CAP = 500;

/** Reads limit and offset; the limit is cut to the server's cap without a word. Throws a RequestProblem on nonsense. */
export function readPage(query: URLSearchParams, pageCap: number | undefined, quirks: ReadonlySet<Quirk>): Page {
  const asked = readNumber(query, 'limit', DEFAULT_LIMIT, 1);
  const offset = readNumber(query, 'offset', 0, 0);
  const cap = pageCap ?? (quirks.has('silent-cap') ? QUIRKY_CAP : Infinity);
  return { limit: Math.min(asked, cap), offset: quirks.has('ignored-offset') ? 0 : offset };
}

function readNumber(query: URLSearchParams, name: string, usual: number, least: number): number {
  const text = query.get(name);
  if (text === null) return usual;

  const value = Number(text);
  if (/^\d+$/u.test(text) && value >= least) return value;
  throw new RequestProblem(400, 'invaliddata', `${name} must be a whole number of at least ${least}`);
}

/**
 * X-Total-Count and Link (RFC 8288) of a page.
 *
 * @param url absolute address of the collection without its query.
 * @param revision goes up with every change of the data.
 */
export function pageHeaders(
  { offset, limit }: Page,
  total: number,
  about: { url: string; query: URLSearchParams; quirks: ReadonlySet<Quirk>; revision: number },
): Record<string, string> {
  const { url, query, quirks, revision } = about;
  const told = String(quirks.has('inflated-total') ? total + 1 : total);
  const link = (relation: string, start: number) => `<${url}?${pageQuery(query, start, limit)}>; rel="${relation}"`;
  const last = total === 0 ? 0 : Math.floor((total - 1) / limit) * limit;
  const links = [
    ...(offset + limit < total ? [link('next', quirks.has('next-link-loops') ? offset : offset + limit)] : []),
    ...(offset > 0 ? [link('prev', Math.max(0, offset - limit))] : []),
    link('first', 0),
    link('last', last),
  ];

  return {
    ...(!quirks.has('no-total') && !quirks.has('other-headers') && { 'X-Total-Count': told }),
    ...(quirks.has('other-headers') && { 'x-count': told, 'x-perm-rev': String(revision) }),
    ...(!quirks.has('no-link') && { Link: links.join(', ') }),
  };
}

/** The query of another page: filter, sort and fields as they were. */
function pageQuery(query: URLSearchParams, offset: number, limit: number): string {
  const rest = [...query].filter(([name]) => name !== 'limit' && name !== 'offset');
  const all = [...rest, ['limit', String(limit)], ['offset', String(offset)]] as const;
  return all.map((pair) => pair.map((part) => percentEncode(part ?? '')).join('=')).join('&');
}

/**
 * How a saved query ("favourite") is read. Auriga publishes no documentation of this: everything assumed about address,
 * paging and answer stands in this file and nowhere else.
 */
import { z } from 'zod';
import { type ProblemFacts, SetupProblem } from '../kit/errors.ts';
import type { AurigaClient } from './client.ts';
import type { Row } from './columns.ts';

/** The most rows a page may have. A server that gives fewer than asked for says how many pages that makes. */
export const mostRows = 500;
/** No school has so many sessions: what goes on for longer does not end. */
const mostPages = 2_000;

const count = z.int().nonnegative();
const grid = z.object({
  totalElements: count.optional().catch(undefined),
  totalPages: count.optional().catch(undefined),
  content: z.object({
    columns: z.array(z.union([z.string(), z.object({ label: z.string() }).transform(({ label }) => label)])).optional(),
    lines: z.array(z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])),
  }),
});

export interface Grid {
  headings: readonly string[];
  rows: readonly Row[];
  /** The list moved while it was read, twice, or has another length than the server says: somebody may be missing. */
  unsteady: boolean;
}

/** The whole favourite. When its length changes between two pages it is read once more from the first. */
export async function readFavorite(
  client: AurigaClient,
  favorite: { id: string; name: string },
  signal: AbortSignal,
): Promise<Grid> {
  const first = await readOnce(client, favorite, signal);

  return first.unsteady ? readOnce(client, favorite, signal) : first;
}

/** The first row, to see whether the favourite can be read at all. */
export async function peekFavorite(
  client: AurigaClient,
  favorite: { id: string; name: string },
  signal: AbortSignal,
): Promise<Grid> {
  const { content } = await fetchPage(client, favorite, { page: 1, size: 1 }, signal, 1);

  return { headings: content.columns ?? [], rows: content.lines, unsteady: false };
}

async function readOnce(
  client: AurigaClient,
  favorite: { id: string; name: string },
  signal: AbortSignal,
): Promise<Grid> {
  const rows: Row[] = [];
  let headings: readonly string[] = [];
  let total: number | undefined;
  let moved = false;
  const size = client.settings.pageSize;
  for (let page = 1; page <= mostPages; page += 1) {
    const { content, totalElements, totalPages } = await fetchPage(client, favorite, { page, size }, signal);
    if (page === 1) headings = content.columns ?? [];
    moved ||= total !== undefined && totalElements !== undefined && totalElements !== total;
    total = totalElements ?? total;
    rows.push(...content.lines);
    if (content.lines.length === 0 || (totalPages !== undefined && page >= totalPages)) break;
  }

  return { headings, rows, unsteady: moved || (total !== undefined && total !== rows.length) };
}

function fetchPage(
  client: AurigaClient,
  { id, name }: { id: string; name: string },
  { page, size }: { page: number; size: number },
  signal: AbortSignal,
  attempts?: number,
) {
  const query = new URLSearchParams({
    size: String(size),
    page: String(page),
    sort: 'id',
    disableWarnings: 'true',
  });

  return client.post(`/api/favoriteQueries/${encodeURIComponent(id)}/searchResult?${query}`, grid, signal, {
    doing: `read the ${name} favourite`,
    attempts,
    notFound: (facts: ProblemFacts) =>
      new SetupProblem({
        ...facts,
        code: 'auriga_favorite_unknown',
        message: `Auriga has no favourite with the id of the ${name} favourite.`,
        remedy: 'Look the id up in Auriga and enter it again. It changes when the favourite is made anew.',
      }),
  });
}

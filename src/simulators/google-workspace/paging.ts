// Pages and their tokens: opaque, and good only for the query that they came from.
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Where in a list a page ends; lists are kept in ascending order of it. */
export type PageKey = number | string;

export interface PageAsked {
  readonly size: number;
  /** The token that was sent, if any. */
  readonly token: string | undefined;
  /** Everything that must be equal between two pages: method, caller, path, query without the token. */
  readonly binding: string;
  readonly now: Date;
  /** How long a token is good for; for ever when absent. */
  readonly lifetimeMs?: number;
}

const tokenContent = z.tuple([z.union([z.number(), z.string()]), z.string(), z.number()]);

/** Cuts a page out of `items`. Undefined when the token is not one of this query, or too old. */
export function cutPage<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => PageKey,
  asked: PageAsked,
): { items: Item[]; nextPageToken?: string } | undefined {
  const after = asked.token === undefined || asked.token === '' ? undefined : readToken(asked.token, asked);
  if (after === null) return undefined;

  const page: Item[] = [];
  for (const item of items) {
    if (after !== undefined && keyOf(item) <= after) continue;
    const last = page.at(-1);
    if (page.length === asked.size && last !== undefined) {
      return { items: page, nextPageToken: writeToken(keyOf(last), asked) };
    }
    page.push(item);
  }
  return { items: page };
}

function writeToken(key: PageKey, { binding, now }: PageAsked): string {
  return Buffer.from(JSON.stringify([key, fingerprint(binding), now.getTime()])).toString('base64url');
}

function readToken(token: string, { binding, now, lifetimeMs = Infinity }: PageAsked): PageKey | null {
  const content = tokenContent.safeParse(parseJson(Buffer.from(token, 'base64url').toString('utf8')));
  if (!content.success) return null;

  const [key, print, writtenAt] = content.data;
  return print === fingerprint(binding) && now.getTime() - writtenAt <= lifetimeMs ? key : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

/** Walking through Edusign's lists, and looking several records up side by side. */
import { z } from 'zod';
import type { From, Page, Pages, Sought } from '../kit/contract.ts';
import { type EdusignClient, rawRecord, read } from './client.ts';
import { isNotFound } from './envelope.ts';

/** How many records a page holds. */
export const pageSizes = { others: 100, sheets: 40 } as const;

/** How many look-ups may be under way at once. */
const sideBySide = 4;

/**
 * All pages of a list; the checkpoint is the number of the page to go on with. A page that is not full is the last one. What
 * comes, goes or moves meanwhile may shift a record over a page's edge: twice does no harm, and a gap heals in the next run.
 */
export async function* listPages(
  { client, signal, checkpoint }: From<EdusignClient>,
  list: { doing: string; path: string; size: number; query?: Readonly<Record<string, string>> },
): Pages {
  const { doing, path, size, query = {} } = list;
  for (let page = Number(checkpoint ?? 0); ; page += 1) {
    const search = new URLSearchParams({ page: String(page), ...query });
    const records = await read(client, { doing, path: `${path}?${search}`, shape: z.array(z.unknown()), signal });
    const last = records.length < size;
    yield { records, next: last ? null : String(page + 1) };
    if (last) return;
  }
}

/** Looks up each record asked for: by its id there, else by the id that it has with us. */
export async function* lookUp(
  { signal, checkpoint }: From<EdusignClient>,
  asked: readonly Sought[],
  find: (sought: Sought, signal: AbortSignal) => Promise<unknown>,
): AsyncGenerator<Page, void, undefined> {
  const left = checkpoint === null ? asked : asked.slice(Number(checkpoint));
  const done = asked.length - left.length;
  if (left.length === 0) yield { records: [], next: null };
  for (let from = 0; from < left.length; from += sideBySide) {
    signal.throwIfAborted();
    const group = left.slice(from, from + sideBySide);
    const found = await Promise.all(group.map((sought) => find(sought, signal)));
    const next = from + sideBySide < left.length ? String(done + from + sideBySide) : null;
    yield { records: found.filter((record) => record !== undefined), next };
  }
}

/** What kind of record a look-up is about, as the paths name it. */
export type Noun = 'student' | 'professor' | 'group' | 'course';

/** The record of that id at Edusign. */
export function readById(client: EdusignClient, noun: Noun, id: string, signal: AbortSignal): Promise<unknown> {
  const path = `/v1/${noun}/${encodeURIComponent(id)}`;
  return orNothing(read(client, { doing: `look up a ${nounNames[noun]}`, path, shape: rawRecord, signal }));
}

/** The record that carries our id. */
export async function readByOurs(
  client: EdusignClient,
  noun: Noun,
  apiId: string,
  signal: AbortSignal,
): Promise<unknown> {
  const path = `/v1/${noun}/get-id/${encodeURIComponent(apiId)}`;
  const doing = `look up a ${nounNames[noun]}`;
  const id = await orNothing(read(client, { doing, path, shape: foundId, signal }));
  return id === undefined ? undefined : readById(client, noun, id, signal);
}

const nounNames = { student: 'learner', professor: 'instructor', group: 'group', course: 'sheet' } as const;

/** Only the id, bare or in an object. */
const foundId = z.union([z.string().min(1), z.object({ ID: z.string().min(1) }).transform(({ ID }) => ID)]);

/** Undefined when Edusign does not know it. */
export async function orNothing<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The id by which Edusign is to know a record of ours: the one its source gave it, which stays when Homeroom does not. */
export function apiIdOf({ sourcedId, recordId }: { sourcedId: string | null; recordId: string }): string {
  return sourcedId ?? recordId;
}

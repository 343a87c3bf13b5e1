/** What the reading of a collection needs of a page: kept with it, so that a page that comes back as it was is not parsed. */
import { z } from 'zod';
import { newestOf } from './mark.ts';
import { hashesOf } from './tally.ts';
import { keyOf } from './values.ts';

export interface PageFacts {
  /** Records on it, before any choice. */
  count: number;
  /** The first one's sourcedId. */
  first: string | null;
  /** The last one's sourcedId. */
  last: string | null;
  /** The record before them with which it began, where it was asked for from there on. */
  lead: string | null;
  /** Its newest `dateLastModified`. */
  newest: string | null;
  /** Its ids as the tally takes them. */
  ids: Float64Array;
}

/** @param before records on the pages before it. @param seed of the tally's hashes. */
export function factsOf(
  { records, lead }: { records: readonly unknown[]; lead: string | null },
  before: number,
  seed: number,
): PageFacts {
  // A record without a usable id counts as well: whoever parses it tells about it.
  const ids = records.map((record, place) => keyOf(record) ?? `\0${before + place}`);

  return {
    count: records.length,
    first: keyOf(records[0]) ?? null,
    last: keyOf(records.at(-1)) ?? null,
    lead,
    newest: newestOf(records, null),
    ids: hashesOf(ids, seed),
  };
}

const note = z.object({
  count: z.int(),
  first: z.string().nullable(),
  last: z.string().nullable(),
  lead: z.string().nullable(),
  newest: z.string().nullable(),
  ids: z.base64(),
});

export function toNote({ ids, ...rest }: PageFacts): string {
  const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);

  return JSON.stringify({ ...rest, ids: bytes.toString('base64') });
}

/** Undefined for a note that another version wrote. */
export function fromNote(text: string): PageFacts | undefined {
  const read = note.safeParse(JSON.parse(text)).data;
  if (read === undefined) return undefined;
  // Into memory of its own: numbers of eight bytes must lie at a multiple of eight.
  const bytes = Uint8Array.from(Buffer.from(read.ids, 'base64'));

  return bytes.byteLength === read.count * 8 ? { ...read, ids: new Float64Array(bytes.buffer) } : undefined;
}

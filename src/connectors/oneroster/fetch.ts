/** One page of a collection, asked for with as many options as the server takes. */
import { z } from 'zod';
import { percentEncode } from '../kit/auth/oauth1.ts';
import { NotPermitted, Refused, SetupProblem, UnexpectedShape } from '../kit/errors.ts';
import { bodyDigest } from '../kit/http.ts';
import { readJson } from '../kit/read-json.ts';
import type { OneRosterClient } from './client.ts';
import { recordsIn } from './envelope.ts';
import { fromNote, type PageFacts } from './page-facts.ts';
import { type Fetched, nextLink, type Place } from './paging.ts';
import { about, requestRefused } from './problems.ts';
import { keyOf } from './values.ts';

export interface Collection {
  /** The last word of its path. */
  name: string;
  /** Envelope words it was seen under, the standard's first. */
  words: readonly string[];
  /** Some servers do not offer it, or not to everybody: then it is empty. */
  optional?: true;
}

/** Asked for until the server refuses them: the order makes pages steady, the filter saves time, the limit saves calls. */
export const option = z.enum(['sort', 'filter', 'limit']);
export type Option = z.infer<typeof option>;

export interface FetchedPage extends Fetched {
  /** Not parsed: it is as it was when these were noted. */
  recalled?: PageFacts | undefined;
  /** Of its bytes and of what is chosen by; null where nobody remembers pages. */
  digest: string | null;
  /** ClassLink's revision of the shared data, which changes with it. */
  revision: string | null;
  /** The record before it with which it began, as it was asked to; null where none was asked for, or another came. */
  lead: string | null;
  /** False when another record stands where the last one stood: the list has moved. */
  steady: boolean;
}

export interface Question {
  client: OneRosterClient;
  collection: Collection;
  /** `status='active'`, or what changed since a mark. */
  filter: string;
  signal: AbortSignal;
  /** How pages are known again, and what is chosen from them by, besides their bytes; null to read them all. */
  memory: { recall(place: string, digest: string): Promise<string | null>; choice: string } | null;
}

const body = z.record(z.string(), z.unknown());

/**
 * The page at `place`. On a refusal of the first page it leaves options away, first the one the server names, else one after
 * the other, and notes them in `refused`. A filter that is refused costs nothing but time: more records come.
 */
export async function fetchPage(question: Question, place: Place, refused: Set<Option>): Promise<FetchedPage> {
  const { collection } = question;
  for (;;) {
    try {
      const fetched = await fetchOnce(question, place, refused);
      const steady = fetched.lead === place.lead || place.lead === null;
      // Behind the record before it comes nothing: the end, unless the server gives one record at a time.
      const page = isOnlyLead(fetched) ? await fetchOnce(question, { ...place, lead: null }, refused) : fetched;

      return { ...page, steady };
    } catch (error) {
      if (collection.optional && place.pages === 0 && isNotOffered(error)) {
        return { records: [], next: null, total: undefined, revision: null, digest: null, lead: null, steady: true };
      }
      if (!(error instanceof Refused)) throw error;

      const left = option.options.filter((one) => !refused.has(one));
      const given = left.find((one) => String(error.details.reason).includes(one)) ?? left[0];
      if (place.pages > 0 || given === undefined) throw requestRefused(`read ${collection.name}`, error.details);
      refused.add(given);
    }
  }
}

async function fetchOnce(
  question: Question,
  place: Place,
  refused: ReadonlySet<Option>,
): Promise<Omit<FetchedPage, 'steady'>> {
  const { client, collection, signal } = question;
  const doing = `read ${collection.name}`;
  const url = addressOf(question, place, refused);
  const response = await client.get(url, doing, signal);
  const { headers } = response;
  const rest = {
    next: nextLink(collection.name, headers.get('link'), url),
    total: wholeNumber(headers.get('x-total-count')),
    revision: headers.get('x-perm-rev'),
  };
  const digest = digestOf(question, response);
  const noted = digest && (await question.memory?.recall(placeOf(place), digest));
  const recalled = noted ? fromNote(noted) : undefined;
  if (recalled) return { ...rest, records: [], recalled, digest, lead: recalled.lead };

  const records = recordsIn(await readJson(response, body, { ...about, doing }), collection.words);
  if (records === undefined) {
    throw new UnexpectedShape({
      code: 'oneroster_no_records',
      message: `Homeroom cannot ${doing}: the answer of the SIS holds no such list.`,
      remedy: 'Check the address in the settings; if it is right, tell the provider.',
      details: { status: response.status },
    });
  }

  const lead = place.lead !== null && keyOf(records[0]) === place.lead ? place.lead : null;
  return { ...rest, records: lead === null ? records : records.slice(1), digest, lead };
}

function isOnlyLead({ records, recalled, lead }: Omit<FetchedPage, 'steady'>): boolean {
  return lead !== null && (recalled?.count ?? records.length) === 0;
}

/** Pages of a collection by their number: no two stand at one place. */
export function placeOf({ pages }: Pick<Place, 'pages'>): string {
  return String(pages);
}

function digestOf({ memory }: Question, response: Response): string | null {
  const digest = memory === null ? undefined : bodyDigest(response);
  return memory === null || digest === undefined ? null : digest + memory.choice;
}

/** Where a page is asked for, with the record before it where that tells whether the list moved. */
export function addressOf(
  { client, collection, filter }: Question,
  place: Place,
  refused: ReadonlySet<Option>,
): string {
  if (place.url !== null) return place.url;
  const offset = place.offset - (place.lead === null ? 0 : 1);
  const query: [string, string][] = [['offset', String(offset)]];
  if (!refused.has('limit')) query.unshift(['limit', String(client.settings.pageSize)]);
  if (!refused.has('filter')) query.push(['filter', filter]);
  if (!refused.has('sort')) query.push(['sort', 'sourcedId']);

  // Spaces as %20 and quotes encoded: anything else breaks signatures and some parsers.
  return `${client.base}/${collection.name}?${query.map(([name, value]) => `${name}=${percentEncode(value)}`).join('&')}`;
}

function isNotOffered(error: unknown): boolean {
  return error instanceof NotPermitted || (error instanceof SetupProblem && error.details.status === 404);
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
}

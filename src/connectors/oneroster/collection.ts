/** One collection of a SIS, whole or what changed: pages of records that are complete or said not to be. */
import { z } from 'zod';
import { percentEncode } from '../kit/auth/oauth1.ts';
import type { From, Page, Pages, Pull } from '../kit/contract.ts';
import { NotPermitted, Refused, SetupProblem, UnexpectedShape } from '../kit/errors.ts';
import { readJson } from '../kit/read-json.ts';
import type { OneRosterClient } from './client.ts';
import { recordsIn } from './envelope.ts';
import { earlier, newestOf } from './mark.ts';
import { type Fetched, nextLink, type Place, start, walk } from './paging.ts';
import { about, pagesWrong, requestRefused } from './problems.ts';
import { createTally } from './tally.ts';
import { keyOf } from './values.ts';

export interface Collection {
  /** The last word of its path. */
  name: string;
  /** Envelope words it was seen under, the standard's first. */
  words: readonly string[];
  /** Some servers do not offer it, or not to everybody: then it is empty. */
  optional?: true;
  /** Whether a record is one of the chosen school's. Absent: all are. */
  belongs?: (record: Readonly<Record<string, unknown>>, schools: Schools) => boolean;
}

export interface Schools {
  chosen: string;
  /** sourcedIds of all other orgs that are schools. */
  others: ReadonlySet<string>;
}

/** Filters, orders and limits are asked for until the server refuses them; what they would have done is done here. */
const option = z.enum(['sort', 'filter', 'limit']);
type Option = z.infer<typeof option>;

const state = z.object({
  round: z.int(),
  place: z.object({ offset: z.int(), url: z.string().nullable(), pages: z.int(), first: z.string().nullable() }),
  refused: z.array(option),
  newest: z.string().nullable(),
  total: z.int().nullable(),
  revision: z.string().nullable(),
  /** Records went away while we read, so that one may have slipped from an unread page to a read one. */
  moved: z.boolean(),
});
type State = z.infer<typeof state>;

const fresh: State = { round: 1, place: start, refused: [], newest: null, total: null, revision: null, moved: false };

/** How often a collection is read before we give up on it, when what came is not what the server counts. */
const mostRounds = 3;
/** Milliseconds a mark lies before the newest change: clocks of a cluster differ, and transactions commit late. */
const overlap = 300_000;

const body = z.record(z.string(), z.unknown());

interface FetchedPage extends Fetched {
  revision: string | null;
  serverTime: number;
}

/** Snapshots and changes of a collection, for its stream. */
export function pullOf(collection: Collection): Pull<OneRosterClient> {
  return {
    all: (from) => readCollection(collection, from, null),
    since: (from, mark) => readCollection(collection, from, mark),
  };
}

/**
 * Reads a collection page by page. With a `mark` only what changed since; a record that belongs to another school by now is
 * then told as one to be deleted. At the end the different records that came are compared with the server's total: when
 * they differ all is read again, and after three rounds an `UnexpectedShape` is thrown, so that no absence is believed. A
 * record may come more than once; the last one is the newest.
 */
export async function* readCollection(
  collection: Collection,
  from: Pick<From<OneRosterClient>, 'client' | 'signal' | 'checkpoint'>,
  mark: string | null,
): Pages {
  const { client, signal } = from;
  const belongs = await schoolFilter(collection, client, signal);
  let round: State | null = readState(from.checkpoint);
  while (round !== null) {
    round = yield* readRound(collection, client, signal, round, { mark, belongs });
  }
}

interface Wanted {
  mark: string | null;
  belongs: ((record: unknown) => boolean) | null;
}

/** One time through all pages; answers how the next round begins, null when this one was complete. */
async function* readRound(
  collection: Collection,
  client: OneRosterClient,
  signal: AbortSignal,
  begin: State,
  { mark, belongs }: Wanted,
): AsyncGenerator<Page, State | null, undefined> {
  const tally = createTally(begin.round);
  const refused = new Set<Option>(begin.refused);
  let { newest, total, revision, moved } = begin;

  const fetchPage = async (place: Place) => {
    const fetched = await fetchWithFewerOptions(collection, client, signal, place, mark, refused);
    // A server whose links skip records is read by counting the second time, where it tells how many there are.
    return begin.round > 1 && fetched.total !== undefined ? { ...fetched, next: null } : fetched;
  };

  for await (const { fetched, next } of walk(collection.name, begin.place, fetchPage)) {
    const { records } = fetched;
    tally.add(idsOf(records));
    newest = newestOf(records, newest, fetched.serverTime);
    moved ||= total !== null && fetched.total !== undefined && fetched.total < total;
    moved ||= revision !== null && fetched.revision !== null && fetched.revision !== revision;
    total = fetched.total ?? total;
    revision ??= fetched.revision;

    const kept = belongs === null ? records : keep(records, belongs, mark !== null);
    const page = { records: kept, ...(belongs === null && total !== null && { total }) };
    if (next !== null) {
      const now: State = { round: begin.round, place: next, refused: [...refused], newest, total, revision, moved };
      yield { ...page, next: JSON.stringify(now) };
      continue;
    }

    const received = begin.place.offset + tally.distinct();
    if (!moved && (fetched.total === undefined || fetched.total === received)) {
      const until = newest === null ? mark : (earlier(newest, overlap) ?? mark);
      yield { ...page, next: null, ...(until !== null && { mark: until }) };
      return null;
    }
    if (begin.round >= mostRounds) {
      const why = 'what came is not what the SIS counts.';
      throw pagesWrong(collection.name, why, { received, total: fetched.total ?? null, moved });
    }
    const again: State = { ...fresh, round: begin.round + 1, refused: [...refused], newest };
    yield { ...page, next: JSON.stringify(again) };
    return again;
  }
  return null;
}

/** Leaves away what the server refuses: first what it names, else the order, the filter, the limit, one after the other. */
async function fetchWithFewerOptions(
  collection: Collection,
  client: OneRosterClient,
  signal: AbortSignal,
  place: Place,
  mark: string | null,
  refused: Set<Option>,
): Promise<FetchedPage> {
  for (;;) {
    try {
      return await fetchOnce(collection, client, signal, place, mark, refused);
    } catch (error) {
      if (collection.optional && place.pages === 0 && isNotOffered(error)) {
        return { records: [], next: null, total: undefined, revision: null, serverTime: Number.POSITIVE_INFINITY };
      }
      if (!(error instanceof Refused)) throw error;

      const left = option.options.filter((one) => !refused.has(one));
      const named = left.find((one) => String(error.details.reason).includes(one));
      const next = named ?? left[0];
      if (place.pages > 0 || next === undefined) throw requestRefused(`read ${collection.name}`, error.details);
      refused.add(next);
    }
  }
}

function isNotOffered(error: unknown): boolean {
  return error instanceof NotPermitted || (error instanceof SetupProblem && error.details.status === 404);
}

async function fetchOnce(
  collection: Collection,
  client: OneRosterClient,
  signal: AbortSignal,
  place: Place,
  mark: string | null,
  refused: ReadonlySet<Option>,
): Promise<FetchedPage> {
  const doing = `read ${collection.name}`;
  const filter = mark === null ? "status='active'" : `dateLastModified>='${mark}'`;
  const query = [
    ...(refused.has('limit') ? [] : [['limit', String(client.settings.pageSize)]]),
    ['offset', String(place.offset)],
    ...(refused.has('filter') ? [] : [['filter', filter]]),
    ...(refused.has('sort') ? [] : [['sort', 'sourcedId']]),
  ];
  const search = query.map(([name = '', value = '']) => `${name}=${percentEncode(value)}`).join('&');
  const url = place.url ?? `${client.base}/${collection.name}?${search}`;

  const response = await client.get(url, doing, signal);
  const { headers } = response;
  const records = recordsIn(await readJson(response, body, { ...about, doing }), collection.words);
  if (records === undefined) {
    throw new UnexpectedShape({
      code: 'oneroster_no_records',
      message: `Homeroom cannot ${doing}: the answer of the SIS holds no such list.`,
      remedy: 'Check the address in the settings; if it is right, tell the provider.',
      details: { status: response.status },
    });
  }

  return {
    records,
    next: nextLink(collection.name, headers.get('link'), url),
    total: wholeNumber(headers.get('x-total-count')),
    // ClassLink's revision of the shared data.
    revision: headers.get('x-perm-rev'),
    serverTime: Date.parse(headers.get('date') ?? '') || Number.POSITIVE_INFINITY,
  };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
}

/** A checkpoint is ours; one that an older version wrote is read as none, and the collection from its beginning. */
function readState(checkpoint: string | null): State {
  return checkpoint === null ? fresh : (state.safeParse(JSON.parse(checkpoint)).data ?? fresh);
}

function* idsOf(records: readonly unknown[]): Iterable<string> {
  for (const record of records) {
    const id = keyOf(record);
    if (id !== undefined) yield id;
  }
}

/** Of changes, a record that went to another school is gone from ours; of a snapshot it is simply left out. */
function keep(records: readonly unknown[], belongs: (record: unknown) => boolean, changes: boolean): readonly unknown[] {
  if (!changes) return records.filter(belongs);
  return records.map((record) => (belongs(record) ? record : { sourcedId: keyOf(record), status: 'tobedeleted' }));
}

async function schoolFilter(
  { belongs }: Collection,
  client: OneRosterClient,
  signal: AbortSignal,
): Promise<Wanted['belongs']> {
  const chosen = client.settings.schoolSourcedId;
  if (chosen === undefined || belongs === undefined) return null;

  const schools = { chosen, others: await otherSchools(client, chosen, signal) };
  return (record) => typeof record !== 'object' || record === null || belongs({ ...record }, schools);
}

/** Asked once for a connection, for the collections that need it. */
function otherSchools(client: OneRosterClient, chosen: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  return client.remembered.get('otherSchools') ?? Promise.resolve(new Set([chosen, String(signal)]));
}

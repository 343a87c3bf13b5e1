/** One collection of a SIS, whole or what changed: pages of records that are complete or said not to be. */
import { z } from 'zod';
import type { From, Page, Pages } from '../kit/contract.ts';
import { type Ahead, readAhead } from './ahead.ts';
import type { OneRosterClient } from './client.ts';
import { addressOf, type Collection, fetchPage, type Option, option, placeOf, type Question } from './fetch.ts';
import { earlier, newestOf } from './mark.ts';
import { factsOf, toNote } from './page-facts.ts';
import { type Place, start, walk } from './paging.ts';
import { pagesWrong } from './problems.ts';
import { createTally } from './tally.ts';
import { keyOf } from './values.ts';

/** Where we are; a checkpoint is this as JSON. */
const state = z.object({
  round: z.int(),
  place: z.object({
    offset: z.int(),
    url: z.string().nullable(),
    pages: z.int(),
    first: z.string().nullable(),
    lead: z.string().nullable(),
  }),
  refused: z.array(option),
  newest: z.string().nullable(),
  total: z.int().nullable(),
  revision: z.string().nullable(),
  /** Records went away while we read, so that another one may have slipped from an unread page onto a read one: the total or
   * the revision says so, or another record stands where the last one stood. */
  moved: z.boolean(),
});
type State = z.infer<typeof state>;

const fresh: State = { round: 1, place: start, refused: [], newest: null, total: null, revision: null, moved: false };

/** How often a collection is read before we give up on it, when what came is not what the server counts. */
const mostRounds = 3;
/** Milliseconds a mark lies before the newest change: clocks of a cluster differ, and transactions commit late. */
const overlap = 300_000;

export interface Wanted {
  /** Only what changed since then; null for everything. */
  mark: string | null;
  /** Whether a record is one of the chosen school's; null when there is no choice to make. */
  belongs: ((record: unknown) => boolean) | null;
  /** Hex of what `belongs` goes by: a page is known again only while that stays. */
  choice?: string;
}

/**
 * Reads a collection page by page. Of changes, a record that belongs to another school by now is told as one to be deleted.
 * At the end the different records that came are compared with the server's total: when they differ all is read again, and
 * after three rounds an `UnexpectedShape` is thrown, so that no absence is believed. A record may come more than once; the
 * last one is the newest.
 */
export async function* readCollection(
  collection: Collection,
  from: Pick<From<OneRosterClient>, 'client' | 'signal' | 'checkpoint' | 'recall'>,
  wanted: Wanted,
): Pages {
  const filter = wanted.mark === null ? "status='active'" : `dateLastModified>='${wanted.mark}'`;
  const { signal, recall } = from;
  const ahead = readAhead(from.client);
  const { client } = ahead;
  const memory = recall && wanted.mark === null ? { recall, choice: wanted.choice ?? '' } : null;
  let round: State | null = readState(from.checkpoint);
  while (round !== null) {
    // What is read again is read in full, and not remembered: something is wrong with these pages.
    const question: Question = { client, collection, filter, signal, memory: round.round === 1 ? memory : null };
    round = yield* readRound(question, ahead, wanted, round);
  }
}

/** One time through all pages; answers how the next round begins, null when this one was complete. */
async function* readRound(
  question: Question,
  ahead: Ahead,
  wanted: Wanted,
  begin: State,
): AsyncGenerator<Page, State | null, undefined> {
  const { name } = question.collection;
  const tally = createTally();
  const refused = new Set<Option>(begin.refused);
  let { newest, total, revision, moved } = begin;
  let seen = 0;

  const fetchAt = async (place: Place) => {
    const fetched = await fetchPage(question, place, refused);
    // A server whose links skip records is read by counting the second time, where it tells how many there are.
    return begin.round > 1 && fetched.total !== undefined ? { ...fetched, next: null } : fetched;
  };

  let pages = begin.place.pages;
  for await (const { fetched, next } of walk(name, begin.place, fetchAt)) {
    const facts = fetched.recalled ?? factsOf(fetched, seen, begin.round);
    tally.add(facts.ids);
    seen += facts.count;
    newest = newestOf([{ dateLastModified: facts.newest }], newest);
    moved ||= total !== null && fetched.total !== undefined && fetched.total < total;
    moved ||= !fetched.steady;
    moved ||= revision !== null && fetched.revision !== null && fetched.revision !== revision;
    total = fetched.total ?? total;
    revision ??= fetched.revision;

    const page = {
      ...pageOf(fetched.records, total, wanted),
      ...(fetched.recalled && ({ recalled: true } as const)),
      ...(fetched.digest !== null && {
        sight: { place: placeOf({ pages }), digest: fetched.digest, note: toNote(facts) },
      }),
    };
    pages += 1;
    if (next !== null) {
      ahead.ask(addressOf(question, next, refused), `read ${name}`, question.signal);
      const now: State = { round: begin.round, place: next, refused: [...refused], newest, total, revision, moved };
      yield { ...page, next: JSON.stringify(now) };
      continue;
    }

    const distinct = tally.distinct();
    const received = begin.place.offset + distinct;
    if (!moved && (fetched.total === undefined || fetched.total === received)) {
      const mark = newest === null ? wanted.mark : (earlier(newest, overlap) ?? wanted.mark);
      // Where a record comes twice the later one counts, which no page tells by itself: then none is remembered. Nor where
      // we began in the middle and did not see the pages before.
      const plain = distinct === seen && begin.place.pages === 0;
      const { sight, ...rest } = page;
      yield { ...rest, ...(sight && plain && { sight }), next: null, ...(mark !== null && { mark }) };
      return null;
    }
    if (begin.round >= mostRounds) {
      const why = 'what came is not what the SIS counts.';
      throw pagesWrong(name, why, { received, total: fetched.total ?? null, moved });
    }
    const again: State = { ...fresh, round: begin.round + 1, refused: [...refused], newest };
    const { sight: _, ...unsighted } = page;
    yield { ...unsighted, next: JSON.stringify(again) };
    return again;
  }
  return null;
}

/** Of a snapshot, records of other schools are left out; of changes they are told to be gone, for they may have been ours. */
function pageOf(
  records: readonly unknown[],
  total: number | null,
  { belongs, mark }: Wanted,
): Pick<Page, 'records' | 'total'> {
  if (belongs === null) return { records, ...(total !== null && { total }) };
  if (mark === null) return { records: records.filter(belongs) };
  return { records: records.map((one) => (belongs(one) ? one : { sourcedId: keyOf(one), status: 'tobedeleted' })) };
}

/** A checkpoint is ours; one that another version wrote is taken for none, and the collection read from its beginning. */
function readState(checkpoint: string | null): State {
  return checkpoint === null ? fresh : (state.safeParse(JSON.parse(checkpoint)).data ?? fresh);
}

/** One subscription: what the table still holds after a cursor, then what the tail brings, joined without a seam. */
import type { Sql } from '../db/client.ts';
import { type Activity, comparePlaces, type Place, readTenantActivity } from '../db/queries/activity.ts';
import type { ActivityKind } from '../db/tables/activity.ts';
import { createBell } from './bell.ts';
import { type Bookmark, type Cursors, InvalidCursor } from './cursor.ts';
import { createQueue, type Waiting } from './queue.ts';
import { createSeams, type Seams } from './seams.ts';

export interface FollowOptions {
  readonly tenantId: string;
  /** The schools whose events are wanted and allowed; null for all of the tenant's. */
  readonly schoolIds: readonly string[] | null;
  /** All kinds when left out. */
  readonly kinds?: readonly ActivityKind[];
  /** Only what has this parent: the log of one run. */
  readonly parentId?: string;
  /**
   * Rows that become visible together, or wait together, are told as one: the last of them, with up to so many ids of all.
   * For kinds of which nobody goes on amid a row. Left out: each by itself.
   */
  readonly together?: number;
  /** Replay what happened after this cursor; left out, begin now. */
  readonly after?: string | null;
  /** The consumer was too slow for what came after the cursor: of more than `limit` rows none is replayed, but a gap told. */
  readonly lagged?: boolean;
  /** Rows that may wait for a consumer. When they are more, all are dropped and told as one gap. Default 100. */
  readonly limit?: number;
  /** Ends the subscription. */
  readonly signal: AbortSignal;
  /** Milliseconds after an overflow within which a consumer that comes back is served from the table. Default one second. */
  readonly patienceMs?: number;
  /** Milliseconds of silence after which `caughtUp` comes again. Default one minute. */
  readonly caughtUpEveryMs?: number;
}

export type FeedEvent =
  | {
      readonly type: 'activity';
      /** Behind the whole row. */
      readonly cursor: string;
      readonly row: Activity;
      /** Behind this id of the row: for an event that tells only so far. */
      cursorBehind(id: string): string;
    }
  /** Everything up to the cursor has been told. The first event without `after`, else behind the replay; then after each silence. */
  | { readonly type: 'caughtUp'; readonly cursor: string }
  /** What lies behind `from`, up to and including `to`, will not be told: refetch. `from` null: nobody knows from where. */
  | { readonly type: 'gap'; readonly from: string | null; readonly to: string; readonly reason: GapReason };

export type GapReason = 'EXPIRED' | 'SLOW_CLIENT';

/** Iterate once. `return` releases it at once, also while `next` waits and before the first `next`. */
export interface Following extends AsyncIterableIterator<FeedEvent, undefined, undefined> {
  /** The place at which live events begin: the cursor for the present state, read from now on. */
  readonly start: string;
  /** The cursor for each event of the present state but the last: after it, all of that state is to be told anew. */
  readonly amidPresentState: string;
  /** Whether the subscription is to begin with the present state: it has no `after`, or one from amid such a state. */
  readonly beginsWithPresentState: boolean;
  /** The last event: how far it told. */
  latest(): { readonly type: FeedEvent['type']; readonly place: Place };
  /**
   * How far everything has been told, while `next` waits and nothing is there for it: who follows the same from that place on
   * misses nothing. Else null.
   */
  restsAt(): Place | null;
  /** Called each time it comes to rest; at once when it rests already. One at a time. */
  whenAtRest(call: () => void): void;
  /** Rows up to the place and rows behind it are not told together. */
  keepApart(place: Place): void;
  return(): Promise<IteratorResult<FeedEvent, undefined>>;
}

/** What the feed sees of a subscription. Both return at once and never throw. */
export interface Subscription {
  /** Rows that became visible together, in order. @param turn counts these calls, for the whole process. */
  push(rows: readonly Activity[], turn: number): void;
  end(): void;
}

export interface Source {
  readonly system: Sql;
  readonly cursors: Cursors;
  /** Milliseconds that activity can be replayed. */
  readonly keptMs: number;
  /** How far the tail has handed everything on. */
  position(): Bookmark;
  /** Answers the function that undoes it. */
  register(tenantId: string, subscription: Subscription): () => void;
}

const replayRows = 200;
const minute = 60_000;

/** See `Feed.follow`. */
export function follow(options: FollowOptions, source: Source): Following {
  const { tenantId, after, signal, limit = 100, patienceMs = 1_000, caughtUpEveryMs = minute } = options;
  const encode = (bookmark: Bookmark) => source.cursors.encode(tenantId, bookmark);
  const start = source.position();
  const queue = createQueue(limit);
  const bell = createBell();
  const wanted = filter(options);
  const seams = createSeams();
  let newestTurn = 0;
  let latest: FeedEvent['type'] = 'caughtUp';
  let resting = false;
  let cameToRest: (() => void) | undefined;
  /** Everything up to here has been told, or will not be. */
  let last = after == null ? start : source.cursors.decode(tenantId, after);
  const beginsWithPresentState = after == null || last.part === 'presentState';
  const over = new AbortController();
  const ended = () => over.signal.aborted;

  const unregister = source.register(tenantId, {
    push(rows, turn) {
      const some = rows.filter(wanted);
      if (some.length === 0) return;
      for (const row of some) queue.push(row, turn);
      newestTurn = turn;
      bell.ring();
    },
    end,
  });
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();

  function end(): void {
    over.abort();
    unregister();
    signal.removeEventListener('abort', end);
    bell.ring();
  }

  function activity(row: Activity): FeedEvent {
    const { place, at, allIds } = row;
    last = { place, at };
    const cursor = encode(last);
    const lastId = allIds.at(-1);

    return {
      type: 'activity',
      cursor,
      row,
      cursorBehind: (id) => (id === lastId ? cursor : encode({ place, at, part: allIds.indexOf(id) + 1 })),
    };
  }

  function withCompanions({ row, turn }: Extract<Waiting, { type: 'row' }>): Activity {
    const rows = [row];
    const until = lastTurnWith(turn, newestTurn);
    let room = (options.together ?? 0) - row.ids.length;
    for (let more = queue.peek(); more?.type === 'row' && more.turn <= until; more = queue.peek()) {
      room -= more.row.ids.length;
      if (room < 0 || seams.between(row.place, more.row.place)) break;
      queue.shift();
      rows.push(more.row);
    }
    return join(rows);
  }

  function gap(to: Bookmark, reason: GapReason): FeedEvent {
    const from = encode(last);
    last = to;
    return { type: 'gap', from, to: encode(to), reason };
  }

  function caughtUp(): FeedEvent {
    return { type: 'caughtUp', cursor: encode(last) };
  }

  /** Reads the table page by page until nothing more of it lies below the horizon. */
  async function* replay(most = Number.POSITIVE_INFINITY): AsyncGenerator<FeedEvent, void> {
    let room = most;
    for (;;) {
      const { rows, horizon, now } = await readTenantActivity(source.system, tenantId, readFrom(last), replayRows);
      if (ended()) return;
      // The check in the cursor is right but the transaction has not been: of a time that a restored copy has undone.
      if (last.place.xid > horizon.xid) throw new InvalidCursor();
      if (now.getTime() - last.at.getTime() > source.keptMs) {
        // The client reads everything anew, so what lies before this moment needs no telling.
        yield gap({ place: horizon, at: now }, 'EXPIRED');
        return;
      }
      const rest = rows.map((row) => untold(row, last)).filter((row) => wanted(row) && row.ids.length > 0);
      room -= rest.length;
      if (room < 0) {
        yield gap({ place: horizon, at: now }, 'SLOW_CLIENT');
        return;
      }
      for (const row of joined(rest, seams, options.together)) yield activity(row);
      const end = rows.at(-1);
      if (end !== undefined) last = { place: end.place, at: end.at };
      if (rows.length < replayRows) {
        last = later(last, { place: horizon, at: now });
        return;
      }
    }
  }

  /** True when something came, false after a silence. */
  async function rest(): Promise<boolean> {
    resting = true;
    cameToRest?.();
    const rung = await bell.wait(caughtUpEveryMs);
    resting = false;
    return rung;
  }

  async function* events(): AsyncGenerator<FeedEvent, undefined> {
    try {
      let waiting: Waiting | undefined = queue.shift();
      if (after != null || waiting?.type === 'dropped') {
        // What the queue drops before live events begin costs nothing: the table still has it.
        do {
          yield* replay(options.lagged ? limit : undefined);
          waiting = queue.shift();
        } while (waiting?.type === 'dropped' && !ended());
      }
      if (!ended()) yield caughtUp();

      while (!ended()) {
        if (waiting === undefined) {
          if (!(await rest())) {
            last = later(last, source.position());
            yield caughtUp();
          }
        } else if (waiting.type === 'dropped' && performance.now() - waiting.since < patienceMs) {
          // A burst, not a slow client.
          yield* replay();
        } else if (waiting.type === 'dropped') {
          if (comparePlaces(waiting.to.place, last.place) > 0) yield gap(waiting.to, 'SLOW_CLIENT');
        } else if (comparePlaces(waiting.row.place, last.place) > 0) {
          yield activity(withCompanions(waiting));
        }
        waiting = queue.shift();
      }
      return undefined;
    } finally {
      end();
    }
  }

  const generator = events();
  return {
    start: encode(start),
    amidPresentState: encode({ ...start, part: 'presentState' }),
    beginsWithPresentState,
    latest: () => ({ type: latest, place: last.place }),
    restsAt: () => (resting && !ended() && queue.peek() === undefined ? later(last, source.position()).place : null),
    whenAtRest(call) {
      cameToRest = call;
      if (resting) call();
    },
    keepApart: (place) => seams.add(place),
    async next() {
      const step = await generator.next();
      if (!step.done) latest = step.value.type;
      return step;
    },
    return() {
      end();
      return generator.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function filter({ schoolIds, kinds, parentId }: FollowOptions): (row: Activity) => boolean {
  const schools = schoolIds === null ? null : new Set(schoolIds);
  const wantedKinds = kinds === undefined ? null : new Set(kinds);

  return (row) =>
    (schools === null || row.schoolId === null || schools.has(row.schoolId)) &&
    (wantedKinds === null || wantedKinds.has(row.kind)) &&
    (parentId === undefined || row.parentId === parentId);
}

/**
 * Up to which turn rows travel together when more wait: the widest of the blocks of 1, 2, 4, 8 … turns that begins there
 * and is complete. So readers of the same rows that are behind by more or less still join them alike, and can share.
 */
function lastTurnWith(turn: number, newest: number): number {
  let width = 1;
  while (turn % (width * 2) === 0 && turn + width * 2 - 1 <= newest) width *= 2;

  return turn + width - 1;
}

/** In order, none with more ids than may be together, none across a seam. */
function joined(rows: readonly Activity[], seams: Seams, together = 0): Activity[] {
  const groups: Activity[][] = [];
  let room = 0;
  for (const row of rows) {
    room -= row.ids.length;
    const group = groups.at(-1);
    const first = group?.[0];
    if (group !== undefined && first !== undefined && room >= 0 && !seams.between(first.place, row.place)) {
      group.push(row);
    } else {
      groups.push([row]);
      room = together - row.ids.length;
    }
  }

  return groups.map(join);
}

/** The last of the rows, with the ids of all. */
function join(rows: readonly Activity[]): Activity {
  const [last] = rows.slice(-1);
  if (last === undefined) throw new Error('There is nothing to join.');
  if (rows.length === 1) return last;

  return { ...last, ids: rows.flatMap(({ ids }) => ids), allIds: rows.flatMap(({ allIds }) => allIds) };
}

/** A row of which only some was told is read again. */
function readFrom({ place: { xid, seq }, part }: Bookmark): Place {
  return typeof part === 'number' ? { xid, seq: seq - 1n } : { xid, seq };
}

function untold(row: Activity, { place, part }: Bookmark): Activity {
  if (typeof part !== 'number' || comparePlaces(row.place, place) !== 0) return row;

  return { ...row, ids: row.allIds.slice(part) };
}

function later(left: Bookmark, right: Bookmark): Bookmark {
  return comparePlaces(left.place, right.place) > 0 ? left : right;
}

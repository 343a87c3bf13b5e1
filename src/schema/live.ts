/** What the subscriptions share: events with a context of their own, and the words that frame them. */

import type { ActivityKind } from '../db/tables/activity.ts';
import { InvalidCursor } from '../live/cursor.ts';
import type { FeedEvent, Following } from '../live/feed.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { invalidCursor } from './refusals.ts';

/** One event on its way to a client. `subscribe.ts` executes it with a context of its own. */
export interface LiveEvent<Value> {
  /** The subscription's. */
  readonly from: Context;
  readonly value: Value;
  /** Behind it. */
  readonly cursor: string;
  /**
   * The same only for what equal subscriptions are to be told alike. Undefined for what was read for this one alone: its
   * present state.
   */
  readonly key: string | undefined;
}

const liveEvents = new WeakSet<object>();

export function liveEvent<Value>(from: Context, cursor: string, value: Value, key?: string): LiveEvent<Value> {
  const event = { from, value, cursor, key };
  liveEvents.add(event);

  return event;
}

export function isLiveEvent(value: unknown): value is LiveEvent<unknown> {
  return typeof value === 'object' && value !== null && liveEvents.has(value);
}

/** What a subscription may follow of the feed; whose activity it is comes from the caller's identity. */
export interface Topic {
  readonly kinds: readonly ActivityKind[];
  readonly parentId?: string;
  /** See `FollowOptions`. */
  readonly together?: number;
  /** Only these schools, of those the caller may see. */
  readonly schoolIds?: readonly string[] | null;
  /** Of a subscription that resumes, its seat says better. */
  readonly after?: string | null | undefined;
}

/**
 * Follows the feed as the caller. What happens from here on is kept for `events`, so that it may first read the
 * present state; when `events` ends, or the client leaves, nothing remains.
 *
 * @param begin reads the present state and answers the events, or throws: then the subscription was refused.
 */
export async function liveStream<Value>(
  context: Context,
  topic: Topic,
  begin: (following: Following) => Promise<AsyncGenerator<LiveEvent<Value>, void>>,
): Promise<AsyncIterableIterator<LiveEvent<Value>, void>> {
  const { identity, seat } = context;
  const left = new AbortController();
  const { after, ...followed } = topic;
  const { tenantId, schoolIds } = identity;
  const what = { ...followed, tenantId, schoolIds: followed.schoolIds ?? schoolIds };
  try {
    const from = seat?.resume ?? (after != null && { after });
    const following = context.deps.feed.follow({ ...what, ...from, signal: left.signal });
    seat?.follows(following, JSON.stringify(what));

    return untilLeft(await begin(following), left);
  } catch (error) {
    left.abort();
    throw error instanceof InvalidCursor ? invalidCursor() : error;
  }
}

/** A generator alone would notice that its client left only at its next event. */
function untilLeft<Event>(
  events: AsyncGenerator<Event, void>,
  left: AbortController,
): AsyncIterableIterator<Event, void> {
  const stream: AsyncIterableIterator<Event, void> = {
    async next() {
      try {
        const step = await events.next();
        if (step.done) left.abort();

        return step;
      } catch (error) {
        left.abort();
        throw error instanceof InvalidCursor ? invalidCursor() : error;
      }
    },
    async return() {
      left.abort();

      return events.return();
    },
    [Symbol.asyncIterator]: () => stream,
  };

  return stream;
}

export interface CaughtUpEvent {
  type: 'caughtUp';
  cursor: string;
}

export type ResumeGapEvent = Extract<FeedEvent, { type: 'gap' }>;

/** The feed's own events, as they are. */
export function feedEvent<Event extends CaughtUpEvent | ResumeGapEvent>(from: Context, event: Event): LiveEvent<Event> {
  return liveEvent(
    from,
    event.type === 'gap' ? event.to : event.cursor,
    event,
    event.type === 'gap' ? `gap ${event.from} ${event.to} ${event.reason}` : `caughtUp ${event.cursor}`,
  );
}

const cursorDescription =
  'A place in the stream of events: pass it as `after` to go on behind this event. Kept for 24 hours, and good for every subscription that has `after`.';

export const describeCursor = { description: cursorDescription };

export const CaughtUp = builder.objectRef<CaughtUpEvent>('CaughtUp').implement({
  description:
    'Everything up to here has been told: the present state, or the replay after a cursor. Comes again after each minute of silence, so that a kept cursor does not grow old.',
  fields: (t) => ({ cursor: t.exposeString('cursor', describeCursor) }),
});

const ResumeGapReason = builder.enumType('ResumeGapReason', {
  description: 'Why events are missing.',
  values: {
    EXPIRED: { description: 'The cursor is older than the events that are kept.' },
    SLOW_CLIENT: { description: 'This client did not read fast enough and its queue was full.' },
  } as const,
});

export const ResumeGap = builder.objectRef<ResumeGapEvent>('ResumeGap').implement({
  description: 'Events are missing here: refetch what you show. The subscription goes on behind `to`.',
  fields: (t) => ({
    from: t.exposeString('from', { nullable: true, description: 'The last place before the gap; null when unknown.' }),
    to: t.exposeString('to', { description: 'The place at which the subscription goes on.' }),
    reason: t.expose('reason', { type: ResumeGapReason, description: 'Why events are missing.' }),
  }),
});

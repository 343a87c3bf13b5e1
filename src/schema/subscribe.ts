/** Running a subscription: every event is executed with a context of its own, as one short read of the database. */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { isLiveEvent, type LiveEvent } from './live.ts';

/** What is told of an event, and the cursor behind it. */
export interface ToldEvent<Told> {
  readonly told: Told;
  readonly cursor: string;
}

/**
 * Makes of one event's execution what the stream is to yield. Events of equal subscriptions with the same key are told
 * alike, so that one execution does for all; one without a key is for this subscription alone. `run` gives up when its
 * signal aborts.
 */
export type Tell<Told> = (
  run: (signal: AbortSignal) => Promise<ExecutionResult>,
  key: string | undefined,
) => Promise<Told>;

/**
 * Takes the place of graphql's own `subscribe`: a stream of what `tell` makes of each event, or one result with errors when
 * the subscription was refused. graphql's would execute all events with the subscription's one context, whose loaders
 * would show for ever what they loaded first.
 */
export async function subscribe<Told>(
  args: ExecutionArgs,
  tell: Tell<Told>,
): Promise<AsyncIterableIterator<ToldEvent<Told>, undefined> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;

  const events = source[Symbol.asyncIterator]();
  const results: AsyncIterableIterator<ToldEvent<Told>, undefined> = {
    async next() {
      const { done, value: event } = await events.next();
      if (done) return { done, value: undefined };
      if (!isLiveEvent(event)) throw new Error('A subscription yielded something that liveStream did not make.');

      const told = await tell((signal) => executeEvent(args, event, signal), event.key);

      return { done: false, value: { told, cursor: event.cursor } };
    },
    async return() {
      await events.return?.();

      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => results,
  };

  return results;
}

async function executeEvent(
  args: ExecutionArgs,
  event: LiveEvent<unknown>,
  signal: AbortSignal,
): Promise<ExecutionResult> {
  const context = event.from.forEvent(signal);
  try {
    return await execute({ ...args, contextValue: context, rootValue: event });
  } finally {
    await context.dispose();
  }
}

/** Running a subscription: every event is executed with a context of its own, as one short read of the database. */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeWithGraphql,
} from 'graphql';
import { isLiveEvent } from './live.ts';

export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/**
 * Takes the place of graphql's own `subscribe`, with the same arguments and answers: a stream of results, or one result
 * with errors when the subscription was refused. graphql's would execute all events with the subscription's one context,
 * whose loaders would show for ever what they loaded first.
 */
export async function subscribe(
  args: ExecutionArgs,
  execute: Execute = executeWithGraphql,
): Promise<AsyncIterableIterator<ExecutionResult, undefined> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;

  const events = source[Symbol.asyncIterator]();
  const results: AsyncIterableIterator<ExecutionResult, undefined> = {
    async next() {
      const { done, value } = await events.next();

      return done ? { done, value: undefined } : { done: false, value: await executeEvent(args, value, execute) };
    },
    async return() {
      await events.return?.();

      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => results,
  };

  return results;
}

async function executeEvent(args: ExecutionArgs, event: unknown, execute: Execute): Promise<ExecutionResult> {
  if (!isLiveEvent(event)) throw new Error('A subscription yielded something that liveStream did not make.');
  try {
    return await execute({ ...args, contextValue: event.context, rootValue: event });
  } finally {
    await event.context.dispose();
  }
}

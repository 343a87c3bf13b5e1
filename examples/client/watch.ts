/** What happens at all schools of a key: typed, and without a gap when the connection is lost. */
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import { graphql } from './generated/gql.ts';
import type { WatchSubscription } from './generated/graphql.ts';

const Watch = graphql(`subscription Watch($after: String) {
  schoolActivity(after: $after) {
    __typename
    ... on SyncRunChanged { cursor run { id status counts { created failed } integration { school { name } } } }
    ... on CaughtUp { cursor }
    ... on ResumeGap { cursor: to reason }
  }
}`);

type Event = WatchSubscription['schoolActivity'];

/** `url`: http://…/graphql. Answers how to stop. */
export function watch(url: string, key: string, tell: (event: Event) => void, fail: (error: Error) => void) {
  const socket = createClient({
    url: url.replace('http', 'ws'),
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: Infinity,
    // Also after a loss that is no close code; but not with a key that is no longer good.
    shouldRetry: (end) => (end as { code?: number }).code !== 4403,
  });
  const live = subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe(sink) {
        // graphql-ws sends it as it is each time it connects: after the first, to go on behind the last event.
        const payload = { query, variables: { ...variables } };
        const unsubscribe = socket.subscribe<WatchSubscription, Record<string, unknown>>(payload, {
          ...sink,
          next(result) {
            const event = result.data?.schoolActivity;
            if (event && 'cursor' in event) payload.variables.after = event.cursor;
            sink.next(result);
          },
        });
        return { unsubscribe };
      },
    }),
  });
  const client = new Client({ url, exchanges: [fetchExchange, live], preferGetMethod: false });
  return client.subscription(Watch, {}).subscribe(({ data, error }) => {
    if (data) tell(data.schoolActivity);
    if (error) fail(error);
  });
}

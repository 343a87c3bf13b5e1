/** Somebody who follows the roster and, whenever the connection is lost, goes on elsewhere behind the last event they had. */
import type { Gateways } from './gateways.ts';
import { followByEvents, followBySocket, type Payload } from './transports.ts';

export interface Subscriber {
  readonly name: string;
  /** Ids of the records they were told of, in order. */
  readonly heard: readonly string[];
  /** How often they began anew. */
  readonly begun: number;
  /** What they should not have been told, a sentence each. */
  readonly complaints: readonly string[];
  stop(): Promise<void>;
}

export interface SubscriberOptions {
  readonly number: number;
  readonly gateways: Gateways;
  readonly key: string;
  /** Where they begin. */
  readonly after: string;
  /** Called after each event. */
  readonly progress: () => void;
}

/** Not all alike, or they would be one audience at each gateway. */
const fields = ['id', 'id status', 'id sourcedId', '__typename id'] as const;

export function startSubscriber({ number, gateways, key, after, progress }: SubscriberOptions): Subscriber {
  const follow = number % 2 === 0 ? followBySocket : followByEvents;
  const query = `subscription ($after: String!) { rosterChanged(after: $after) {
    __typename ... on RecordChanged { cursor record { ${fields[(number >> 1) % fields.length]} } } ... on CaughtUp { cursor } } }`;
  const heard: string[] = [];
  const complaints: string[] = [];
  const left = new AbortController();
  let cursor = after;
  let begun = 0;

  async function go(): Promise<void> {
    while (!left.signal.aborted) {
      const url = await Promise.race([gateways.address(number + begun), gone(left.signal)]);
      if (url === null) return;
      begun += 1;
      // What comes after an error on the same connection is not believed: it lies behind what was missed.
      const broken = new AbortController();
      let anything = false;
      const told = ({ data, errors }: Payload) => {
        if (broken.signal.aborted) return;
        const event = data?.rosterChanged;
        if (errors !== undefined || event === undefined) {
          const code = errors?.[0]?.extensions.code;
          // One that cannot begin is told so, and tries again; what has begun goes on.
          if (anything || code === 'INVALID_CURSOR') complaints.push(`${code}: ${errors?.[0]?.message}`);
          return broken.abort();
        }
        anything = true;
        if (event.cursor === undefined) complaints.push(`a ${event.__typename} came`);
        else cursor = event.cursor;
        if (event.record) heard.push(event.record.id);
        progress();
      };
      const signal = AbortSignal.any([left.signal, broken.signal]);
      await follow({ url, key, query, variables: { after: cursor }, told, signal });
    }
  }

  const going = go();
  return {
    name: `${follow === followBySocket ? 'socket' : 'events'} ${number}`,
    heard,
    get begun() {
      return begun;
    },
    complaints,
    async stop() {
      left.abort();
      await going;
    },
  };
}

function gone(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

/** The subscribers: WebSockets that follow one run each and count what comes. A process of their own. */
import WebSocket from 'ws';
import { answerParent } from '../child.ts';
import { now } from './time.ts';

export interface ConnectInput {
  /** One address for each group of clients; a group follows one run. */
  readonly groups: readonly { readonly url: string; readonly variables: object }[];
  /** The clients of a group take turns with them. */
  readonly queries: readonly string[];
  readonly key: string;
  /** Clients in all. */
  readonly count: number;
}

/** Of all clients together. */
export interface Counts {
  readonly messages: number;
  readonly bytes: number;
  readonly entries: number;
}

/** How far every client shall be, counted from the beginning of its connection. */
export interface ReachedInput {
  readonly what: 'messages' | 'entries';
  readonly count: number;
}

/** A raw entry id, and when it came; see `now`. */
export type Arrival = readonly [id: string, at: number];

interface Client {
  readonly socket: WebSocket;
  messages: number;
  entries: number;
}

interface Waiting extends ReachedInput {
  behind: number;
  readonly resolve: () => void;
}

const clients: Client[] = [];
const waiting = new Set<Waiting>();
let totals = { messages: 0, bytes: 0, entries: 0 };
/** Of every entry at every client, while somebody listens. */
let arrivals: Arrival[] | null = null;
/** Messages of the first client of each group, in order, while somebody records. */
let recorded: string[][] | null = null;

answerParent({
  connect,
  counts: (): Counts => totals,
  reached,
  listen: () => void (arrivals = []),
  heard: () => take(arrivals, () => (arrivals = null)),
  record: ({ groups }: { groups: number }) => void (recorded = Array.from({ length: groups }, () => [])),
  recording: () => take(recorded, () => (recorded = null)),
});

function take<T>(value: T | null, forget: () => void): T {
  forget();
  if (value === null) throw new Error('Nobody asked for this to be kept.');
  return value;
}

/** Resolves when every client has been told that it is caught up. */
async function connect({ groups, queries, key, count }: ConnectInput): Promise<void> {
  for (let number = 0; number < count; number += 50) {
    const some = Array.from({ length: Math.min(50, count - number) }, (_, index) => number + index);
    await Promise.all(some.map((each) => open(each % groups.length, Math.floor(each / groups.length))));
  }

  function open(group: number, place: number): Promise<void> {
    const { url = '', variables } = groups[group] ?? {};
    const query = queries[place % queries.length];
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true });
    const send = (message: object) => socket.send(JSON.stringify(message));
    const client: Client = { socket, messages: 0, entries: 0 };
    clients.push(client);
    const ready = Promise.withResolvers<void>();
    socket.on('error', ready.reject);
    socket.on('close', () => ready.reject(new Error('The server closed the connection.')));
    socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
    let subscribed = false;
    socket.on('message', (data: Buffer) => {
      if (subscribed) return arrive(client, data, place === 0 ? group : null);
      const message = JSON.parse(data.toString()) as { type: string };
      if (message.type === 'connection_ack')
        return send({ id: 'live', type: 'subscribe', payload: { query, variables } });
      if (!data.includes('CaughtUp')) return ready.reject(new Error(data.toString()));
      subscribed = true;
      ready.resolve();
    });
    return ready.promise;
  }
}

const entryMark = Buffer.from('"action":');

function arrive(client: Client, data: Buffer, recordAs: number | null): void {
  let entries = 0;
  for (let at = data.indexOf(entryMark); at >= 0; at = data.indexOf(entryMark, at + 1)) entries += 1;
  // After a minute of silence.
  if (entries === 0 && data.includes('"CaughtUp"')) return;
  if (entries === 0) throw new Error(`Instead of entries came ${data.toString()}`);

  const before = { messages: client.messages, entries: client.entries };
  client.messages += 1;
  client.entries += entries;
  totals = {
    messages: totals.messages + 1,
    bytes: totals.bytes + data.length,
    entries: totals.entries + entries,
  };
  for (const wait of waiting) {
    if (before[wait.what] >= wait.count || client[wait.what] < wait.count) continue;
    wait.behind -= 1;
    if (wait.behind > 0) continue;
    waiting.delete(wait);
    wait.resolve();
  }
  if (arrivals !== null) for (const id of idsIn(data)) arrivals.push([id, now()]);
  if (recordAs !== null) recorded?.[recordAs]?.push(data.toString());
}

interface Message {
  readonly payload: { readonly data: { readonly syncLogAdded: { readonly logs: readonly { readonly id: string }[] } } };
}

/** Raw ids of the entries in a message. */
function idsIn(data: Buffer): string[] {
  const { payload } = JSON.parse(data.toString()) as Message;
  return payload.data.syncLogAdded.logs.map(({ id }) =>
    Buffer.from(id, 'base64url').toString().replace('SyncLog:', ''),
  );
}

/** Resolves when no client is behind any more. */
function reached({ what, count }: ReachedInput): Promise<void> {
  const behind = clients.filter((client) => client[what] < count).length;
  if (behind === 0) return Promise.resolve();
  return new Promise((resolve) => waiting.add({ what, count, behind, resolve }));
}

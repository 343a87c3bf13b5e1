/** Writing answers: whole ones at once, events no faster than the client reads. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Delivery, Sink } from './delivery.ts';

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Headers that belong to the connection; node sets them itself. */
const ofConnection = new Set(['connection', 'transfer-encoding', 'content-length', 'content-encoding']);

export async function sendWhole(response: ServerResponse, answer: Response): Promise<void> {
  const text = await answer.text();
  for (const [name, value] of answer.headers) if (!ofConnection.has(name)) response.setHeader(name, value);
  response.setHeader('content-length', Buffer.byteLength(text));
  response.writeHead(answer.status);
  response.end(text);
}

export interface EventsOptions {
  /** Leaves: without `complete`, so that the client comes back. */
  readonly signal: AbortSignal;
  /** Milliseconds between signs of life. */
  readonly pingMs: number;
  /** Milliseconds after which the connection of a client that takes nothing is ended. */
  readonly stallMs: number;
  /** After how many milliseconds a client that is left is to come back; null when nothing is to be said. */
  retryMs(): number | null;
}

/**
 * Sends results as server-sent events, in the words of the GraphQL-over-SSE protocol: `next` for each and `complete` at
 * the end. However it ends, the subscription is left.
 */
export async function sendEvents(
  response: ServerResponse,
  delivery: Delivery,
  { signal, pingMs, stallMs, retryMs }: EventsOptions,
): Promise<void> {
  let left = false;
  const over = Promise.withResolvers<void>();

  function leave(): void {
    left = true;
    over.resolve();
  }

  // Proxies that collect an answer before they pass it on would collect for ever.
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  // Some browsers tell of an answer only when its first bytes have come.
  response.write(':\n\n');
  const ping = setInterval(() => response.writableLength === 0 && response.write(':\n\n'), pingMs);
  response.once('close', leave);
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted || response.closed) leave();
  try {
    if (!left) await Promise.race([over.promise, delivery.deliver(eventsOf(response, stallMs))]);
    const ms = left ? retryMs() : null;
    if (ms !== null) response.write(`retry: ${ms}\n\n`);
    if (!left) response.write('event: complete\ndata:\n\n');
  } finally {
    clearInterval(ping);
    response.off('close', leave);
    signal.removeEventListener('abort', leave);
    response.end();
    delivery.leave();
  }
}

/** Each payload as an event. What was not taken at once is written all the same, and the next one waits. */
function eventsOf(response: ServerResponse, stallMs: number): Sink {
  const write = (payload: Buffer) => response.write(Buffer.concat([eventHead, payload, eventTail]));

  return {
    async send(payload) {
      if (!write(payload)) await drained(response, stallMs);
    },
    offer(payload) {
      if (response.writableNeedDrain) return false;
      write(payload);
      return true;
    },
    async room() {
      if (response.writableNeedDrain) await drained(response, stallMs);
    },
  };
}

const eventHead = Buffer.from('event: next\ndata: ');
const eventTail = Buffer.from('\n\n');

/** Resolves when more may be written, or never will be: a client that takes nothing for so many milliseconds is cut off. */
export async function drained(response: ServerResponse, stallMs: number): Promise<void> {
  if (response.closed) return;
  const timer = setTimeout(() => response.destroy(), stallMs);
  const either = new AbortController();
  try {
    await Promise.race(['drain', 'close'].map((event) => once(response, event, { signal: either.signal })));
  } finally {
    clearTimeout(timer);
    // Else a listener for the other one would stay with each event.
    either.abort();
  }
}

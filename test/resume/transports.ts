/** Two ways to follow, spoken by hand: what comes is handed on as it comes, and however it ends, it just ends. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Follow {
  readonly url: string;
  readonly key: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** Called with each result. */
  readonly told: (payload: Payload) => void;
  readonly signal: AbortSignal;
}

export interface Payload {
  readonly data?: { readonly rosterChanged: Told } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface Told {
  readonly __typename: string;
  readonly cursor?: string;
  readonly record?: { readonly id: string };
}

/** Resolves when the connection is gone, whoever let go. */
export async function followBySocket({ url, key, query, variables, told, signal }: Follow): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, ['graphql-transport-ws']);
  const send = (message: object) => socket.send(JSON.stringify(message));
  const closed = once(socket, 'close');
  const leave = () => socket.terminate();
  signal.addEventListener('abort', leave, { once: true });
  socket.on('error', () => undefined);
  socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  socket.on('message', (data: Buffer) => {
    const { type, payload } = JSON.parse(data.toString()) as { type: string; payload: Payload };
    if (type === 'connection_ack') send({ id: '1', type: 'subscribe', payload: { query, variables } });
    if (type === 'ping') send({ type: 'pong' });
    if (type === 'next') told(payload);
    if (type === 'error') told({ errors: payload as unknown as NonNullable<Payload['errors']> });
    if (type === 'complete' || type === 'error') socket.close();
  });
  await closed;
  signal.removeEventListener('abort', leave);
}

/** The same over server-sent events. */
export async function followByEvents({ url, key, query, variables, told, signal }: Follow): Promise<void> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query, variables }),
      signal,
    });
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = `${text}${chunk}`.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^event: next\ndata: (.*)$/s.exec(block)?.[1];
        if (data !== undefined) told(JSON.parse(data) as Payload);
      }
    }
  } catch (error) {
    // The network's way to say that it is over; what `told` found wrong is another matter.
    if (!(error instanceof TypeError) && !signal.aborted) throw error;
  }
}

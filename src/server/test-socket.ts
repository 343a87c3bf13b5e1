/** For the tests of this folder: a WebSocket client that speaks the protocol by hand and waits for messages, never for time. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  };
}

export interface TestSocket {
  readonly socket: WebSocket;
  send(message: object | string): void;
  /** The next message, pings and pongs of the protocol included. Rejects when the socket is closed first. */
  next(): Promise<Message>;
  /** Subscribes under the id. */
  subscribe(id: string, query: string, variables?: Record<string, unknown>): void;
  /** The close code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Stops and resumes reading from the network. */
  pause(): void;
  resume(): void;
}

/** @param url of the server; the path is ours. */
export async function openSocket(
  url: string,
  protocols: readonly string[] = ['graphql-transport-ws'],
): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, [...protocols]);
  const arrived: Message[] = [];
  const awaited: PromiseWithResolvers<Message>[] = [];
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as Message;
    const waiter = awaited.shift();
    if (waiter) waiter.resolve(message);
    else arrived.push(message);
  });
  const closed = once(socket, 'close').then(([code, reason]: unknown[]) => ({
    code: Number(code),
    reason: String(reason),
  }));
  socket.on('close', (code) => {
    for (const waiter of awaited.splice(0)) waiter.reject(new Error(`The socket was closed with ${code}.`));
  });
  const network = once(socket, 'upgrade').then(([response]) => (response as { socket: Socket }).socket);
  await once(socket, 'open');
  const connection = await network;

  const send = (message: object | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return {
    socket,
    send,
    next: () => {
      const waiter = Promise.withResolvers<Message>();
      const message = arrived.shift();
      if (message) waiter.resolve(message);
      else if (socket.readyState === socket.CLOSED) waiter.reject(new Error('The socket is closed.'));
      else awaited.push(waiter);
      return waiter.promise;
    },
    subscribe: (id, query, variables) =>
      send({ id, type: 'subscribe', payload: { query, ...(variables && { variables }) } }),
    closed,
    pause: () => void connection.pause(),
    resume: () => void connection.resume(),
  };
}

/** A socket whose connection has been accepted. */
export async function openAccepted(url: string, key: string): Promise<TestSocket> {
  const opened = await openSocket(url);
  opened.send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
  const { type } = await opened.next();
  if (type !== 'connection_ack') throw new Error(`The connection was not accepted but answered with ${type}.`);
  return opened;
}

/** The limit: `ws` and nothing else, sending bytes that are there already to everybody of a group. A process of its own. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerParent } from '../child.ts';

/** For each group the messages to send, in order. */
export type Script = readonly (readonly string[])[];

const groups: Set<WebSocket>[] = [];
let script: Buffer[][] = [];
let server: WebSocketServer | undefined;

answerParent({ serve, broadcast }, async () => {
  for (const client of server?.clients ?? []) client.terminate();
  server?.close();
});

/** Answers its address; the group a client belongs to is the path. The messages of a group are sent in order, again and again. */
async function serve({ messages }: { messages: Script }): Promise<string> {
  script = messages.map((some) => some.map((text) => Buffer.from(text)));
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (socket, { url = '/' }) => {
    const group = (groups[Number(url.slice(1))] ??= new Set());
    socket.on('message', (data: Buffer) => {
      // As much of the protocol as it takes to be subscribed.
      const { type } = JSON.parse(data.toString()) as { type: string };
      socket.send(type === 'connection_init' ? '{"type":"connection_ack"}' : '"CaughtUp"');
      if (type === 'subscribe') group.add(socket);
    });
    socket.on('close', () => group.delete(socket));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends every group its message of this number. */
function broadcast({ number }: { number: number }): void {
  groups.forEach((group, index) => {
    const messages = script[index] ?? [];
    const message = messages[number % messages.length];
    if (message === undefined) throw new Error('Nothing was recorded for a group.');
    for (const socket of group) socket.send(message, { binary: false });
  });
}

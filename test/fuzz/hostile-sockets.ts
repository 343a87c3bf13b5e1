/** WebSockets opened in bad faith: each says a few things that nobody says, and then asks something good, if it still may. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Answered } from './exchange.ts';
import type { Ground } from './hostile.ts';
import { evil, evilArguments, hostileDocument } from './hostile-documents.ts';

export interface Session {
  readonly protocols: readonly string[];
  readonly messages: readonly (string | Buffer)[];
}

/** What is drawn before anything is sent. */
export function hostileSession({ schema, pool, key, dice }: Ground): Session {
  const authorization = `Bearer ${key}`;
  const init = { type: 'connection_init', payload: { authorization } };
  const protocols = dice.chance(0.95) ? ['graphql-transport-ws'] : dice.of([[], ['graphql-ws'], ['soap', 'mqtt']]);
  let count = 0;
  // Of the protocol, whatever they ask: after these the socket lives on.
  const subscribe = (payload: unknown) => JSON.stringify({ id: `${count++}`, type: 'subscribe', payload });
  const mild = [
    () => subscribe(hostileDocument(dice)),
    () => subscribe(evilArguments(schema, pool, dice)),
    () => subscribe({ query: dice.of(subscriptions), variables: { after: evil(dice), ids: [evil(dice)] } }),
    () => JSON.stringify({ id: `${dice.below(5)}`, type: 'complete' }),
    () => JSON.stringify({ type: dice.of(['ping', 'pong']), payload: { a: evil(dice) } }),
  ];
  const wild = [
    ...mild,
    () => JSON.stringify({ id: dice.of(ids), type: 'subscribe', payload: evil(dice) }),
    () => JSON.stringify({ id: dice.of(ids), type: dice.of(['next', 'error', 'toString', 'start', '']) }),
    () => JSON.stringify(dice.of([init, { type: 'connection_init', payload: evil(dice) }, evil(dice)])),
    () => dice.of(['', '{', 'null', '[]', '42', '{"type":null}', '\0', '\ud800', `"${'x'.repeat(70_000)}"`]),
    () => Buffer.from([0, 255, 1, 254]),
  ];
  const kinds: readonly (() => string | Buffer)[] = dice.chance(0.6) ? mild : wild;
  const drawn = () => dice.of(kinds)();
  const begins = dice.chance(0.9) ? [JSON.stringify(init)] : [];
  const messages = [...begins, ...Array.from({ length: dice.below(8) }, drawn)];

  return { protocols, messages: messages.filter((message) => Buffer.byteLength(message) < 200_000) };
}

const ids: readonly unknown[] = ['1', '1', '2', '__proto__', 'constructor', '', 'x'.repeat(129), 7, null, '\u0000'];

const subscriptions = [
  'subscription ($after: String) { schoolActivity(after: $after) { __typename } }',
  'subscription ($after: String!) { rosterChanged(after: $after) { __typename } }',
  'subscription ($ids: [ID!]) { schoolActivity(schoolIds: $ids) { __typename } }',
  'subscription { schoolActivity { __typename } liveCursor }',
] as const;

/** Milliseconds in which a good question is answered, or the socket closed. */
const patienceMs = 10_000;

/** Status: the code it was closed with, or 101 when the good question was answered. @throws when neither happens. */
export async function converse(url: string, { protocols, messages }: Session): Promise<Answered> {
  const began = performance.now();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, [...protocols]);
  const heard: string[] = [];
  const answered = Promise.withResolvers<number>();
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    heard.push(text);
    if (waits && heard.length === 1) finish();
    if (text.includes('"id":"the good one"') && /"type":"(?:complete|error)"/.test(text)) answered.resolve(101);
  });
  const closed = new Promise<number>((resolve) => void socket.on('close', resolve));
  const [first, ...rest] = messages;
  const finish = () => {
    for (const message of rest) socket.send(message);
    socket.send(JSON.stringify({ id: 'the good one', type: 'subscribe', payload: { query: '{ viewer { id } }' } }));
  };
  // Who is accepted waits for it; the others wait for nothing.
  const waits = String(first).includes('"authorization"');
  socket.on('open', () => {
    if (first !== undefined) socket.send(first);
    if (!waits) finish();
  });
  const late = AbortSignal.timeout(patienceMs);
  const never = once(late, 'abort').then(() =>
    Promise.reject(new Error(`neither closed nor answered: ${heard.join(' ').slice(0, 500)}`)),
  );
  try {
    const status = await Promise.race([answered.promise, closed, never]);
    return { status, text: heard.join('\n'), ms: performance.now() - began, statements: [] };
  } finally {
    socket.terminate();
  }
}

/** Ours, by the WebSocket protocol or by graphql-ws. */
export const serverFaults: ReadonlySet<number> = new Set([1011, 4500]);

export function tellSession({ protocols, messages }: Session): string {
  return `${protocols.join()} ${messages
    .map((message) =>
      message
        .toString()
        .replace(/hr_\w+/g, 'hr_…')
        .slice(0, 300),
    )
    .join(' ⏎ ')}`;
}

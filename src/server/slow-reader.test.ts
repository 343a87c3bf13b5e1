import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openTestServer, type TestServer } from './test-server.ts';
import { type Message, openAccepted, type TestSocket } from './test-socket.ts';

interface Told {
  readonly type: string;
  readonly cursor: string | null;
  readonly id: string | null;
  readonly reason: string | null;
}

type Payload = Message['payload'];

/** Somebody who follows, and can stop reading from the network. */
interface Reader {
  next(): Promise<Told>;
  pause(): void;
  resume(): void;
  leave(): void;
}

const small = 'subscription ($after: String) { follows(after: $after) { type cursor id reason } }';
/** Large enough that what the network holds for a reader that stopped is soon full. */
const large =
  'subscription ($after: String) { follows(after: $after) { type cursor id reason padding(size: 200000) } }';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function toldBy(payload: Payload): Told {
  assert.equal(payload?.errors, undefined);
  return payload?.data?.follows as Told;
}

async function openSocketReader({ server, key }: TestServer, query: string, variables = {}) {
  const socket = await openAccepted(server.url, key);
  socket.subscribe('1', query, variables);
  return { ...readerOf(socket), socket };
}

function readerOf(socket: TestSocket): Reader {
  const next = async () => {
    const message = await socket.next();
    assert.equal(message.type, 'next', JSON.stringify(message));
    return toldBy(message.payload);
  };
  return { next, pause: socket.pause, resume: socket.resume, leave: () => socket.socket.terminate() };
}

async function openStreamReader({ server, key }: TestServer, query: string, variables = {}) {
  const asked = request(`${server.url}/graphql`, {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  asked.end(JSON.stringify({ query, variables }));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const ended = new Promise<string>((resolve) => {
    response.once('error', ({ message }) => resolve(message));
    response.once('end', () => resolve('end'));
  });
  let text = '';
  const arrived: Told[] = [];
  const awaited: ((told: Told) => void)[] = [];
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const events = (text + chunk).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^event: next\ndata: (.*)$/s.exec(event)?.[1];
      if (data === undefined) continue;
      const told = toldBy(JSON.parse(data) as Payload);
      const waiter = awaited.shift();
      if (waiter) waiter(told);
      else arrived.push(told);
    }
  });
  const next = () => {
    const told = arrived.shift();
    return told ? Promise.resolve(told) : new Promise<Told>((resolve) => awaited.push(resolve));
  };
  // The response alone: its socket would let a paused response read on until its buffer is full.
  const { socket } = response;
  return {
    next,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    leave: () => asked.destroy(),
    arrived,
    ended,
  };
}

async function idsOf(reader: Reader, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const { type, id } = await reader.next();
    assert.notEqual(type, 'gap');
    if (id !== null) ids.push(id);
  }
  return ids;
}

/** Looks again whenever the event loop has come round. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a client that stops reading', () => {
  let open: TestServer;
  let strict: TestServer;

  before(async () => {
    // However quick the machine, and so the sleep, it is no burst.
    open = await openTestServer({ limits: { patienceMs: 0 } });
    strict = await openTestServer({ limits: { pingMs: 500, stallMs: 400 } });
  });
  after(() => Promise.all([open, strict].map((one) => one.close())));

  test('is told of a gap when it wakes; memory stays flat and others miss nothing while large events flow', async () => {
    const socket = await openSocketReader(open, large);
    const stream = await openStreamReader(open, large);
    const others = [await openSocketReader(open, small), await openStreamReader(open, small)];
    const sleepers: Reader[] = [socket, stream];
    for (const reader of [...sleepers, ...others]) assert.equal((await reader.next()).type, 'caughtUp');
    const atRest = memory();

    for (const sleeper of sleepers) sleeper.pause();
    const ids: string[] = [];
    for (let round = 0; round < 25; round += 1) {
      const some = await open.commitMany(40);
      ids.push(...some);
      for (const other of others) assert.deepEqual(await idsOf(other, 40), some);
    }
    const grown = memory() - atRest;
    // 1,000 events of 200 kB each for both: 400 MB if they were kept.
    assert.ok(grown < 20_000_000, `${grown} bytes more`);

    for (const sleeper of sleepers) {
      sleeper.resume();
      const told: Told[] = [];
      while (told.at(-1)?.type !== 'gap') told.push(await sleeper.next());
      ids.push(await open.commit());
      while (told.at(-1)?.id !== ids.at(-1)) told.push(await sleeper.next());
      const gaps = told.filter(({ type }) => type === 'gap');
      assert.deepEqual(
        gaps.map(({ reason }) => reason),
        ['SLOW_CLIENT'],
      );
      const got = told.flatMap(({ id }) => id ?? []);
      assert.ok(got.length < ids.length);
      const known = new Set(got);
      assert.equal(known.size, got.length, 'nothing came twice');
      assert.deepEqual(
        got,
        ids.filter((id) => known.has(id)),
        'what came was in order',
      );
    }
    for (const reader of [...sleepers, ...others]) reader.leave();
    await until(() => open.server.subscriptions() === 0 && open.contexts.length === 0);
  });

  test('is closed with 1013 over WebSocket, nothing runs for it any more, and it resumes by its cursor', async () => {
    const reader = await openSocketReader(strict, large);
    const { cursor: start } = await reader.next();
    reader.pause();
    const ids = await strict.commitMany(80);
    // It goes on speaking, which is not reading.
    const chatter = setInterval(() => reader.socket.send({ type: 'pong' }), 20);
    await until(() => strict.server.subscriptions() === 0 && strict.contexts.length === 0);
    clearInterval(chatter);
    const missed = await strict.commit();

    reader.resume();
    const { code, reason } = await reader.socket.closed;
    assert.equal(code, 1013);
    assert.match(reason, /resume after your last cursor/);
    const told: Told[] = [];
    for (;;) {
      const one = await reader.next().catch(() => undefined);
      if (one === undefined) break;
      told.push(one);
    }
    const again = await openSocketReader(strict, small, { after: told.at(-1)?.cursor ?? start });
    const rest = await idsOf(again, ids.length + 1 - told.length);
    assert.deepEqual([...told.map(({ id }) => id), ...rest], [...ids, missed]);
    again.leave();
  });

  test('is cut off as a stream of events, never told that it is complete, and resumes by its cursor', async () => {
    const reader = await openStreamReader(strict, large);
    const { cursor: start } = await reader.next();
    reader.pause();
    const ids = await strict.commitMany(80);
    await until(() => strict.server.subscriptions() === 0 && strict.contexts.length === 0);

    reader.resume();
    assert.notEqual(await reader.ended, 'end');
    const told = reader.arrived;
    assert.ok(told.length < ids.length);
    const again = await openStreamReader(strict, small, { after: told.at(-1)?.cursor ?? start });
    const rest = await idsOf(again, ids.length - told.length);
    assert.deepEqual([...told.map(({ id }) => id), ...rest], ids);
    again.leave();
  });
});

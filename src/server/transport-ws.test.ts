import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { openTestServer, type TestServer } from './test-server.ts';

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const [text, continuation, close, ping, pong] = [1, 0, 8, 9, 10] as const;

/** A frame as a client has to send it, masked. */
function frame(opcode: number, content: Buffer | string, last = true): Buffer {
  const payload = Buffer.from(content);
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  const size = Buffer.alloc(payload.length < 126 ? 1 : 3);
  size[0] = 0x80 | Math.min(payload.length, 126);
  if (payload.length >= 126) size.writeUInt16BE(payload.length, 1);
  return Buffer.concat([Buffer.from([(last ? 0x80 : 0) | opcode]), size, mask, masked]);
}

/** A client that knows nothing but bytes. */
async function dial(url: string, offered = 'graphql-transport-ws') {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    'GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${offered && `Sec-WebSocket-Protocol: ${offered}\r\n`}\r\n`,
  );
  let bytes = Buffer.alloc(0);
  const more = async () => {
    const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
    if (!Buffer.isBuffer(chunk)) throw new Error('The connection was closed.');
    bytes = Buffer.concat([bytes, chunk]);
  };
  while (!bytes.includes('\r\n\r\n')) await more();
  const head = bytes.subarray(0, bytes.indexOf('\r\n\r\n')).toString();
  assert.match(head, /^HTTP\/1\.1 101 /);
  const spoken = /^sec-websocket-protocol: (.*)$/im.exec(head)?.[1];
  assert.equal(spoken, offered.split(', ').includes('graphql-transport-ws') ? 'graphql-transport-ws' : undefined);
  bytes = bytes.subarray(head.length + 4);

  async function next(): Promise<Frame> {
    while (bytes.length < 2) await more();
    const short = (bytes[1] ?? 0) & 0x7f;
    const begin = short === 126 ? 4 : 2;
    while (bytes.length < begin) await more();
    const size = short === 126 ? bytes.readUInt16BE(2) : short;
    while (bytes.length < begin + size) await more();
    const found = { opcode: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(begin, begin + size) };
    bytes = bytes.subarray(begin + size);
    return found;
  }
  return {
    socket,
    next,
    write: (...frames: Buffer[]) => socket.write(Buffer.concat(frames)),
    send: (...messages: object[]) =>
      socket.write(Buffer.concat(messages.map((message) => frame(text, JSON.stringify(message))))),
    async message(): Promise<unknown> {
      const { opcode, payload } = await next();
      assert.equal(opcode, text, payload.toString('latin1'));
      return JSON.parse(payload.toString());
    },
    async closedWith(): Promise<number> {
      for (;;) {
        const { opcode, payload } = await next();
        if (opcode === close) return payload.readUInt16BE(0);
      }
    },
  };
}

describe('graphql-transport-ws, spoken by hand', () => {
  let open: TestServer;
  let hasty: TestServer;
  before(async () => {
    open = await openTestServer();
    hasty = await openTestServer({ limits: { initMs: 50 } });
  });
  after(() => Promise.all([open, hasty].map((one) => one.close())));

  const init = () => ({ type: 'connection_init', payload: { authorization: `Bearer ${open.key}` } });
  const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });
  const follows = 'subscription { follows { type } }';
  const caughtUp = (id: string) => ({ id, type: 'next', payload: { data: { follows: { type: 'caughtUp' } } } });

  async function accepted() {
    const client = await dial(open.server.url);
    client.send(init());
    assert.deepEqual(await client.message(), { type: 'connection_ack' });
    return client;
  }

  test('a query is next and complete; its id is free again afterwards', async () => {
    const client = await accepted();
    for (let turn = 0; turn < 2; turn += 1) {
      client.send(subscribe('1', '{ hello }'));
      assert.deepEqual(withoutCost(await client.message()), { id: '1', type: 'next', data: { hello: 'world' } });
      assert.deepEqual(await client.message(), { id: '1', type: 'complete' });
    }
    client.socket.destroy();
  });

  test('a message may come in fragments, with a ping between them', async () => {
    const client = await accepted();
    const message = JSON.stringify(subscribe('é', '{ hello }'));
    const bytes = Buffer.from(message);
    const cut = bytes.indexOf(0xc3) + 1;
    client.write(frame(text, bytes.subarray(0, cut), false), frame(ping, 'there?'));
    assert.deepEqual(await client.next(), { opcode: pong, payload: Buffer.from('there?') });
    client.write(frame(continuation, bytes.subarray(cut)));
    assert.deepEqual(withoutCost(await client.message()), { id: 'é', type: 'next', data: { hello: 'world' } });
    client.socket.destroy();
  });

  test('a ping is answered with its payload, before and after the connection is accepted; a pong with nothing', async () => {
    const client = await dial(open.server.url);
    client.send({ type: 'pong' }, { type: 'ping', payload: { n: 1 } });
    assert.deepEqual(await client.message(), { type: 'pong', payload: { n: 1 } });
    client.send(init());
    assert.deepEqual(await client.message(), { type: 'connection_ack' });
    client.send({ type: 'ping' });
    assert.deepEqual(await client.message(), { type: 'pong' });
    client.socket.destroy();
  });

  test('a completed subscription is told nothing more; completing what is not there is no mistake', async () => {
    const client = await accepted();
    client.send(subscribe('1', follows), subscribe('2', follows));
    const first = [await client.message(), await client.message()];
    assert.deepEqual(new Set(first.map((told) => (told as { id: string }).id)), new Set(['1', '2']));
    client.send({ id: '1', type: 'complete' }, { id: 'nobody', type: 'complete' }, { type: 'ping' });
    assert.deepEqual(await client.message(), { type: 'pong' });
    await open.commit();
    assert.deepEqual(await client.message(), {
      id: '2',
      type: 'next',
      payload: { data: { follows: { type: 'activity' } } },
    });
    client.send(subscribe('1', follows));
    assert.deepEqual(await client.message(), caughtUp('1'));
    client.socket.destroy();
  });

  test('a query that the client completes is told nothing more, and its answer goes nowhere', async () => {
    const client = await accepted();
    client.send(subscribe('1', '{ slow }'));
    await open.slowAsked;
    client.send({ id: '1', type: 'complete' }, { type: 'ping' });
    assert.deepEqual(await client.message(), { type: 'pong' });
    open.release();
    client.send(subscribe('2', '{ slow }'));
    assert.deepEqual(withoutCost(await client.message()), { id: '2', type: 'next', data: { slow: 'at last' } });
    assert.deepEqual(await client.message(), { id: '2', type: 'complete' });
    client.socket.destroy();
  });

  test('an error ends its operation: nothing follows, and its id is free again', async () => {
    const client = await accepted();
    for (const query of ['{', '{ nothing }', 'query A { hello } query B { hello }']) {
      client.send(subscribe('1', query), { type: 'ping' });
      const told = [await client.message(), await client.message()] as {
        id?: string;
        type: string;
        payload?: unknown;
      }[];
      assert.deepEqual(told.map(({ type }) => type).sort(), ['error', 'pong']);
      const error = told.find(({ type }) => type === 'error');
      assert.equal(error?.id, '1');
      assert.ok(Array.isArray(error.payload) && error.payload.length > 0, 'a list of errors');
    }
    client.send(subscribe('1', '{ hello }'));
    assert.deepEqual(withoutCost(await client.message()), { id: '1', type: 'next', data: { hello: 'world' } });
    client.socket.destroy();
  });

  test('each mistake has its close code', async () => {
    const mistakes: [code: number, name: string, frames: Buffer[]][] = [
      [4401, 'an operation while the key is still looked up', [init(), subscribe('1', '{ hello }')].map(toFrame)],
      [4429, 'a second init while the first is looked up', [init(), init()].map(toFrame)],
      [4400, 'no JSON', [frame(text, '{')]],
      [4400, 'no object', [frame(text, 'null')]],
      [4400, 'an unknown type', [frame(text, '{"type":"start"}')]],
      [4400, 'a type that is none', [frame(text, '{"type":["ping"]}')]],
      [4400, 'an acknowledgement, which is the server’s to give', [{ type: 'connection_ack' }].map(toFrame)],
      [
        4400,
        'a result, which is the server’s to give',
        [{ id: '1', type: 'next', payload: { data: null } }].map(toFrame),
      ],
      [
        4400,
        'an error, which is the server’s to tell',
        [{ id: '1', type: 'error', payload: [{ message: 'x' }] }].map(toFrame),
      ],
      [4400, 'an init with a text for its payload', [{ type: 'connection_init', payload: 'Bearer' }].map(toFrame)],
      [4400, 'a ping with a list for its payload', [{ type: 'ping', payload: [] }].map(toFrame)],
      [
        4400,
        'an operation without an id',
        [init(), { type: 'subscribe', payload: { query: '{ hello }' } }].map(toFrame),
      ],
      [
        4400,
        'an operation whose id is a number',
        [{ id: 1, type: 'subscribe', payload: { query: '{ hello }' } }].map(toFrame),
      ],
      [4400, 'an operation without a query', [{ id: '1', type: 'subscribe', payload: {} }].map(toFrame)],
      [
        4400,
        'variables that are a list',
        [{ id: '1', type: 'subscribe', payload: { query: '{ hello }', variables: [] } }].map(toFrame),
      ],
      [4400, 'a completion of nothing', [frame(text, '{"type":"complete"}')]],
      [4401, 'an operation before any init', [subscribe('1', '{ hello }')].map(toFrame)],
      [
        4403,
        'a key that is none',
        [{ type: 'connection_init', payload: { authorization: 'Bearer hr_live_x' } }].map(toFrame),
      ],
      [4403, 'no key', [{ type: 'connection_init' }].map(toFrame)],
      [1008, 'more than a hundred messages at once', Array.from({ length: 101 }, () => toFrame({ type: 'pong' }))],
      [4400, 'bytes instead of text', [frame(2, '{"type":"ping"}')]],
      [1007, 'text that is no UTF-8', [frame(text, Buffer.from([0xc3, 0x28]))]],
      [1002, 'a continuation of nothing', [frame(continuation, 'x')]],
      [1002, 'an unmasked frame', [Buffer.from([0x81, 0x02, 0x7b, 0x7d])]],
      [
        1009,
        'more than 64 KiB, in pieces',
        [frame(text, 'x'.repeat(40_000), false), frame(continuation, 'x'.repeat(40_000))],
      ],
    ];
    for (const [code, name, frames] of mistakes) {
      const client = await dial(open.server.url);
      client.write(...frames);
      assert.equal(await client.closedWith(), code, name);
      client.socket.destroy();
    }
    assert.deepEqual(open.logged, [], 'none of this is a mistake of ours');
    const twice = await accepted();
    twice.send(subscribe('1', follows), subscribe('1', '{ hello }'));
    assert.equal(await twice.closedWith(), 4409);
    twice.socket.destroy();
    const late = await accepted();
    late.send(init());
    assert.equal(await late.closedWith(), 4429);
    late.socket.destroy();
    const silent = await dial(hasty.server.url);
    assert.equal(await silent.closedWith(), 4408);
    silent.socket.destroy();
    const pinging = await dial(hasty.server.url);
    pinging.send({ type: 'ping' }, { type: 'pong' });
    assert.equal(await pinging.closedWith(), 4408, 'signs of life are no init');
    pinging.socket.destroy();
  });

  test('the protocol has a name, and another one is refused with 4406', async () => {
    for (const offered of ['', 'graphql-ws', 'GRAPHQL-TRANSPORT-WS', 'graphql-transport-ws2']) {
      const client = await dial(open.server.url, offered);
      assert.equal(await client.closedWith(), 4406, offered);
      client.socket.destroy();
    }
    const several = await dial(open.server.url, 'graphql-ws, graphql-transport-ws');
    several.send(init());
    assert.deepEqual(await several.message(), { type: 'connection_ack' });
    several.socket.destroy();
  });
});

function toFrame(message: object): Buffer {
  return frame(text, JSON.stringify(message));
}

function withoutCost(message: unknown): object {
  const { id, type, payload } = message as { id: string; type: string; payload: { data: unknown } };
  return { id, type, data: payload.data };
}

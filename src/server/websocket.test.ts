import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { openTestServer, type TestServer } from './test-server.ts';
import { openAccepted, openSocket } from './test-socket.ts';

describe('the WebSocket door', () => {
  let open: TestServer;
  let hasty: TestServer;
  let pinging: TestServer;
  let watchful: TestServer;

  before(async () => {
    open = await openTestServer();
    hasty = await openTestServer({ limits: { initMs: 20 } });
    pinging = await openTestServer({ limits: { pingMs: 200 } });
    watchful = await openTestServer({ limits: { recheckMs: 20 } });
  });
  after(() => Promise.all([open, hasty, pinging, watchful].map((one) => one.close())));

  test('serves the usual client: a query, a mutation and a subscription', async () => {
    const client = createClient({
      url: `${open.server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${open.key}` },
    });
    const told: unknown[] = [];
    for (const query of ['{ hello caller }', 'mutation { change }', 'subscription { counts(to: 2) }']) {
      for await (const { data } of client.iterate({ query })) told.push(data);
    }
    await client.dispose();

    assert.deepEqual(told, [{ hello: 'world', caller: 'Wall' }, { change: 'changed' }, { counts: 1 }, { counts: 2 }]);
    assert.deepEqual(open.contexts, []);
  });

  test('takes the key under any spelling of its name', async () => {
    const socket = await openSocket(open.server.url);
    socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${open.key}` } });

    assert.equal((await socket.next()).type, 'connection_ack');
    socket.socket.close();
  });

  test('closes with 4403 for no key, an unknown one, and one that is no text', async () => {
    const payloads = [
      undefined,
      {},
      { authorization: 'Bearer hr_live_nonsense' },
      { authorization: 42 },
      { authorization: [`Bearer ${open.key}`] },
    ];

    for (const payload of payloads) {
      const socket = await openSocket(open.server.url);
      socket.send({ type: 'connection_init', payload });
      assert.deepEqual(await socket.closed, { code: 4403, reason: 'Forbidden' });
    }
  });

  test('closes with the code that names the client’s mistake', async () => {
    const init = { type: 'connection_init', payload: { authorization: `Bearer ${open.key}` } };
    const mistakes: [number, (string | object)[]][] = [
      [4401, [{ id: '1', type: 'subscribe', payload: { query: '{ hello }' } }]],
      [4429, [init, init]],
      [4400, ['not JSON']],
      [4400, ['"text"']],
      [4400, ['{}']],
      [4400, [{ type: 'nonsense' }]],
      [4400, [init, { type: 'subscribe', payload: { query: '{ hello }' } }]],
      [4400, [init, { id: '', type: 'subscribe', payload: { query: '{ hello }' } }]],
      [4400, [init, { id: '1', type: 'subscribe', payload: { query: 42 } }]],
    ];

    for (const [code, messages] of mistakes) {
      const socket = await openSocket(open.server.url);
      for (const message of messages) socket.send(message);
      assert.equal((await socket.closed).code, code, JSON.stringify(messages));
    }
  });

  test('closes with 4409 when an id is given twice', async () => {
    const socket = await openAccepted(open.server.url, open.key);
    socket.subscribe('one', 'subscription { follows { type } }');
    await socket.next();
    socket.subscribe('one', '{ hello }');

    assert.equal((await socket.closed).code, 4409);
    await settled(open);
  });

  test('closes with 4406 for another protocol and 4408 for a silent client', async () => {
    const other = await openSocket(open.server.url, []);
    assert.equal((await other.closed).code, 4406);

    const silent = await openSocket(hasty.server.url);
    assert.equal((await silent.closed).code, 4408);
  });

  test('survives frames that are none, and closes their sockets', async () => {
    const frames: [string, Buffer][] = [
      ['an unmasked frame', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
      ['reserved bits', Buffer.from([0xf1, 0x80, 1, 2, 3, 4])],
      ['an unknown opcode', Buffer.from([0x83, 0x80, 1, 2, 3, 4])],
      ['a control frame that is too long', Buffer.from([0x89, 0xfe, 0x01, 0x00, 1, 2, 3, 4])],
      ['a fragment of nothing', Buffer.from([0x80, 0x80, 1, 2, 3, 4])],
      [
        'a length beyond all bounds',
        Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      ],
      ['bad UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
      ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ];

    for (const [name, frame] of frames) {
      const raw = await upgrade(open.server.url);
      raw.write(frame);
      await once(raw, 'close');
      assert.ok(true, name);
    }
    const binary = await openSocket(open.server.url);
    binary.socket.send(Buffer.from([1, 2, 3]));
    assert.equal((await binary.closed).code, 4400);
    const large = await openSocket(open.server.url);
    large.send('x'.repeat(64 * 1024 + 1));
    assert.equal((await large.closed).code, 1009);

    const fine = await openAccepted(open.server.url, open.key);
    fine.subscribe('1', '{ hello }');
    assert.deepEqual((await fine.next()).payload?.data, { hello: 'world' });
    fine.socket.close();
  });

  test('answers mistakes in an operation without closing, with a code', async () => {
    const socket = await openAccepted(open.server.url, open.key);
    const mistakes: [string, string][] = [
      ['{', 'error'],
      ['{ nothing }', 'error'],
      ['query A { hello } query B { hello }', 'error'],
      ['query ($t: String!) { echo(text: $t) }', 'next'],
    ];
    for (const [query, type] of mistakes) {
      socket.subscribe('1', query);
      const message = await socket.next();
      assert.equal(message.type, type, query);
      const [error] = Array.isArray(message.payload)
        ? (message.payload as { extensions: object }[])
        : (message.payload?.errors ?? []);
      assert.deepEqual(error?.extensions, { code: 'BAD_USER_INPUT' }, query);
      if (type === 'next') assert.equal((await socket.next()).type, 'complete');
    }
    socket.socket.close();
  });

  test('hides what it did not expect, also in the middle of a subscription', async () => {
    const socket = await openAccepted(open.server.url, open.key);
    socket.subscribe('1', 'subscription { breaks }');
    assert.deepEqual((await socket.next()).payload?.data, { breaks: 1 });

    const { type, payload } = await socket.next();
    assert.equal(type, 'next');
    assert.equal(payload?.errors?.[0]?.extensions.code, 'INTERNAL');
    assert.doesNotMatch(JSON.stringify(payload), /select|secret/);
    assert.equal((await socket.next()).type, 'complete');

    socket.subscribe('2', 'subscription { refused }');
    assert.equal((await socket.next()).payload?.errors?.[0]?.extensions.code, 'NOT_FOUND');
    assert.equal((await socket.next()).type, 'complete');
    socket.socket.close();
  });

  test('runs twenty operations in a socket, and refuses one more without harm to the others', async () => {
    const socket = await openAccepted(open.server.url, open.key);
    for (let number = 1; number <= 20; number += 1) {
      socket.subscribe(`id ${number}`, 'subscription { follows { type } }');
      assert.equal((await socket.next()).type, 'next');
    }
    assert.equal(open.server.subscriptions(), 20);
    socket.subscribe('__proto__', 'subscription { follows { type } }');
    const refused = await socket.next();
    assert.deepEqual([refused.id, refused.type], ['__proto__', 'error']);

    socket.send({ id: 'id 7', type: 'complete' });
    socket.subscribe('constructor', '{ hello }');
    assert.deepEqual((await socket.next()).payload?.data, { hello: 'world' });
    socket.subscribe('y'.repeat(129), '{ hello }');
    await socket.next();
    assert.equal((await socket.next()).type, 'error');

    socket.socket.close();
    await settled(open);
  });

  test('closes a flood of messages with 1008', async () => {
    const socket = await openAccepted(open.server.url, open.key);
    for (let number = 0; number < 150; number += 1) socket.send({ type: 'ping' });

    assert.equal((await socket.closed).code, 1008);
  });

  test('ends a client that does not answer pings, and keeps one that does', async () => {
    const mute = await upgrade(pinging.server.url);
    const alive = await openAccepted(pinging.server.url, pinging.key);
    let pings = 0;
    alive.socket.on('ping', () => (pings += 1));

    await once(mute, 'close');
    while (pings < 3) await once(alive.socket, 'ping');
    assert.equal(alive.socket.readyState, alive.socket.OPEN);
    alive.socket.close();
  });

  test('ends a socket soon after its key is revoked, though nothing happens in it', async () => {
    const { id, key } = await watchful.makeKey();
    const revoked = await openAccepted(watchful.server.url, key);
    const other = await openAccepted(watchful.server.url, watchful.key);
    revoked.subscribe('1', 'subscription { follows { type } }');
    await revoked.next();

    await watchful.revoke(id);

    assert.deepEqual(await revoked.closed, { code: 4403, reason: 'Forbidden' });
    assert.equal(other.socket.readyState, other.socket.OPEN);
    other.socket.close();
    await settled(watchful);
  });

  test('tells a revoked key nothing more, not even what was on its way', async () => {
    const { id, key } = await open.makeKey();
    const socket = await openAccepted(open.server.url, key);
    socket.subscribe('1', 'subscription { follows { type id } }');
    await socket.next();

    await open.revoke(id);
    await open.commit();

    assert.equal((await socket.next()).payload?.errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
    assert.equal((await socket.next()).type, 'complete');
    socket.socket.close();
    await settled(open);
  });

  test('releases everything when a client vanishes', async () => {
    const socket = await openAccepted(open.server.url, open.key);
    for (const id of ['1', '2', '3']) {
      socket.subscribe(id, 'subscription { follows { type } }');
      await socket.next();
    }
    assert.equal(open.server.subscriptions(), 3);
    socket.socket.terminate();
    await settled(open);
  });

  test('holds so many live connections of a key and of its tenant, streams of events included', async () => {
    const full = await openTestServer({ limits: { connectionsPerCaller: 2, connectionsPerTenant: 3 } });
    const { key: second } = await full.makeKey();
    const init = (key: string) => ({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
    const refused = async (key: string) => {
      const socket = await openSocket(full.server.url);
      socket.send(init(key));
      const { code, reason } = await socket.closed;
      assert.equal(code, 1013);
      assert.match(reason, /too many live connections/i);
    };
    const stream = (key: string) =>
      fetch(`${full.server.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { follows { type } }' }),
      });

    const first = await openAccepted(full.server.url, full.key);
    const streaming = await stream(full.key);
    assert.equal(streaming.status, 200);
    await refused(full.key);
    const other = await openAccepted(full.server.url, second);
    await refused(second);
    const answer = await stream(second);
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
    assert.equal(errors[0]?.extensions.code, 'RATE_LIMITED');
    assert.equal(full.server.subscriptions(), 1, 'nothing of what was refused goes on');

    first.subscribe('1', '{ hello }');
    assert.deepEqual((await first.next()).payload?.data, { hello: 'world' }, 'nobody else is disturbed');
    other.socket.close();
    await once(other.socket, 'close');
    let again = await openSocket(full.server.url);
    again.send(init(second));
    // The place is given back when the server knows that the other has left.
    while (!(await again.next().catch(() => undefined))) {
      again = await openSocket(full.server.url);
      again.send(init(second));
    }
    for (const socket of [first, again]) socket.socket.close();
    await streaming.body?.cancel();
    await full.close();
  });

  test('refuses to upgrade any other path', async () => {
    for (const path of ['/', '/graphql/', '/health']) {
      const socket = new WebSocket(open.server.url.replace('http', 'ws') + path, ['graphql-transport-ws']);
      const [error] = (await once(socket, 'error')) as [Error];
      assert.match(error.message, /404/);
    }
  });
});

/** Looks again whenever the event loop has come round. */
async function settled({ server, contexts }: TestServer): Promise<void> {
  while (server.subscriptions() > 0 || contexts.length > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** A bare connection that has become a WebSocket, and says nothing more. */
async function upgrade(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const headers = [
    'GET /graphql HTTP/1.1',
    `Host: ${hostname}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  ];
  socket.write(`${headers.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

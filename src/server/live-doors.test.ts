import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { openTestServer, type TestServer } from './test-server.ts';
import { type Message, openAccepted, type TestSocket } from './test-socket.ts';

interface Told {
  type: string;
  cursor: string | null;
  id: string | null;
  reason: string | null;
}

const follows = 'subscription ($after: String) { follows(after: $after) { type cursor id reason } }';

function toldBy(message: Message): Told {
  assert.equal(message.type, 'next', JSON.stringify(message));
  return message.payload?.data?.follows as Told;
}

describe('live events through the doors', () => {
  let one: TestServer;

  before(async () => {
    one = await openTestServer();
  });
  after(() => one.close());

  async function idsOf(socket: TestSocket, count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const { type, id } = toldBy(await socket.next());
      assert.notEqual(type, 'gap');
      if (id !== null) ids.push(id);
    }
    return ids;
  }

  test('a client that lost its connection goes on behind its cursor, over the other door too', async () => {
    const socket = await openAccepted(one.server.url, one.key);
    socket.subscribe('1', follows);
    assert.equal(toldBy(await socket.next()).type, 'caughtUp');
    const first = await one.commit();
    const told = toldBy(await socket.next());
    assert.equal(told.id, first);
    socket.socket.terminate();
    const missed = [await one.commit(), await one.commit()];

    const left = new AbortController();
    const response = await fetch(`${one.server.url}/graphql`, {
      method: 'POST',
      signal: left.signal,
      headers: { authorization: `Bearer ${one.key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: follows, variables: { after: told.cursor } }),
    });
    let text = '';
    const idsSent = () => [...text.matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id);
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (idsSent().length === missed.length) break;
    }
    left.abort();

    assert.deepEqual(idsSent(), missed);
  });

  test('a cursor of another tenant, and one that is made up, are refused as INVALID_CURSOR', async () => {
    const two = await openTestServer();
    try {
      const foreign = await two.feed.cursor(two.tenantId);
      const socket = await openAccepted(one.server.url, one.key);
      for (const after of [foreign, await one.feed.cursor(two.tenantId), 'made up', '']) {
        socket.subscribe('1', follows, { after });
        const { payload } = await socket.next();
        if (after === '') {
          // Nothing to go on from: the present.
          assert.ok(payload?.data);
          continue;
        }
        assert.equal(payload?.errors?.[0]?.extensions.code, 'INVALID_CURSOR', after);
        assert.equal((await socket.next()).type, 'complete');
      }
      socket.socket.close();
    } finally {
      await two.close();
    }
  });

  test('a client that stops reading gets a gap; nobody else waits, and nothing piles up for it', async () => {
    const slow = await openAccepted(one.server.url, one.key);
    const quick = await openAccepted(one.server.url, one.key);
    // Large enough that what the network holds for a paused reader is soon full.
    const large = 'subscription { follows { type cursor id reason padding(size: 200000) } }';
    slow.subscribe('1', large);
    quick.subscribe('1', follows);
    toldBy(await slow.next());
    toldBy(await quick.next());

    slow.pause();
    const ids: string[] = [];
    const seen: string[] = [];
    // What fits into the network on the way, and some of the latest, wait for it; beyond that something must be given up.
    for (let number = 0; number < 250; number += 1) {
      ids.push(await one.commit());
      seen.push(...(await idsOf(quick, 1)));
    }
    assert.deepEqual(seen, ids, 'the other one missed nothing');

    slow.resume();
    const told: Told[] = [];
    while (told.at(-1)?.type !== 'gap') told.push(toldBy(await slow.next()));
    ids.push(await one.commit());
    while (told.at(-1)?.id !== ids.at(-1)) told.push(toldBy(await slow.next()));
    const gaps = told.filter(({ type }) => type === 'gap');
    assert.deepEqual(
      gaps.map(({ reason }) => reason),
      ['SLOW_CLIENT'],
    );
    const got = told.flatMap(({ id }) => id ?? []);
    assert.equal(new Set(got).size, got.length, 'nothing came twice');
    assert.deepEqual(
      got,
      ids.filter((id) => got.includes(id)),
      'what came was in order',
    );
    assert.ok(got.length < ids.length);
    slow.socket.close();
    quick.socket.close();
  });

  test('many clients on one server all get the same, once', async () => {
    const sockets = await Promise.all(Array.from({ length: 40 }, () => openAccepted(one.server.url, one.key)));
    await Promise.all(
      sockets.map(async (socket) => {
        socket.subscribe('1', follows);
        assert.equal(toldBy(await socket.next()).type, 'caughtUp');
      }),
    );
    const ids = await Promise.all(Array.from({ length: 40 }, () => one.commit()));
    const received = await Promise.all(sockets.map((socket) => idsOf(socket, 40)));

    for (const list of received) assert.deepEqual(list, received[0]);
    assert.deepEqual(new Set(received[0]), new Set(ids));
    await Promise.all(
      sockets.map(async (socket) => {
        socket.socket.close();
        await once(socket.socket, 'close');
      }),
    );
    while (one.server.subscriptions() > 0 || one.contexts.length > 0)
      await new Promise((resolve) => setImmediate(resolve));
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../model/ids.ts';
import { openTestServer, type TestServer } from './test-server.ts';
import { type Message, openAccepted, type TestSocket } from './test-socket.ts';

const follows = 'subscription S($after: String) { follows(after: $after) { type cursor id rights } }';

interface Told {
  readonly type: string;
  readonly id: string | null;
  readonly rights: string;
}

function toldBy({ type, payload }: Message): Told {
  assert.equal(type, 'next');
  return payload?.data?.follows as Told;
}

describe('equal subscriptions', () => {
  let open: TestServer;

  before(async () => {
    open = await openTestServer();
  });
  after(() => open.close());

  /** Follows, and has been told that it is caught up. */
  async function follow(key: string, { id = '1', query = follows, variables = {} } = {}): Promise<TestSocket> {
    const socket = await openAccepted(open.server.url, key);
    socket.subscribe(id, query, variables);
    assert.equal(toldBy(await socket.next()).type, 'caughtUp');
    return socket;
  }

  async function settled(sockets: readonly TestSocket[]): Promise<void> {
    for (const { socket } of sockets) socket.close();
    while (open.server.subscriptions() > 0 || open.contexts.length > 0)
      await new Promise((resolve) => setImmediate(resolve));
  }

  test('are executed once for each event, over both doors, each client under the id it gave', async () => {
    const others = (await open.makeKey()).key;
    const ids = Array.from({ length: 20 }, (_, number) => `subscription "${number}"`);
    const sockets = await Promise.all(ids.map((id, place) => follow(place % 2 === 0 ? open.key : others, { id })));
    const left = new AbortController();
    const stream = await fetch(`${open.server.url}/graphql`, {
      method: 'POST',
      signal: left.signal,
      headers: { authorization: `Bearer ${others}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: follows, operationName: 'S', variables: {} }),
    });
    const reader = stream.body?.getReader();
    let text = '';
    const read = async (what: string) => {
      while (!text.includes(what)) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    };
    await read('caughtUp');
    const before = open.executions();

    const committed = [await open.commit(), await open.commit(), await open.commit()];
    const told = await Promise.all(
      sockets.map(async (socket) => [await socket.next(), await socket.next(), await socket.next()]),
    );
    for (const id of committed) await read(id);

    for (const [place, messages] of told.entries()) {
      assert.deepEqual(
        messages.map((message) => [message.id, toldBy(message).id]),
        committed.map((id) => [ids[place], id]),
      );
      assert.deepEqual(
        messages.map(({ payload }) => payload),
        told[0]?.map(({ payload }) => payload),
      );
    }
    // The stream names its operation, which the others do not: it is another kind.
    assert.equal(open.executions() - before, 2 * committed.length);
    left.abort();
    await settled(sockets);
  });

  test('with other rights are not equal: nobody is told what was executed for another, and each school stays its own', async () => {
    const [north, south] = [newId(), newId()];
    const reach = [null, [north], [south], [north, south], []];
    const keys = await Promise.all(
      reach.flatMap((schoolIds) => [schoolIds, schoolIds].map((each) => open.makeKey({ schoolIds: each }))),
    );
    const sockets = await Promise.all(keys.map(({ key }) => follow(key)));
    const before = open.executions();
    const events: [schoolId: string | null, id: string][] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const schoolId of [north, south]) events.push([schoolId, await open.commit({ schoolId })]);
    }
    const end = await open.commit();

    await Promise.all(
      sockets.map(async (socket, place) => {
        const schoolIds = reach[Math.floor(place / 2)] ?? null;
        const told: Told[] = [];
        while (told.at(-1)?.id !== end) told.push(toldBy(await socket.next()));
        const mine = events.filter(([schoolId]) => schoolIds === null || schoolIds.some((id) => id === schoolId));
        assert.deepEqual(
          told.map(({ id }) => id),
          [...mine.map(([, id]) => id), end],
        );
        for (const { rights } of told) assert.equal(rights, JSON.stringify(schoolIds));
      }),
    );
    assert.equal(open.executions() - before, 8 + 4 + 4 + 8 + 5);
    await settled(sockets);
  });

  test('end one by one: a revoked key is told nothing more, and the other goes on', async () => {
    const { id, key } = await open.makeKey();
    const sockets = [await follow(key), await follow(open.key), await follow(key)];
    await open.revoke(id);
    const committed = await open.commit();

    const [first, other, second] = await Promise.all(sockets.map((socket) => socket.next()));
    for (const message of [first, second]) {
      assert.equal(message?.payload?.data, undefined);
      assert.equal(message?.payload?.errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
    }
    assert.equal(other && toldBy(other).id, committed);
    const next = await open.commit();
    assert.equal(toldBy((await sockets[1]?.next()) as Message).id, next);
    await settled(sockets);
  });

  test('may have begun elsewhere: one that resumes is equal to those that stayed', async () => {
    const stayed = await follow(open.key);
    const after = await open.feed.cursor(open.tenantId);
    const missed = await open.commit();
    assert.equal(toldBy(await stayed.next()).id, missed);
    const resumed = await openAccepted(open.server.url, open.key);
    resumed.subscribe('1', follows, { after });
    assert.equal(toldBy(await resumed.next()).id, missed);
    assert.equal(toldBy(await resumed.next()).type, 'caughtUp');
    const before = open.executions();

    const committed = await open.commit();
    for (const socket of [stayed, resumed]) assert.equal(toldBy(await socket.next()).id, committed);

    assert.equal(open.executions() - before, 1);
    await settled([stayed, resumed]);
  });

  test('are told of every event once and in order, whenever they come, fall behind or go on', async () => {
    const query =
      'subscription S($after: String) { follows(after: $after, together: 20) { type cursor ids padding(size: 4000) } }';
    const begin = await open.feed.cursor(open.tenantId);
    const random = randomOf(20261126);
    const committed: string[] = [];
    const end = newId();
    async function flow() {
      for (let round = 0; round < 60; round += 1) {
        const some = await Promise.all(Array.from({ length: 1 + Math.floor(random() * 4) }, () => open.commit()));
        committed.push(...some);
      }
    }
    /** Comes and goes until it has been told of everything. */
    async function client(): Promise<string[]> {
      const ids: string[] = [];
      let after = begin;
      for (let connections = 0; ; connections += 1) {
        const socket = await openAccepted(open.server.url, open.key);
        socket.subscribe('1', query, { after });
        // At its third connection it stays.
        const most = connections < 2 ? 5 + Math.floor(random() * 40) : Number.POSITIVE_INFINITY;
        for (let count = 0; count < most; count += 1) {
          const { payload } = await socket.next();
          assert.ok(payload?.data);
          const { cursor, ids: some } = payload.data.follows as { cursor: string; ids: string[] };
          after = cursor;
          ids.push(...some);
          if (random() < 0.05) {
            socket.pause();
            setImmediate(socket.resume);
          }
          if (ids.includes(end)) {
            socket.socket.close();
            return ids;
          }
        }
        socket.socket.terminate();
      }
    }
    const clients = Array.from({ length: 25 }, client);
    const [first] = clients;
    await flow();
    await open.commit({ ids: [end] });
    committed.push(end);

    const told = await Promise.all(clients);
    assert.equal(new Set(told[0]).size, committed.length);
    assert.deepEqual(new Set(told[0]), new Set(committed));
    for (const ids of told) assert.deepEqual(ids, await first);
    while (open.server.subscriptions() > 0 || open.contexts.length > 0)
      await new Promise((resolve) => setImmediate(resolve));
  });
});

/** A small generator of numbers from 0 up to 1, so that a failure can be seen again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

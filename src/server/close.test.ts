import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { openTestServer, type TestServer } from './test-server.ts';
import { openAccepted } from './test-socket.ts';

function post(open: TestServer, query: string, accept = 'application/json'): Promise<Response> {
  return fetch(`${open.server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${open.key}`, 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
}

describe('closing the server', () => {
  test('lets a request that is under way finish, and takes no new one', async () => {
    const open = await openTestServer();
    const answer = post(open, '{ slow }');
    await open.slowAsked;

    const closed = open.server.close();
    await assert.rejects(fetch(`${open.server.url}/ready`));
    open.release();

    const response = await answer;
    const { data } = (await response.json()) as { data: unknown };
    assert.deepEqual(data, { slow: 'at last' });
    await closed;
    assert.deepEqual(open.contexts, []);
    await open.close();
  });

  test('tells WebSockets to come back elsewhere, and ends streams without calling them complete', async () => {
    const chances = [0.5, 1];
    const open = await openTestServer({ random: () => chances.pop() ?? 0 });
    const socket = await openAccepted(open.server.url, open.key);
    socket.subscribe('1', 'subscription { follows { type } }');
    await socket.next();
    const stream = await post(open, 'subscription { follows { type } }', 'text/event-stream');
    const text = stream.text();
    const idle = connect(Number(new URL(open.server.url).port), '127.0.0.1');
    await once(idle, 'connect');
    assert.equal(open.server.subscriptions(), 2);

    await open.server.close();

    const { code, reason } = await socket.closed;
    assert.equal(code, 1001);
    const moments = [reason, await text].map((words) => /(?:come back in|retry:) (\d+)/.exec(words)?.[1]);
    assert.deepEqual(moments.toSorted(), ['2750', '5000'], 'each at another moment');
    assert.doesNotMatch(await text, /complete/);
    assert.equal(open.server.subscriptions(), 0);
    assert.deepEqual(open.contexts, []);
    idle.destroy();
    await open.close();
  });

  test('ends what takes too long, and what does not answer', async () => {
    const open = await openTestServer({ limits: { drainMs: 50 } });
    const answer = post(open, '{ slow }');
    await open.slowAsked;

    await Promise.all([open.server.close(), assert.rejects(answer)]);

    assert.ok(open.logged.some(({ message }) => message.includes('took too long')));
    await open.close();
  });

  test('twice is once', async () => {
    const open = await openTestServer();
    await Promise.all([open.server.close(), open.server.close()]);
    await open.close();
  });

  test('a server on a port that is taken says so', async () => {
    const open = await openTestServer();
    const port = Number(new URL(open.server.url).port);
    await assert.rejects(openTestServer({ port }), { code: 'EADDRINUSE' });
    await open.close();
  });

  test('is not ready without its migrations or its database', async () => {
    const open = await openTestServer();
    await open.database.owner`delete from drizzle.__drizzle_migrations`;
    const response = await fetch(`${open.server.url}/ready`);

    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { status: 'not ready' });
    assert.equal((await fetch(`${open.server.url}/health`)).status, 200);
    await open.close();
  });
});

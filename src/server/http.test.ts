import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestServer, type TestServer } from './test-server.ts';

describe('the HTTP door', () => {
  let open: TestServer;

  before(async () => {
    open = await openTestServer({
      corsOrigins: ['https://portal.example'],
      graphiql: { authorization: 'Bearer hr_demo_</script>' },
    });
  });
  after(() => open.close());

  function ask(path: string, init: RequestInit & { key?: string | null } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    const { key = open.key } = init;
    if (key !== null) headers.set('authorization', `Bearer ${key}`);
    return fetch(open.server.url + path, { ...init, headers });
  }

  function post(body: unknown, init: RequestInit & { key?: string | null } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return ask('/graphql', { method: 'POST', ...init, headers, body: text });
  }

  interface Answer {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  }

  async function read(response: Response): Promise<Answer> {
    const { data, errors } = (await response.json()) as Answer;
    return { ...(data !== undefined && { data }), ...(errors && { errors }) };
  }

  async function codeOf(response: Response): Promise<unknown> {
    return (await read(response)).errors?.[0]?.extensions.code;
  }

  test('answers a query that is posted or asked for in the address', async () => {
    const posted = await post({ query: '{ hello caller }' });
    assert.equal(posted.status, 200);
    assert.deepEqual(await read(posted), { data: { hello: 'world', caller: 'Wall' } });

    const asked = await ask(
      `/graphql?query=${encodeURIComponent('query ($t: String!) { echo(text: $t) }')}&variables=${encodeURIComponent('{"t":"é"}')}`,
    );
    assert.deepEqual(await read(asked), { data: { echo: 'é' } });
  });

  test('speaks the newer media type with who asks for it', async () => {
    const newer = { accept: 'application/graphql-response+json' };
    const answer = await post({ query: '{ hello }' }, { headers: newer });
    assert.match(answer.headers.get('content-type') ?? '', /^application\/graphql-response\+json/);
    assert.equal(answer.status, 200);

    assert.equal((await post({ query: '{ nothing }' }, { headers: newer })).status, 400);
    assert.equal((await post({ query: '{ nothing }' })).status, 200);
    const refused = await post({ query: '{ hello }' }, { headers: newer, key: null });
    assert.match(refused.headers.get('content-type') ?? '', /^application\/graphql-response\+json/);
  });

  test('answers 401 alike for no key, an unknown one and a broken one, before it reads anything', async () => {
    const answers = await Promise.all(
      [null, 'hr_live_nonsense', `${open.key}x`].map(async (key) => {
        const response = await post('this is not even JSON', { key });
        assert.equal(response.status, 401);
        assert.equal(response.headers.get('www-authenticate'), 'Bearer');
        return response.text();
      }),
    );

    assert.equal(new Set(answers).size, 1);
    assert.match(answers[0] ?? '', /"code":"UNAUTHENTICATED"/);
    assert.equal((await ask(`/graphql?query={hello}&authorization=Bearer ${open.key}`, { key: null })).status, 401);
  });

  test('tells what an operation cost, and refuses one that costs, holds or nests too much', async () => {
    const cost = async (body: object) => ((await (await post(body)).json()) as { extensions: object }).extensions;
    const { remaining, ...told } = ((await cost({ query: '{ hello }' })) as { cost: Record<string, number> }).cost;
    assert.deepEqual(told, { requested: 1, limit: 500, restoreRate: 100 });
    assert.ok(remaining !== undefined && remaining > 500 && remaining <= 1_000);

    const many = (count: number, text: string) =>
      Array.from({ length: count }, (_, turn) => text.replace('#', String(turn)));
    for (const query of [
      `{ ${many(2_001, 'hello').join(' ')} }`,
      `{ ${many(11, 'hello').join(' ')} }`,
      `query ${many(21, '@skip(if: false)').join(' ')} { hello }`,
      `{ hello ...f } fragment f on Query { ${many(21, 'a#: __typename').join(' ')} }`,
    ]) {
      assert.equal(await codeOf(await post({ query })), 'BAD_USER_INPUT', query.slice(0, 40));
    }
  });

  test('answers 429 with the seconds to wait to who has spent all', async () => {
    const poor = await openTestServer({ limits: { callerPoints: { capacity: 15, perSecond: 0.1 } } });
    try {
      const change = () =>
        fetch(`${poor.server.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${poor.key}` },
          body: '{"query":"mutation { change }"}',
        });
      assert.equal((await change()).status, 200);
      const refused = await change();
      assert.equal(refused.status, 429);
      const { errors, extensions } = (await refused.json()) as Answer & { extensions: { cost: { requested: number } } };
      const [error] = errors ?? [];
      assert.equal(error?.extensions.code, 'RATE_LIMITED');
      assert.equal(error.extensions.http, undefined);
      assert.ok(Number(error.extensions.retryAfter) > 30);
      assert.equal(refused.headers.get('retry-after'), String(error.extensions.retryAfter));
      assert.equal(extensions.cost.requested, 10);
    } finally {
      await poor.close();
    }
  });

  test('changes nothing on GET', async () => {
    const response = await ask(`/graphql?query=${encodeURIComponent('mutation { change }')}`);

    assert.equal(response.status, 405);
    assert.deepEqual(await read(await post({ query: 'mutation { change }' })), { data: { change: 'changed' } });
  });

  test('takes plain JSON and nothing else', async () => {
    const body = JSON.stringify({ query: '{ hello }' });
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/graphql',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/json, text/plain',
    ];

    for (const type of types) assert.equal((await post(body, { headers: { 'content-type': type } })).status, 415, type);
    assert.equal(
      (await post(body, { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } })).status,
      415,
    );
    for (const type of ['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"']) {
      assert.equal((await post(body, { headers: { 'content-type': type } })).status, 200, type);
    }
    assert.equal((await ask('/graphql', { method: 'PUT', body })).status, 405);
  });

  test('refuses what is larger than it may be, announced or not', async () => {
    const large = JSON.stringify({ query: `{ hello } # ${'x'.repeat(256 * 1024)}` });
    assert.equal((await post(large)).status, 413);

    const unannounced = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent <= large.length; sent += 65_536)
          controller.enqueue(Buffer.from(large.slice(sent, sent + 65_536)));
        controller.close();
      },
    });
    const init = { method: 'POST', body: unannounced, duplex: 'half', headers: { 'content-type': 'application/json' } };
    assert.equal((await ask('/graphql', init as RequestInit)).status, 413);
    assert.equal((await post(JSON.stringify({ query: `{ hello } # ${'x'.repeat(200 * 1024)}` }))).status, 200);
  });

  test('tells of a mistake in the operation as BAD_USER_INPUT', async () => {
    const mistakes: unknown[] = [
      'not JSON',
      '[]',
      'null',
      {},
      { query: 42 },
      { query: '{' },
      { query: '{ nothing }' },
      { query: '{ hello }', variables: 'x' },
      { query: 'query A { hello } query B { hello }' },
      { query: 'query A { hello }', operationName: 'B' },
      { query: 'query ($t: String!) { echo(text: $t) }', variables: { t: null } },
      [{ query: '{ hello }' }, { query: '{ hello }' }],
    ];

    for (const mistake of mistakes) {
      const response = await post(mistake);
      assert.ok(response.status < 500, JSON.stringify(mistake));
      assert.equal(await codeOf(response), 'BAD_USER_INPUT', JSON.stringify(mistake));
    }
  });

  test('tells of variables in the address that are no JSON', async () => {
    for (const name of ['variables', 'extensions']) {
      const refused = await ask(`/graphql?query={hello}&${name}={`);
      assert.deepEqual([refused.status, await codeOf(refused)], [400, 'BAD_USER_INPUT']);
    }
    assert.equal((await ask('/graphql?query={hello}&variables=&extensions=')).status, 200);
  });

  test('passes on what a resolver refuses, and hides what it did not expect behind a reference', async () => {
    const refused = await read(await post({ query: '{ hello refuses }' }));
    assert.deepEqual(refused.data, { hello: 'world', refuses: null });
    assert.deepEqual(refused.errors?.[0]?.extensions, { code: 'FORBIDDEN', scopes: ['sync:run'] });
    assert.deepEqual(refused.errors?.[0]?.path, ['refuses']);

    for (const field of ['fails', 'mistyped']) {
      const response = await post({ query: `{ ${field} }` });
      const reference = response.headers.get('x-request-id');
      const answer = await response.text();
      const { errors } = JSON.parse(answer) as Answer;
      assert.deepEqual(errors?.[0]?.extensions, { code: 'INTERNAL', requestId: reference });
      assert.doesNotMatch(answer, /select|secret|Elm|stack|originalError/);
      const entry = open.logged.find(({ facts }) => facts.requestId === reference);
      assert.ok(entry?.facts.err instanceof Error, 'the log knows what it was');
      assert.equal(entry.facts.path, field);
    }
  });

  test('ends every context with its operation', async () => {
    await Promise.all(
      ['{ hello }', '{ fails }', '{ refuses }', 'mutation { change }', '{', '{ nothing }'].map((query) =>
        post({ query }),
      ),
    );

    assert.deepEqual(open.contexts, []);
  });

  test('streams a subscription as server-sent events', async () => {
    const response = await post(
      { query: 'subscription { counts(to: 3) }' },
      { headers: { accept: 'text/event-stream' } },
    );

    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('event:'));
    assert.deepEqual(events, [
      'event: next\ndata: {"data":{"counts":1}}',
      'event: next\ndata: {"data":{"counts":2}}',
      'event: next\ndata: {"data":{"counts":3}}',
      'event: complete\ndata:',
    ]);
    assert.deepEqual(open.contexts, []);
    const plain = { headers: { accept: 'application/json' } };
    const refused = await post({ query: 'subscription { counts(to: 3) }' }, plain);
    assert.equal(refused.status, 406);
    assert.equal(await codeOf(refused), 'BAD_USER_INPUT');
    assert.deepEqual(open.contexts, []);
  });

  test('tells in a stream what was refused or broke, and ends it', async () => {
    const sse = { headers: { accept: 'text/event-stream' } };
    const refused = await (await post({ query: 'subscription { refused }' }, sse)).text();
    assert.match(refused, /"code":"NOT_FOUND"/);

    const broken = await (await post({ query: 'subscription { breaks }' }, sse)).text();
    assert.match(broken, /"breaks":1/);
    assert.match(broken, /"code":"INTERNAL"/);
    assert.match(broken, /event: complete/);
    assert.doesNotMatch(broken, /select|secret/);
    assert.deepEqual(open.contexts, []);
  });

  test('releases a subscription whose client leaves', async () => {
    const left = new AbortController();
    const response = await post(
      { query: 'subscription { follows { type } }' },
      { headers: { accept: 'text/event-stream' }, signal: left.signal },
    );
    const reader = response.body?.getReader();
    await reader?.read();
    assert.equal(open.server.subscriptions(), 1);

    left.abort();
    await until(() => open.server.subscriptions() === 0 && open.contexts.length === 0);
  });

  test('lets only listed origins read', async () => {
    const listed = await post({ query: '{ hello }' }, { headers: { origin: 'https://portal.example' } });
    assert.equal(listed.headers.get('access-control-allow-origin'), 'https://portal.example');
    assert.equal(listed.headers.get('access-control-allow-credentials'), null);
    const refusedKey = await post({ query: '{ hello }' }, { headers: { origin: 'https://portal.example' }, key: null });
    assert.equal(refusedKey.headers.get('access-control-allow-origin'), 'https://portal.example');

    for (const origin of ['https://evil.example', 'null', 'https://portal.example.evil']) {
      const response = await post({ query: '{ hello }' }, { headers: { origin } });
      assert.equal(response.headers.get('access-control-allow-origin'), null, origin);
    }
    const preflight = await ask('/graphql', {
      method: 'OPTIONS',
      key: null,
      headers: { origin: 'https://portal.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/);
  });

  test('says how it is without a key, and nothing else', async () => {
    const health = await ask('/health', { key: null });
    assert.deepEqual([health.status, await health.json()], [200, { status: 'ok' }]);
    const ready = await ask('/ready', { key: null });
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }]);
  });

  test('answers 404 in JSON for any other address', async () => {
    for (const path of ['/', '/graphql/', '/graphql/x', '/constructor', '/__proto__', '/health/deep', '//', '/%']) {
      const response = await ask(path);
      assert.equal(response.status, 404, path);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    }
  });

  test('sends safe headers with every answer', async () => {
    for (const path of ['/graphql?query={hello}', '/health', '/nowhere']) {
      const { headers } = await ask(path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
      assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
      assert.equal(headers.get('x-powered-by'), null);
    }
  });

  test('serves a browser the page to try it out, without a key and from nowhere else', async () => {
    const response = await ask('/graphql', { key: null, headers: { accept: 'text/html,application/xhtml+xml' } });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-security-policy') ?? '', /connect-src 'self'/);
    const html = await response.text();

    assert.doesNotMatch(html, /<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?\/\//);
    assert.match(html, /"connectionParams":\{"authorization":"Bearer hr_demo_\\u003c\/script>"\}/);
  });
});

/** Looks again whenever the event loop has come round. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openTestServer, type TestServer } from './test-server.ts';
import { openAccepted } from './test-socket.ts';

const hello = 'query Hello { hello }';
const echo = 'query Echo($text: String!) { echo(text: $text) }';
const counts = 'subscription Counts { counts(to: 2) }';
const change = 'mutation Change { change }';
const wide = `{ ${Array.from({ length: 11 }, (_, turn) => `a${turn}: hello`).join(' ')} }`;
const long = `{ ${'hello '.repeat(2_001)} }`;
const broken = '{ nothing }';
const unknown = 'query Unknown { hello }';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const documents = new Map([hello, echo, counts, change, wide, long, broken].map((text) => [hashOf(text), text]));

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions: { code: string } }[];
}

describe('trusted documents', () => {
  let open: TestServer;
  let strict: TestServer;

  before(async () => {
    open = await openTestServer({ trustedDocuments: { documents, only: false } });
    strict = await openTestServer({ trustedDocuments: { documents, only: true } });
  });
  after(() => Promise.all([open, strict].map((one) => one.close())));

  const headersOf = ({ key }: TestServer) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

  function post(server: TestServer, body: object, accept = 'application/json'): Promise<Response> {
    const init = { method: 'POST', headers: { ...headersOf(server), accept }, body: JSON.stringify(body) };

    return fetch(`${server.server.url}/graphql`, init);
  }

  function get(server: TestServer, params: Record<string, string>): Promise<Response> {
    return fetch(`${server.server.url}/graphql?${new URLSearchParams(params)}`, { headers: headersOf(server) });
  }

  /** What one operation of a WebSocket is told first. */
  async function overSocket(server: TestServer, payload: object): Promise<Answer | undefined> {
    const socket = await openAccepted(server.server.url, server.key);
    socket.send({ id: '1', type: 'subscribe', payload: { query: '', ...payload } });
    const { type, payload: told } = await socket.next();
    socket.socket.close();

    return type === 'error' ? { errors: told as unknown as Answer['errors'] & object } : (told as Answer);
  }

  /** The same question through every door that takes queries. */
  async function everywhere(server: TestServer, asked: Record<string, unknown>): Promise<Answer[]> {
    const params = Object.fromEntries(
      Object.entries(asked).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    );
    const answers = [
      (await (await post(server, asked)).json()) as Answer,
      (await (await get(server, params)).json()) as Answer,
      (await overSocket(server, asked)) ?? {},
    ];

    return answers.map(({ data, errors }) => ({ ...(data !== undefined && { data }), ...(errors && { errors }) }));
  }

  it('run by their hash, in the words of the specification and of the usual clients, through every door', async () => {
    const byHash = { persistedQuery: { version: 1, sha256Hash: hashOf(echo) } };
    for (const asked of [
      { documentId: `sha256:${hashOf(echo)}` },
      { documentId: hashOf(echo) },
      { extensions: byHash },
      { extensions: byHash, query: echo },
    ]) {
      for (const answer of await everywhere(open, { ...asked, variables: { text: 'é' } })) {
        assert.deepEqual(answer, { data: { echo: 'é' } }, JSON.stringify(asked));
      }
    }
  });

  it('are followed by their hash, as a stream of events and over WebSocket', async () => {
    const documentId = `sha256:${hashOf(counts)}`;
    const events = await (await post(strict, { documentId }, 'text/event-stream')).text();
    assert.match(events, /"counts":1.*"counts":2.*event: complete/s);
    assert.deepEqual((await overSocket(strict, { documentId }))?.data, { counts: 1 });
  });

  it('change nothing on GET, whoever trusts them', async () => {
    assert.equal((await get(open, { documentId: `sha256:${hashOf(change)}` })).status, 405);
    assert.deepEqual(await (await post(open, { documentId: hashOf(change) })).json().then(({ data }) => data), {
      change: 'changed',
    });
  });

  it('are refused by a hash that is unknown, malformed, or of another text', async () => {
    for (const [asked, message] of [
      [{ documentId: `sha256:${hashOf(unknown)}` }, /no document of this hash/],
      [{ documentId: `sha256:${hashOf(unknown)}`, query: unknown }, /no document of this hash/],
      [{ documentId: `sha256:${hashOf(hello)}`, query: echo }, /not the document of this hash/],
      [{ documentId: `sha1:${hashOf(hello)}` }, /64 hexadecimal digits/],
      [{ documentId: 'Hello' }, /64 hexadecimal digits/],
      [{ documentId: hashOf(hello).toUpperCase() }, /64 hexadecimal digits/],
      [{ extensions: { persistedQuery: { version: 1, sha256Hash: '__proto__' } } }, /64 hexadecimal digits/],
    ] as const) {
      for (const { data, errors } of await everywhere(open, asked)) {
        assert.equal(data, undefined);
        assert.match(errors?.[0]?.message ?? '', message);
        assert.equal(errors?.[0]?.extensions.code, 'BAD_USER_INPUT');
      }
    }
    assert.equal((await post(open, { documentId: 7 })).status, 400);
    assert.equal((await post(open, { documentId: `sha256:${hashOf(unknown)}` })).status, 400);
  });

  it('are the only ones that run where that is set up, named by their hash or sent whole', async () => {
    for (const query of [unknown, `${hello} `, '{ __schema { queryType { name } } }']) {
      for (const { data, errors } of await everywhere(strict, { query })) {
        assert.equal(data, undefined);
        assert.match(errors?.[0]?.message ?? '', /Only documents that are known here/);
        assert.equal(errors?.[0]?.extensions.code, 'BAD_USER_INPUT');
      }
    }
    const stream = await post(strict, { query: 'subscription { counts(to: 1) }' }, 'text/event-stream');
    assert.doesNotMatch(await stream.text(), /"counts"/);
    for (const answer of await everywhere(strict, { query: hello }))
      assert.deepEqual(answer, { data: { hello: 'world' } });
    for (const answer of await everywhere(open, { query: unknown }))
      assert.deepEqual(answer, { data: { hello: 'world' } });
  });

  it('are held to the same limits and to the schema', async () => {
    for (const [text, message] of [
      [wide, /at most 10 fields at its root/],
      [long, /token/i],
      [broken, /Cannot query field "nothing"/],
    ] as const) {
      for (const { data, errors } of await everywhere(strict, { documentId: `sha256:${hashOf(text)}` })) {
        assert.equal(data ?? null, null);
        assert.match(errors?.[0]?.message ?? '', message);
      }
    }
  });

  it('do not excuse a request that names none', async () => {
    for (const server of [open, strict]) {
      for (const body of [
        {},
        { query: null },
        { query: 7 },
        { documentId: null, extensions: { persistedQuery: null } },
      ]) {
        const response = await post(server, body, 'application/graphql-response+json');
        assert.equal(response.status, 400, JSON.stringify(body));
        const { errors } = (await response.json()) as Answer;
        assert.equal(errors?.[0]?.extensions.code, 'BAD_USER_INPUT');
      }
    }
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { edusign } from '../connectors/edusign/index.ts';
import type { Delivery } from '../connectors/kit/webhook.ts';
import { newId } from '../model/ids.ts';
import type { Bell, Taken, Webhooks } from '../sync/webhooks.ts';
import { openTestServer, type TestServer } from './test-server.ts';

const endpoint = 'a'.repeat(32);
const bell: Bell = {
  tenantId: newId(),
  schoolId: newId(),
  integrationId: newId(),
  provider: 'edusign',
  webhook: edusign.webhook ?? assert.fail('Edusign rings'),
  streams: edusign.streams,
};

describe('the door at which providers ring', () => {
  let server: TestServer;
  let address: string;
  let answer: () => Promise<Taken>;
  let taken: Delivery[] = [];
  const webhooks: Webhooks = {
    find: async (provider, at) => (provider === 'edusign' && at === endpoint ? bell : null),
    take: async (_bell, delivery) => {
      taken.push(delivery);
      return answer();
    },
  };

  before(async () => {
    server = await openTestServer({ webhooks, limits: { webhookMs: 300, webhooksPerSecond: 20 } });
    address = `${server.server.url}/webhooks/edusign/${endpoint}`;
  });
  after(() => server.close());

  const post = (body: BodyInit | undefined, headers: Record<string, string> = {}, url = address) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: body ?? null });
  const ring = async (kind: Taken, body: BodyInit = '{}', headers = {}) => {
    taken = [];
    answer = async () => kind;
    const response = await post(body, headers);
    return { status: response.status, text: await response.text(), response };
  };

  it('hands on what came, byte for byte, and says no more than that it was taken', async () => {
    const body = '{ "type":  "é" }';
    const { status, text } = await ring({ kind: 'taken' }, body, { 'x-edusign-hmac': 'abc' });
    assert.deepEqual([status, text], [202, '{"status":"accepted"}']);
    assert.equal(taken[0]?.body.toString(), body);
    assert.equal(taken[0]?.headers['x-edusign-hmac'], 'abc');
  });

  it('answers everything that is not authentic alike, and notes whose it was without what it said', async () => {
    const first = await ring({ kind: 'refused' }, '{"name":"Anne"}');
    const second = await ring({ kind: 'refused' }, 'not even JSON', { 'x-edusign-hmac': 'abc' });
    assert.deepEqual([first.status, second.status], [401, 401]);
    assert.equal(first.text, second.text);
    const notes = server.logged.filter(({ message }) => message.includes('refused'));
    assert.deepEqual(notes[0]?.facts, { provider: 'edusign', integrationId: bell.integrationId });
  });

  it('echoes a handshake as plain text, as long as it is short', async () => {
    const asked = await ring({ kind: 'asked', answer: '<b>token</b>' }, '');
    assert.deepEqual([asked.status, asked.text], [200, '<b>token</b>']);
    assert.match(asked.response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.equal(asked.response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal((await ring({ kind: 'asked', answer: 'x'.repeat(5000) })).status, 400);
  });

  it('tells what is authentic and cannot be read', async () => {
    assert.equal((await ring({ kind: 'unreadable' })).status, 400);
  });

  it('knows no address but its own', async () => {
    const { url } = server.server;
    const wrong = [`${url}/webhooks/google/${endpoint}`, `${address}b`, `${address}/x`, `${url}/webhooks/edusign/`];
    for (const other of [...wrong, `${url}/webhooks/edusign/${'b'.repeat(32)}`]) {
      const response = await post('{}', {}, other);
      assert.deepEqual([response.status, await response.json()], [404, { error: 'There is nothing at this address.' }]);
    }
  });

  it('takes nothing but plain JSON that is posted', async () => {
    taken = [];
    assert.deepEqual([(await fetch(address)).status, (await fetch(address)).headers.get('allow')], [405, 'POST']);
    assert.equal((await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415);
    assert.equal((await post(gzipSync('{}'), { 'content-encoding': 'gzip' })).status, 415);
    assert.deepEqual(taken, []);
  });

  it('takes a megabyte and no more, whatever was announced', async () => {
    assert.equal((await ring({ kind: 'taken' }, 'x'.repeat(1024 * 1024))).status, 202);
    taken = [];
    assert.equal((await post('x'.repeat(1024 * 1024 + 1))).status, 413);
    const chunks = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(Buffer.alloc(600_000));
        if ((controller.desiredSize ?? 0) < -1) controller.close();
      },
    });
    const init = { method: 'POST', body: chunks, duplex: 'half', headers: { 'content-type': 'application/json' } };
    assert.equal((await fetch(address, init as RequestInit)).status, 413);
    assert.deepEqual(taken, []);
  });

  it('does not wait for a body that does not come', async () => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    const { pathname } = new URL(address);
    socket.write(
      `POST ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    assert.match(data.toString(), /^HTTP\/1.1 408 /);
  });

  it('never says that it took what it could not store', async () => {
    answer = () => Promise.reject(new Error('the database is away'));
    const response = await post('{}');
    assert.equal(response.status, 503);
    assert.ok(!(await response.text()).includes('database'));
  });

  it('lets one address be rung only so often', async () => {
    answer = async () => ({ kind: 'taken' });
    const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await post('{}')).status));
    assert.ok(statuses.includes(429));
    assert.deepEqual(new Set(statuses), new Set([202, 429]));
  });
});

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { type Delivery, isFresh, isKnown, isSigned, type Trust, type Webhook, webhook } from './webhook.ts';

const now = new Date('2026-10-20T06:00:00Z');
const trust = (...secrets: string[]): Trust => ({ secrets, now });
const delivery = (headers: Delivery['headers'], body = '', query = ''): Delivery => ({
  headers,
  body: Buffer.from(body),
  query: new URLSearchParams(query),
});

describe('A signature', () => {
  const sign = (text: string, secret = 'a secret') => createHmac('sha256', secret).update(text).digest('hex');

  test('is believed over exactly the bytes it was made of, under any secret that counts', () => {
    const body = Buffer.from('{"type":"on_course_edited"}');
    const signature = sign(body.toString());
    assert.equal(isSigned(body, signature, ['a secret']), true);
    assert.equal(isSigned(body, signature, ['the next', 'a secret']), true);
    assert.equal(isSigned(body, Buffer.from(signature, 'hex').toString('base64'), ['a secret'], 'base64'), true);
    assert.equal(isSigned(Buffer.concat([body, Buffer.from(' ')]), signature, ['a secret']), false);
  });

  test('that is missing, cut short, too long, or of no digits is refused, and so is everything without a secret', () => {
    const signature = sign('body');
    for (const wrong of [undefined, '', signature.slice(2), `${signature}00`, 'z'.repeat(64)])
      assert.equal(isSigned('body', wrong, ['a secret']), false);
    assert.equal(isSigned('body', signature, []), false);
    assert.equal(isSigned('body', sign('body', ''), []), false);
  });
});

/** Providers that we do not have yet, in a few lines each: what the contract has to be able to say. */
const schemes: Record<string, { webhook: Webhook; good: Delivery; bad: readonly Delivery[]; about: unknown[] }> = {
  'a watch channel without a body (Google)': {
    webhook: webhook({
      setup: 'Nothing.',
      secretOf: () => undefined,
      handshake: ({ headers }) => (headers['x-goog-resource-state'] === 'sync' ? '' : undefined),
      verify: ({ headers }, { secrets }) => (isKnown(headers['x-goog-channel-token'], secrets) ? [headers] : []),
      message: z.object({ 'x-goog-channel-id': z.string(), 'x-goog-message-number': z.string() }),
      idOf: (message) => `${message['x-goog-channel-id']} ${message['x-goog-message-number']}`,
      hints: { events: () => 'any' },
    }),
    good: delivery({ 'x-goog-channel-token': 'ours', 'x-goog-channel-id': 'c1', 'x-goog-message-number': '7' }),
    bad: [delivery({ 'x-goog-channel-token': 'theirs' }), delivery({})],
    about: ['any'],
  },
  'a bundle, each item with a state of ours (Graph)': {
    webhook: webhook({
      setup: 'Nothing.',
      secretOf: () => undefined,
      handshake: ({ query }) => query.get('validationToken') ?? undefined,
      verify: ({ body }, { secrets }) => {
        const items = z.object({ value: z.array(z.looseObject({ clientState: z.string() })) });
        const { data } = items.safeParse(JSON.parse(body.toString() || 'null'));
        return data?.value.filter(({ clientState }) => isKnown(clientState, secrets)) ?? [];
      },
      message: z.object({ resourceData: z.object({ id: z.string() }) }),
      hints: { events: ({ resourceData }) => [resourceData.id] },
    }),
    good: delivery(
      {},
      JSON.stringify({
        value: [
          { clientState: 'ours', resourceData: { id: 'e1' } },
          { clientState: 'theirs', resourceData: { id: 'e2' } },
        ],
      }),
    ),
    bad: [delivery({}, JSON.stringify({ value: [{ clientState: 'theirs', resourceData: { id: 'e1' } }] }))],
    about: [['e1']],
  },
  'a signed time (Standard Webhooks)': {
    webhook: webhook({
      setup: 'Nothing.',
      secretOf: () => undefined,
      verify: ({ headers, body }, { secrets, now }) => {
        const time = headers['webhook-timestamp'] ?? '';
        const signed = `${headers['webhook-id']}.${time}.${body.toString()}`;
        const [, signature] = (headers['webhook-signature'] ?? '').split('v1,');
        const fresh = isFresh(new Date(Number(time) * 1000), now);
        return fresh && isSigned(signed, signature, secrets, 'base64') ? [JSON.parse(body.toString())] : [];
      },
      message: z.object({ id: z.string() }),
      hints: { people: ({ id }) => [id] },
    }),
    good: standard(0),
    bad: [standard(-301), standard(301), delivery({ ...standard(0).headers, 'webhook-id': 'm2' }, '{"id":"p1"}')],
    about: [['p1']],
  },
};

function standard(seconds: number): Delivery {
  const time = String(now.getTime() / 1000 + seconds);
  const signature = createHmac('sha256', 'ours').update(`m1.${time}.{"id":"p1"}`).digest('base64');
  const headers = { 'webhook-id': 'm1', 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
  return delivery(headers, '{"id":"p1"}');
}

describe('The contract fits', () => {
  for (const [name, { webhook, good, bad, about }] of Object.entries(schemes)) {
    test(name, () => {
      const messages = webhook.verify(good, trust('ours')).map((raw) => webhook.message.parse(raw));
      const [hint] = Object.values(webhook.hints);
      assert.deepEqual(
        messages.map((message) => hint?.(message)),
        about,
      );
      for (const wrong of bad) assert.deepEqual(webhook.verify(wrong, trust('ours')), []);
      assert.deepEqual(webhook.verify(good, trust()), []);
    });
  }

  test('a provider that first asks whether we are here', () => {
    const [google, graph] = Object.values(schemes);
    assert.equal(google?.webhook.handshake?.(delivery({ 'x-goog-resource-state': 'sync' })), '');
    assert.equal(graph?.webhook.handshake?.(delivery({}, '', 'validationToken=a%20b')), 'a b');
    assert.equal(graph?.webhook.handshake?.(delivery({})), undefined);
  });
});

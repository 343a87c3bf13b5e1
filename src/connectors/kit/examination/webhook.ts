/** What rings is believed only as the provider sent it, and says no more than where to look. */
import assert from 'node:assert/strict';
import { systemClock } from '../../../model/clock.ts';
import type { Connector } from '../contract.ts';
import type { Fixtures, Stage } from '../examination.ts';
import type { Delivery } from '../webhook.ts';
import { examineWith, streamOf } from './sitting.ts';

export function examineWebhook(connector: Connector, fixtures: Fixtures): void {
  const { webhook } = connector;
  if (!webhook) return;
  const verify = (delivery: Delivery, ...secrets: readonly string[]) =>
    webhook.verify(delivery, { secrets, now: systemClock.now() });
  const assertRefused = (delivery: Delivery, secrets: readonly string[], why: string) =>
    assert.deepEqual(verify(delivery, ...secrets), [], why);

  examineWith('a webhook as the provider sends it says where to look', connector, fixtures, async ({ stage }) => {
    const { delivery, secret } = await ring(stage);
    const messages = verify(delivery, 'the next secret', secret);
    assert.ok(messages.length > 0, 'it is believed, also while a secret is being replaced');
    const hints = messages.flatMap((raw) => {
      const message = webhook.message.parse(raw);
      return Object.entries(webhook.hints).map(([name, hint]) => ({ name, hint: hint(message) }));
    });
    for (const { name } of hints) streamOf(connector, name);
    const named = hints.filter(({ hint }) => hint.length > 0);
    assert.ok(named.length > 0, 'a change is about something');
    assert.match(webhook.setup, /^[A-Z].*\.$/, 'how it is set up is told in sentences');
  });

  examineWith('a webhook with one byte changed is refused', connector, fixtures, async ({ stage }) => {
    const { delivery, secret } = await ring(stage);
    for (let place = 0; place < delivery.body.length; place += 1) {
      const body = Buffer.from(delivery.body);
      body[place] = (body[place] ?? 0) ^ 1;
      assertRefused({ ...delivery, body }, [secret], `byte ${place} changed`);
    }
    const extended = Buffer.concat([delivery.body, Buffer.from('x')]);
    assertRefused({ ...delivery, body: extended }, [secret], 'a byte added');
  });

  examineWith('a webhook of somebody without the secret is refused', connector, fixtures, async ({ stage }) => {
    const { delivery, secret } = await ring(stage);
    assertRefused(delivery, [`${secret}x`], 'signed with another secret');
    assertRefused(delivery, [], 'no secret is known');
    const empty = { headers: {}, query: new URLSearchParams(), body: Buffer.alloc(0) };
    assertRefused(empty, [secret], 'empty');
    const bare = { ...delivery, headers: {}, query: new URLSearchParams() };
    assertRefused(bare, [secret], 'without its headers');
  });
}

async function ring(stage: Stage) {
  assert.ok(stage.ring, 'the fixtures ring');

  return stage.ring();
}

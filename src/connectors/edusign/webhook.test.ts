import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Delivery } from '../kit/webhook.ts';
import { heard, startSchool, webhookSecret } from './test-school.ts';
import { edusignWebhook } from './webhook.ts';

/** A delivery as an app's webhooks come: the event only in a header. */
function sent(body: string, event?: string, signed = body): Delivery {
  const headers = {
    'x-edusign-hmac': createHmac('sha256', webhookSecret).update(signed).digest('hex'),
    ...(event !== undefined && { 'x-edusign-webhook-type': event }),
  };
  return { headers, query: new URLSearchParams(), body: Buffer.from(body) };
}

function hintsOf(delivery: Delivery): unknown[] {
  const trust = { secrets: [webhookSecret], now: new Date() };
  return edusignWebhook.verify(delivery, trust).map((raw) => {
    const { success, data } = edusignWebhook.message.safeParse(raw);
    return success ? edusignWebhook.hints.sheets?.(data) : 'unreadable';
  });
}

describe('A webhook of Edusign', () => {
  test('names the sheet that somebody signed, as the simulated Edusign sends it', async () => {
    const school = await startSchool();
    const learner = school.person('student', 'Anne');
    const id = school.sheet(school.person('professor', 'Zoe'), [learner]);
    const delivery = await heard(school, () => school.hand.sign(id, learner));
    await school.simulator.close();
    assert.deepEqual(hintsOf(delivery), [[id]]);
  });

  test('is believed over the bytes, and else over the body written anew, as the vendor’s own sample signs it', () => {
    const spaced = '{ "course": {"ID": "s1"} }';
    assert.deepEqual(hintsOf(sent(spaced, 'on_course_edited')), [['s1']]);
    assert.deepEqual(hintsOf(sent(spaced, 'on_course_edited', '{"course":{"ID":"s1"}}')), [['s1']]);
    assert.deepEqual(hintsOf(sent('{ "course": {"ID": "s2"} }', 'on_course_edited', '{"course":{"ID":"s1"}}')), []);
  });

  test('says nothing of what changes nothing for us', () => {
    for (const event of [
      'on_course_created',
      'on_course_start',
      'on_course_end',
      'cron_midnight',
      'on_justified_absence',
    ])
      assert.deepEqual(hintsOf(sent(`{"type":"${event}"}`)), [[]]);
  });

  test('that names no sheet we could read makes us look at all of them', () => {
    for (const body of ['{}', '{"course":"s1"}', '{"course":{"ID":{}}}', '{"course":{"id":"s1"}}'])
      assert.deepEqual(hintsOf(sent(body, 'on_course_edited')), ['any']);
    assert.deepEqual(hintsOf(sent('{"course":{"ID":7}}', 'on_course_edited')), [['7']]);
  });

  test('believes the event in the body, which is signed, before the one in a header, which is not', () => {
    assert.deepEqual(hintsOf(sent('{"type":"on_course_start","course":{"ID":"s1"}}', 'on_course_edited')), [[]]);
  });

  test('is unreadable without an event, or when it is no object', () => {
    assert.deepEqual(hintsOf(sent('{"course":{"ID":"s1"}}')), ['unreadable']);
    for (const body of ['', 'null', '[]', '{"course":']) {
      assert.deepEqual(hintsOf(sent(body, 'on_course_edited')), ['unreadable']);
    }
  });
});

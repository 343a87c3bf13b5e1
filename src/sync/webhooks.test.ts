import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { memoryDestination, memorySource } from '../../test/harness/memory.ts';
import type { Connector } from '../connectors/kit/contract.ts';
import { type Delivery, isSigned, webhook } from '../connectors/kit/webhook.ts';
import { createWebhooks, type Taken, type Webhooks } from './webhooks.ts';

const secret = 'between the two';

const message = z.object({ id: z.string().optional(), people: z.array(z.string()).optional() });

/** Rings about people: those named, or some. */
function ringing(quiet: Connector): Connector {
  return {
    ...quiet,
    credentials: z.object({ secret: z.string().optional() }),
    webhook: webhook<Record<string, unknown>, z.output<typeof message>>({
      setup: 'Enter it there.',
      secretOf: (credentials) => credentials.secret as string | undefined,
      verify: ({ headers, body }, { secrets }) =>
        isSigned(body, headers.signature, secrets) ? [JSON.parse(body.toString())] : [],
      message,
      hints: { people: ({ people }) => people ?? 'any' },
    }),
  };
}

function signed(content: object, by = secret): Delivery {
  const body = Buffer.from(JSON.stringify(content));
  const signature = createHmac('sha256', by).update(body).digest('hex');
  return { body, headers: { signature }, query: new URLSearchParams() };
}

interface Waiting {
  trigger: string;
  whole: boolean;
  dueAt: Date;
  scope: string[];
}

describe('a webhook', () => {
  const sis = memorySource();
  const rooms = memoryDestination();
  let now = new Date();
  let world: TestEngine;
  let webhooks: Webhooks;
  let source: string;
  let destination: string;

  before(async () => {
    const connectors = [ringing(sis.connector), ringing(rooms.connector)];
    world = await testEngine(connectors, undefined, { clock: { now: () => now } });
    webhooks = createWebhooks({ ...world.engine, db: world.database.app }, world.database.system);
    source = await world.connect('memory-sis', {}, { secret });
    destination = await world.connect('memory-rooms', {}, { secret });
    sis.people.push(
      { id: 'p1', givenName: 'Anne', familyName: 'Dupont', role: 'student', email: 'anne@example.org' },
      { id: 'p2', givenName: 'Bo', familyName: 'Dupont', role: 'student', email: 'bo@example.org' },
    );
  });
  after(() => world.database.drop());

  const addressOf = async (integrationId: string) => {
    const [row] = await world.write(
      (tx) => tx<{ endpoint: string; provider: string }[]>`
        select webhook_endpoint as endpoint, provider from integration where id = ${integrationId}`,
    );
    return row ?? assert.fail();
  };
  const ring = async (integrationId: string, delivery: Delivery): Promise<Taken['kind'] | null> => {
    const { provider, endpoint } = await addressOf(integrationId);
    const bell = await webhooks.find(provider, endpoint);
    return bell && (await webhooks.take(bell, delivery)).kind;
  };
  const waiting = (integrationId: string): Promise<Waiting[]> =>
    world.write(async (tx) => [
      ...(await tx<Waiting[]>`
        select trigger, whole, due_at as "dueAt",
          array(select record_id::text from sync_scope s where s.tenant_id = r.tenant_id and s.run_id = r.id order by 1) as scope
        from sync_run r where integration_id = ${integrationId} and status = 'QUEUED'`),
    ]);
  const person = async (sourcedId: string) => {
    const [row] = await world.write(
      (tx) => tx<{ id: string }[]>`select id from person where sourced_id = ${sourcedId}`,
    );
    return row?.id ?? assert.fail(sourcedId);
  };
  const change = (integrationId: string, credentials: Record<string, unknown>) =>
    world.write((tx) =>
      world.api.updateIntegration(tx, {
        tenantId: world.school.tenant.id,
        by: 'a person',
        now,
        integrationId,
        credentials,
      }),
    );

  it('before the first sync is taken and forgotten: that one looks at everything', async () => {
    assert.equal(await ring(source, signed({ people: ['p1'] })), 'taken');
    assert.deepEqual(await waiting(source), []);
    assert.equal((await world.sync(source)).status, 'SUCCEEDED');
    await world.runWaiting(destination);
    await world.sync(destination);
  });

  it('names records, which wait a moment for more of their kind, and are one run', async () => {
    // When a run was asked for is the database's own time.
    now = new Date();
    assert.equal(await ring(source, signed({ people: ['p1'] })), 'taken');
    now = new Date(now.getTime() + 1500);
    assert.equal(await ring(source, signed({ people: ['p2'] })), 'taken');
    const [run, ...others] = await waiting(source);
    assert.deepEqual([run?.trigger, run?.whole, others], ['WEBHOOK', false, []]);
    assert.deepEqual(run?.scope, [await person('p1'), await person('p2')].sort());
    assert.equal((run?.dueAt.getTime() ?? 0) - now.getTime(), 2000);
    for (let at = 0; at < 20; at += 1) {
      now = new Date(now.getTime() + 1900);
      await ring(source, signed({ people: ['p1'], at }));
    }
    assert.ok(((await waiting(source))[0]?.dueAt ?? now) < now, 'a storm does not put it off for ever');
    const done = await world.runWaiting(source);
    assert.deepEqual([done?.trigger, done?.status, done?.updated], ['WEBHOOK', 'SUCCEEDED', 0]);
  });

  it('carries no value: what the run reads is what counts', async () => {
    Object.assign(sis.people[0] ?? {}, { givenName: 'Anna' });
    await ring(source, signed({ people: ['p1'], givenName: 'Mallory' }));
    assert.equal((await world.runWaiting(source))?.updated, 1);
    const [row] = await world.write(
      (tx) => tx<{ name: string }[]>`select given_name as name from person where sourced_id = 'p1'`,
    );
    assert.equal(row?.name, 'Anna');
  });

  it('about somebody we do not know makes a source be read by its changes or whole', async () => {
    sis.people.push({ id: 'p3', givenName: 'Cas', familyName: 'Dupont', role: 'student', email: 'cas@example.org' });
    await ring(source, signed({ people: ['p1', 'p3'] }));
    assert.deepEqual(
      (await waiting(source)).map(({ whole, scope }) => [whole, scope]),
      [[true, []]],
    );
    assert.equal((await world.runWaiting(source))?.created, 1);
  });

  it('about somebody we do not know is none of ours where records are born here', async () => {
    await world.runWaiting(destination);
    const [known = ''] = rooms.people.keys();
    assert.equal(await ring(destination, signed({ people: ['stranger'] })), 'taken');
    assert.deepEqual(await waiting(destination), []);
    await ring(destination, signed({ people: [known, 'stranger'] }));
    assert.deepEqual(
      (await waiting(destination)).map(({ whole, scope }) => [whole, scope.length]),
      [[false, 1]],
    );
    assert.equal((await world.runWaiting(destination))?.status, 'SUCCEEDED');
  });

  it('that does not say what it is about makes us look at all', async () => {
    await ring(destination, signed({ at: 1 }));
    assert.deepEqual(
      (await waiting(destination)).map(({ whole }) => whole),
      [true],
    );
    await world.runWaiting(destination);
  });

  it('that comes again is a repeat for a day', async () => {
    const delivery = signed({ people: ['p2'], edited: 7 });
    await ring(source, delivery);
    await world.runWaiting(source);
    assert.equal(await ring(source, delivery), 'taken');
    assert.deepEqual(await waiting(source), []);
    now = new Date(now.getTime() + 86_400_000);
    await Promise.all(Array.from({ length: 5 }, () => ring(source, delivery)));
    assert.equal((await waiting(source)).length, 1);
    await world.runWaiting(source);
  });

  it('leaves nothing behind but a digest, and that for a week', async () => {
    const kept = () =>
      world.write(
        (tx) => tx<{ n: number }[]>`select count(*)::int as n from webhook_delivery where integration_id = ${source}`,
      );
    assert.ok(((await kept())[0]?.n ?? 0) > 20);
    now = new Date(now.getTime() + 8 * 86_400_000);
    await ring(source, signed({ people: [] }));
    assert.equal((await kept())[0]?.n, 1);
    assert.deepEqual(await waiting(source), []);
  });

  it('that is signed by somebody else, or for another integration, is refused', async () => {
    await change(destination, { secret: 'of the rooms' });
    assert.equal(await ring(source, signed({ people: ['p1'], n: 1 }, 'guessed')), 'refused');
    assert.equal(await ring(source, signed({ people: ['p1'], n: 1 }, 'of the rooms')), 'refused');
    assert.equal(await ring(source, signed({ people: 'p1' })), 'unreadable');
    assert.deepEqual(await waiting(source), []);
  });

  it('is believed under the former secret for one more day after it was replaced', async () => {
    const { endpoint } = await addressOf(source);
    await change(source, { secret: 'the next' });
    assert.equal((await addressOf(source)).endpoint, endpoint, 'the address stays');
    assert.equal(await ring(source, signed({ people: [], n: 2 })), 'taken');
    assert.equal(await ring(source, signed({ people: [], n: 3 }, 'the next')), 'taken');
    now = new Date(now.getTime() + 86_400_000 + 1);
    assert.equal(await ring(source, signed({ people: [], n: 4 })), 'refused');
    assert.equal(await ring(source, signed({ people: [], n: 5 }, 'the next')), 'taken');
  });

  it('is refused while the school has entered no secret', async () => {
    await change(source, {});
    assert.equal(await ring(source, signed({ people: [], n: 6 }, 'the next')), 'refused');
    await change(source, { secret });
    assert.equal(await ring(source, signed({ people: [], n: 7 })), 'taken');
  });

  it('of an integration that is disconnected finds nobody, and finds it again under its old address', async () => {
    const act = { tenantId: world.school.tenant.id, by: 'a person', now, integrationId: source };
    await world.write((tx) => world.api.disconnectIntegration(tx, act));
    assert.equal(await ring(source, signed({ people: ['p1'], n: 8 })), null);
    await change(source, { secret });
    assert.equal(await ring(source, signed({ people: ['p1'], n: 8 })), 'taken');
    assert.deepEqual(
      (await waiting(source)).map(({ trigger }) => trigger),
      ['WEBHOOK'],
    );
  });

  it('keeps its secret sealed', async () => {
    const [row] = await world.write(
      (tx) => tx<{ box: Buffer }[]>`select webhook_secret as box from integration where id = ${source}`,
    );
    assert.ok(row && !row.box.includes(secret));
  });
});

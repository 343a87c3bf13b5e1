/** Health as an administrator and a wall display see it: over GraphQL, with the engine and its clock behind it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemorySource, memorySource } from '../../test/harness/memory.ts';
import { createScheduler } from '../sync/schedules.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

const health = `query ($id: ID!) { integration(id: $id) {
  status statusReason lastSyncedAt nextSyncAt problems { code message remedy turn since affectedCount } } }`;

interface Health {
  integration: {
    status: string;
    statusReason: string | null;
    lastSyncedAt: string | null;
    nextSyncAt: string | null;
    problems: { code: string; message: string; remedy: string; turn: string; since: string; affectedCount: number }[];
  };
}

describe('the health of an integration, over the API', () => {
  let gateway: TestGateway;
  let world: TestEngine;
  let caller: TestCaller;
  let sis: MemorySource;
  let id: string;
  let now = new Date('2026-06-01T00:00:00Z');
  const clock = { now: () => now };
  const ask = async () => (await caller.ask<Health>(health, { id: encodeId('Integration', id) })).integration;
  const tick = () => createScheduler(world.engine, gateway.database.system).tick();

  before(async () => {
    gateway = await openTestGateway({ clock });
    sis = memorySource();
    world = await testEngine([sis.connector], undefined, { database: gateway.database, clock });
    world.engine.wake = () => gateway.feed.wake();
    caller = gateway.as(world.school.tenant.id);
    sis.classes.push({ id: 'c1', title: 'Art' });
    id = await world.connect(sis.connector.id, {}, {});
    await world.sync(id);
    const act = { tenantId: world.school.tenant.id, by: 'a person', now, integrationId: id };
    await world.write((tx) =>
      world.api.updateIntegration(tx, { ...act, schedule: { kind: 'cron', cron: '0 3 * * *', timeZone: 'UTC' } }),
    );
  });
  after(() => gateway.close());

  it('says what it promises, and that all is well', async () => {
    assert.deepEqual(await ask(), {
      status: 'CONNECTED',
      statusReason: null,
      lastSyncedAt: '2026-06-01T00:00:00.000Z',
      nextSyncAt: '2026-06-01T03:00:00.000Z',
      problems: [],
    });
  });

  it('says that nobody looks when no worker is there, which no worker could write down', async () => {
    now = new Date('2026-06-01T03:59:59Z');
    assert.equal((await ask()).status, 'CONNECTED');
    now = new Date('2026-06-01T04:00:00Z');
    const { status, statusReason, problems } = await ask();
    assert.equal(status, 'DEGRADED');
    assert.match(statusReason ?? '', /2026-06-01 03:00 UTC.*no worker/);
    assert.deepEqual(
      problems.map(({ code, turn, since }) => [code, turn, since]),
      [['no_worker', 'HOMEROOM', '2026-06-01T03:00:00.000Z']],
    );
    await tick();
    assert.deepEqual(
      (await ask()).problems.map(({ code }) => code),
      ['late'],
      'the worker that is back says what is late',
    );
    await world.runWaiting(id);
    assert.deepEqual((await ask()).problems, []);
  });

  it('tells a wall display when a sync becomes late, and when it is made good', async () => {
    const display = await caller.follow(`subscription { schoolActivity {
      ... on IntegrationChanged { integration { status statusReason } } ... on CaughtUp { cursor } } }`);
    const seen = async (status: string) => {
      for (let event = await display.next(); event; event = await display.next()) {
        const { integration } = (event.data ?? {}).schoolActivity as {
          integration?: { status: string; statusReason: string | null };
        };
        if (integration?.status === status) return integration.statusReason;
      }
      return assert.fail('the subscription has ended');
    };
    assert.equal(await seen('CONNECTED'), null);
    now = new Date('2026-06-02T03:00:00Z');
    await tick();
    now = new Date('2026-06-02T04:00:00Z');
    await tick();
    assert.equal(
      await seen('DEGRADED'),
      'The sync that was due on 2026-06-02 03:00 UTC is late; it last synced on 2026-06-01 04:00 UTC.',
    );
    const [late] = (await ask()).problems;
    assert.deepEqual([late?.code, late?.turn, late?.since], ['late', 'HOMEROOM', '2026-06-02T03:00:00.000Z']);

    await world.runWaiting(id);
    assert.equal(await seen('CONNECTED'), null);
    await display.stop();
  });
});

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type SeededIntegration, type SeededRun, seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { assertNothingLeft, updateRun } from './test-changes.ts';
import { openTestGateway, type TestCaller, type TestGateway, type TestSubscription } from './test-gateway.ts';

describe('syncRunUpdated', () => {
  let gateway: TestGateway;
  let integration: SeededIntegration;
  let caller: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    const tenant = await seedTenant(gateway.database.app);
    integration = await (await tenant.school()).integration();
    caller = gateway.as(tenant.id);
  });
  after(() => gateway.close());
  afterEach(() => assertNothingLeft(gateway));

  const document = `subscription ($id: ID!) { syncRunUpdated(id: $id) {
    status progress { phase completed total } counts { created } integration { id } } }`;
  const follow = (run: SeededRun) => caller.follow(document, { id: encodeId('SyncRun', run.id) });

  async function next(subscription: TestSubscription): Promise<Record<string, unknown>> {
    const event = await subscription.next();
    assert.deepEqual(event?.messages, []);

    return event.data?.syncRunUpdated as Record<string, unknown>;
  }

  test('shows a run as it is, then each time it is another, and completes with it', async () => {
    const run = await integration.run({ status: 'QUEUED', startedAt: null });
    const subscription = await follow(run);
    const unchanging = { integration: { id: encodeId('Integration', integration.id) } };
    assert.deepEqual(await next(subscription), {
      status: 'QUEUED',
      progress: null,
      counts: { created: 0 },
      ...unchanging,
    });

    await updateRun(gateway, run, "status = 'RUNNING', phase = 'APPLYING', completed = 3, total = 9, created = 3");
    assert.deepEqual(await next(subscription), {
      status: 'RUNNING',
      progress: { phase: 'APPLYING', completed: 3, total: 9 },
      counts: { created: 3 },
      ...unchanging,
    });

    await updateRun(gateway, run, "status = 'SUCCEEDED', created = 9, finished_at = now()");
    const last = await next(subscription);
    assert.deepEqual([last.status, last.progress, last.counts], ['SUCCEEDED', null, { created: 9 }]);
    assert.equal(await subscription.next(), undefined);
  });

  test('shows a run that has ended once, and completes', async () => {
    for (const status of ['SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'] as const) {
      const subscription = await follow(await integration.run({ status }));
      assert.equal((await next(subscription)).status, status);
      assert.equal(await subscription.next(), undefined);
    }
  });

  test('goes on while a run is held', async () => {
    const run = await integration.run({ status: 'HELD' });
    const subscription = await follow(run);
    await next(subscription);
    await updateRun(gateway, run, "status = 'CANCELLED'");
    assert.equal((await next(subscription)).status, 'CANCELLED');
    assert.equal(await subscription.next(), undefined);
  });

  test('shows the newest of many changes, and nothing twice', async () => {
    const run = await integration.run({ status: 'HELD' });
    const subscription = await follow(run);
    await next(subscription);
    for (let created = 1; created <= 20; created += 1) await updateRun(gateway, run, `created = ${created}`);
    // Told again, though nothing is new.
    await updateRun(gateway, run, 'created = 20');

    const shown: number[] = [];
    while (shown.at(-1) !== 20) shown.push(((await next(subscription)).counts as { created: number }).created);
    assert.deepEqual(
      shown,
      [...new Set(shown)].sort((a, b) => a - b),
    );

    await updateRun(gateway, run, "status = 'CANCELLED'");
    assert.equal((await next(subscription)).status, 'CANCELLED');
    assert.equal(await subscription.next(), undefined);
  });

  test('leaves nothing behind when a client leaves before it has read anything', async () => {
    const subscription = await follow(await integration.run({ status: 'HELD' }));
    await subscription.stop();

    assert.equal(await subscription.next(), undefined);
  });

  test('lets a client leave while nothing happens', async () => {
    const subscription = await follow(await integration.run({ status: 'HELD' }));
    await next(subscription);
    const waiting = subscription.next();
    await subscription.stop();

    assert.equal(await waiting, undefined);
  });
});

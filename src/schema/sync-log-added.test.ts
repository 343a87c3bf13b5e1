import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type SeededIntegration, type SeededRun, seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { assertNothingLeft, settleLogs, untilReplayable } from './test-changes.ts';
import { openTestGateway, type TestCaller, type TestGateway, type TestSubscription } from './test-gateway.ts';

interface LogEvent {
  __typename: 'SyncLogAdded' | 'CaughtUp' | 'ResumeGap';
  cursor: string;
  logs?: { id: string; status: string }[];
}

describe('syncLogAdded', () => {
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

  const document = `subscription ($id: ID!, $last: Int = 50, $after: String) {
    syncLogAdded(syncRunId: $id, last: $last, after: $after) {
      __typename
      ... on SyncLogAdded { cursor logs { id status } }
      ... on CaughtUp { cursor }
      ... on ResumeGap { from to reason }
    } }`;
  const follow = (run: SeededRun, variables: object = {}) =>
    caller.follow(document, { id: encodeId('SyncRun', run.id), ...variables });

  async function next(subscription: TestSubscription): Promise<LogEvent> {
    const event = await subscription.next();
    assert.deepEqual(event?.messages, []);

    return event.data?.syncLogAdded as LogEvent;
  }

  /** Events up to the one that brings the `count`th entry. */
  async function read(subscription: TestSubscription, count: number): Promise<LogEvent[]> {
    const events: LogEvent[] = [];
    while (idsOf(events).length < count) events.push(await next(subscription));

    return events;
  }

  const idsOf = (events: readonly LogEvent[]) => events.flatMap(({ logs = [] }) => logs.map(({ id }) => id));
  const ids = (logIds: readonly string[]) => logIds.map((id) => encodeId('SyncLog', id));

  test('begins with the last settled entries, the oldest of them first, then tells what is settled', async () => {
    const run = await integration.run();
    const logIds = await run.logs(6, { status: 'PENDING' });
    const [a = '', b = '', c = '', d = '', e = ''] = logIds;
    // In another order than planned.
    for (const id of [c, a, b]) await settleLogs(gateway, run, [id]);
    await untilReplayable(gateway);

    const subscription = await follow(run, { last: 2 });
    const past = await next(subscription);
    assert.equal(past.__typename, 'SyncLogAdded');
    assert.deepEqual(
      past.logs,
      ids([a, b]).map((id) => ({ id, status: 'SUCCESS' })),
    );
    assert.equal((await next(subscription)).__typename, 'CaughtUp');

    await settleLogs(gateway, run, [e, d]);
    assert.deepEqual(new Set(idsOf([await next(subscription)])), new Set(ids([d, e])));
    await subscription.stop();
  });

  test('begins with CaughtUp where there is no past, or none is wanted', async () => {
    const run = await integration.run();
    const empty = await follow(run);
    assert.equal((await next(empty)).__typename, 'CaughtUp');
    await empty.stop();

    const [logId = ''] = await run.logs(2);
    await settleLogs(gateway, run, [logId]);
    const none = await follow(run, { last: 0 });
    assert.equal((await next(none)).__typename, 'CaughtUp');
    await none.stop();
  });

  test('tells nothing of other runs', async () => {
    const [run, other] = [await integration.run(), await integration.run()];
    const [mine = ''] = await run.logs(1, { status: 'PENDING' });
    const subscription = await follow(run);
    await next(subscription);

    await settleLogs(gateway, other, await other.logs(1, { status: 'PENDING' }));
    await settleLogs(gateway, run, [mine]);
    assert.deepEqual(idsOf([await next(subscription)]), ids([mine]));
    await subscription.stop();
  });

  test('misses nothing and repeats nothing, whenever it begins while entries are settled', async () => {
    const run = await integration.run();
    const logIds = await run.logs(90, { status: 'PENDING' });
    const expected = ids(logIds);
    const waiting = [...logIds];
    const writer = async () => {
      for (let batch = waiting.splice(0, 3); batch.length > 0; batch = waiting.splice(0, 3))
        await settleLogs(gateway, run, batch);
    };
    const readers = Array.from({ length: 12 }, async (_, turn) => {
      // Each begins at another moment of the writing, and leaves and comes back at another.
      while (waiting.length > 80 - turn * 6) await gateway.database.owner`select 1`;
      const first = await follow(run, { last: 100 });
      const events = await read(first, Math.min(expected.length, 10 + turn * 7));
      await first.stop();
      const second = await follow(run, { after: events.at(-1)?.cursor });
      const rest = await read(second, expected.length - idsOf(events).length);
      await second.stop();

      return idsOf([...events, ...rest]);
    });

    const [seen] = await Promise.all([Promise.all(readers), writer(), writer()]);
    for (const told of seen) assert.deepEqual(told.toSorted(), expected.toSorted());
  });

  test('puts entries that wait together into one event, up to 100', async () => {
    const run = await integration.run();
    const logIds = await run.logs(130, { status: 'PENDING' });
    const subscription = await follow(run);
    await next(subscription);
    // Nobody reads meanwhile.
    for (const id of logIds.slice(0, 30)) await settleLogs(gateway, run, [id]);
    await settleLogs(gateway, run, logIds.slice(30));

    const events = await read(subscription, 130);
    await subscription.stop();
    assert.deepEqual(idsOf(events), ids(logIds));
    assert.ok(events.length < 15, `${events.length} events`);
    assert.ok(events.every(({ logs = [] }) => logs.length <= 100));
  });

  test('goes on behind the cursor of any of its events', async () => {
    const run = await integration.run();
    const logIds = await run.logs(8, { status: 'PENDING' });
    await settleLogs(gateway, run, logIds.slice(0, 2));
    const whole = await follow(run);
    for (let n = 2; n < 8; n += 2) await settleLogs(gateway, run, logIds.slice(n, n + 2));
    const events = await read(whole, 8);
    await whole.stop();
    await untilReplayable(gateway);

    const told = idsOf(events);
    assert.deepEqual(told.toSorted(), ids(logIds).toSorted());
    for (const [index, { cursor }] of events.entries()) {
      const rest = told.slice(idsOf(events.slice(0, index + 1)).length);
      const resumed = await follow(run, { after: cursor });
      const again = await read(resumed, rest.length);
      const end = again.at(-1)?.__typename === 'CaughtUp' ? again.at(-1) : await next(resumed);
      await resumed.stop();

      assert.deepEqual(idsOf(again), rest);
      assert.equal(end?.__typename, 'CaughtUp');
    }
  });

  test('goes on behind a live cursor that was taken before reading', async () => {
    const run = await integration.run();
    const [before = '', later = ''] = await run.logs(2, { status: 'PENDING' });
    await settleLogs(gateway, run, [before]);
    const query = `query ($id: ID!) { liveCursor node(id: $id) { ... on SyncRun { logs { nodes { id status } } } } }`;
    const { liveCursor } = await caller.ask<{ liveCursor: string }>(query, { id: encodeId('SyncRun', run.id) });
    await settleLogs(gateway, run, [later]);

    const subscription = await follow(run, { after: liveCursor });
    const told = await read(subscription, 1);
    while (!idsOf(told).includes(encodeId('SyncLog', later))) told.push(await next(subscription));
    await subscription.stop();
  });

  test('refuses a cursor that is made up or another tenant’s, and a past that is too long', async () => {
    const run = await integration.run();
    const other = await seedTenant(gateway.database.app);
    const { liveCursor } = await gateway.as(other.id).ask<{ liveCursor: string }>('{ liveCursor }');

    for (const [variables, code] of [
      [{ after: 'garbage' }, 'INVALID_CURSOR'],
      [{ after: '' }, 'INVALID_CURSOR'],
      [{ after: liveCursor }, 'INVALID_CURSOR'],
      [{ last: 101 }, 'BAD_USER_INPUT'],
      [{ last: -1 }, 'BAD_USER_INPUT'],
    ] as const) {
      const subscription = await follow(run, variables);
      assert.deepEqual((await subscription.next())?.codes, [code]);
      assert.equal(await subscription.next(), undefined);
    }
  });
});

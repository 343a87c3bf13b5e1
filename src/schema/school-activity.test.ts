import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { recordActivity } from '../db/queries/activity.ts';
import { type SeededIntegration, type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import type { ActivityKind } from '../db/tables/activity.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { assertNothingLeft, untilReplayable, updateRun } from './test-changes.ts';
import { openTestGateway, type TestCaller, type TestGateway, type TestSubscription } from './test-gateway.ts';

interface ActivityEvent {
  __typename: string;
  cursor: string;
  run?: { id: string; status: string };
  integration?: { id: string; openConflictCount: number };
  conflict?: { id: string; status: string };
}

describe('schoolActivity', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let otherSchool: SeededSchool;
  let integration: SeededIntegration;
  let other: SeededIntegration;
  let caller: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    [school, otherSchool] = [await tenant.school(), await tenant.school()];
    [integration, other] = [await school.integration(), await otherSchool.integration()];
    caller = gateway.as(tenant.id);
  });
  after(() => gateway.close());
  afterEach(() => assertNothingLeft(gateway));

  const document = `subscription ($schoolIds: [ID!], $after: String) {
    schoolActivity(schoolIds: $schoolIds, after: $after) {
      __typename
      ... on SyncRunChanged { cursor run { id status } }
      ... on IntegrationChanged { cursor integration { id openConflictCount } }
      ... on ConflictChanged { cursor conflict { id status } }
      ... on CaughtUp { cursor }
      ... on ResumeGap { to reason }
    } }`;
  const follow = (variables: object = {}, as = caller) => as.follow(document, { ...variables });

  async function next(subscription: TestSubscription): Promise<ActivityEvent> {
    const event = await subscription.next();
    assert.deepEqual(event?.messages, []);

    return event.data?.schoolActivity as ActivityEvent;
  }

  async function untilCaughtUp(subscription: TestSubscription): Promise<ActivityEvent[]> {
    const events: ActivityEvent[] = [];
    while (events.at(-1)?.__typename !== 'CaughtUp') events.push(await next(subscription));

    return events;
  }

  const shown = ({ run, integration: one, conflict }: ActivityEvent) => (run ?? one ?? conflict)?.id;

  async function change(kind: ActivityKind, at: SeededSchool, ids: readonly string[]): Promise<void> {
    await tenant.write((tx) => recordActivity(tx, [{ tenantId: tenant.id, schoolId: at.id, kind, ids }]));
    gateway.feed.wake();
  }

  test('begins with each integration and each run that has not ended, then catches up, then tells what happens', async () => {
    await integration.run();
    const running = await integration.run({ status: 'RUNNING', finishedAt: null });
    const subscription = await follow({ schoolIds: [encodeId('School', school.id)] });
    const state = await untilCaughtUp(subscription);
    assert.deepEqual(
      state.map(({ __typename, ...event }) => [__typename, shown({ __typename, ...event })]),
      [
        ['IntegrationChanged', encodeId('Integration', integration.id)],
        ['SyncRunChanged', encodeId('SyncRun', running.id)],
        ['CaughtUp', undefined],
      ],
    );

    await updateRun(gateway, running, "status = 'SUCCEEDED'");
    const ended = await next(subscription);
    assert.deepEqual(ended.run, { id: encodeId('SyncRun', running.id), status: 'SUCCEEDED' });

    const conflictId = await integration.conflict();
    await change('conflict', school, [conflictId]);
    await change('integration', school, [integration.id]);
    assert.deepEqual((await next(subscription)).conflict, { id: encodeId('SyncConflict', conflictId), status: 'OPEN' });
    assert.deepEqual((await next(subscription)).integration?.openConflictCount, 1);
    await subscription.stop();
  });

  test('tells nothing of other schools, and everything without a choice', async () => {
    const mine = await follow({ schoolIds: [encodeId('School', school.id)] });
    const all = await follow();
    const limited = await follow({}, gateway.as(tenant.id, { schoolIds: [school.id] }));
    assert.ok((await untilCaughtUp(all)).some((event) => shown(event) === encodeId('Integration', other.id)));
    for (const subscription of [mine, limited])
      assert.ok(
        (await untilCaughtUp(subscription)).every((event) => shown(event) !== encodeId('Integration', other.id)),
      );

    await change('integration', otherSchool, [other.id]);
    await change('integration', school, [integration.id]);
    for (const subscription of [mine, limited])
      assert.equal(shown(await next(subscription)), encodeId('Integration', integration.id));
    assert.equal(shown(await next(all)), encodeId('Integration', other.id));
    for (const subscription of [mine, all, limited]) await subscription.stop();
  });

  test('of a school that is foreign, unknown or no id at all answers alike', async () => {
    const elsewhere = await (await seedTenant(gateway.database.app)).school();
    const limited = gateway.as(tenant.id, { schoolIds: [school.id] });
    const ids = [elsewhere.id, newId(), otherSchool.id].map((id) => encodeId('School', id));
    for (const id of [...ids, encodeId('Person', school.id), 'nonsense']) {
      const subscription = await follow({ schoolIds: [encodeId('School', school.id), id] }, limited);
      assert.deepEqual((await subscription.next())?.codes, ['NOT_FOUND'], id);
      assert.equal(await subscription.next(), undefined);
    }
  });

  test('left amid the present state, begins with it again; left behind it, goes on', async () => {
    const everything = await follow();
    const state = await untilCaughtUp(everything);
    await everything.stop();
    assert.ok(state.length > 2);

    for (const { cursor } of state.slice(0, -1)) {
      const again = await follow({ after: cursor });
      assert.deepEqual((await untilCaughtUp(again)).map(shown), state.map(shown));
      await again.stop();
    }

    await change('integration', school, [integration.id]);
    await untilReplayable(gateway);
    const on = await follow({ after: state.at(-1)?.cursor });
    assert.deepEqual((await untilCaughtUp(on)).map(shown), [encodeId('Integration', integration.id), undefined]);
    await on.stop();
  });

  test('goes on behind each of several things that changed together', async () => {
    const conflicts = await Promise.all(Array.from({ length: 5 }, () => integration.conflict()));
    const gone = newId();
    // What another test changed last may not have been told yet.
    await untilReplayable(gateway);
    const before = await follow({ after: await gateway.feed.cursor(tenant.id) });
    const start = (await untilCaughtUp(before)).at(-1)?.cursor ?? '';
    await before.stop();
    await change('conflict', school, [...conflicts.slice(0, 2), gone, ...conflicts.slice(2)]);
    await untilReplayable(gateway);
    const expected = conflicts.map((id) => encodeId('SyncConflict', id));

    let cursor = start;
    for (let told = 0; told <= expected.length; told += 1) {
      const subscription = await follow({ after: cursor });
      const events = await untilCaughtUp(subscription);
      await subscription.stop();
      assert.deepEqual(events.map(shown), [...expected.slice(told), undefined], `behind ${told}`);
      cursor = events[0]?.cursor ?? '';
    }
  });
});

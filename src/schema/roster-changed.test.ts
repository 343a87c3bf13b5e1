import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { recordActivity } from '../db/queries/activity.ts';
import { type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import type { EntityName } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { assertNothingLeft, untilReplayable } from './test-changes.ts';
import { openTestGateway, type TestCaller, type TestGateway, type TestSubscription } from './test-gateway.ts';

interface RosterEvent {
  __typename: string;
  cursor: string;
  record?: { __typename: string; id: string; givenName?: string; person?: { id: string } };
}

describe('rosterChanged', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let otherSchool: SeededSchool;
  let caller: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    [school, otherSchool] = [await tenant.school(), await tenant.school()];
    caller = gateway.as(tenant.id);
  });
  after(() => gateway.close());
  afterEach(() => assertNothingLeft(gateway));

  const document = `subscription ($schoolIds: [ID!], $after: String!) {
    rosterChanged(schoolIds: $schoolIds, after: $after) {
      __typename
      ... on RecordChanged { cursor record { __typename id ... on Person { givenName } ... on Enrollment { person { id } } } }
      ... on CaughtUp { cursor }
      ... on ResumeGap { to reason }
    } }`;
  const cursorNow = () => gateway.feed.cursor(tenant.id);
  const follow = (variables: object, as = caller) => as.follow(document, { ...variables });

  async function next(subscription: TestSubscription): Promise<RosterEvent> {
    const event = await subscription.next();
    assert.deepEqual(event?.messages, []);

    return event.data?.rosterChanged as RosterEvent;
  }

  async function change(entity: EntityName, ids: readonly string[], at = school): Promise<void> {
    await tenant.write((tx) =>
      recordActivity(tx, [{ tenantId: tenant.id, schoolId: at.id, kind: 'record', entity, ids }]),
    );
    await untilReplayable(gateway);
    gateway.feed.wake();
  }

  /** What comes behind a cursor until the subscription has caught up. */
  async function eventsBehind(cursor: string, as = caller): Promise<RosterEvent[]> {
    const subscription = await follow({ after: cursor }, as);
    const events: RosterEvent[] = [];
    while (events.at(-1)?.__typename !== 'CaughtUp') events.push(await next(subscription));
    await subscription.stop();

    return events.slice(0, -1);
  }

  test('shows each record that changed as it is now', async () => {
    const start = await cursorNow();
    const [classId, personId] = [await school.class(), await school.person({ givenName: 'Ada' })];
    const enrollmentId = await school.enrollment({ classId, personId });
    await change('class', [classId]);
    await change('person', [personId]);
    await change('enrollment', [enrollmentId]);
    await tenant.write((tx) => tx`update person set given_name = 'Eda' where id = ${personId}`);

    assert.deepEqual(
      (await eventsBehind(start)).map(({ record }) => record),
      [
        { __typename: 'Class', id: encodeId('Class', classId) },
        { __typename: 'Person', id: encodeId('Person', personId), givenName: 'Eda' },
        {
          __typename: 'Enrollment',
          id: encodeId('Enrollment', enrollmentId),
          person: { id: encodeId('Person', personId) },
        },
      ],
    );
  });

  test('tells what happens while it is followed', async () => {
    const subscription = await follow({ after: await cursorNow() });
    assert.equal((await next(subscription)).__typename, 'CaughtUp');
    const personId = await school.person();
    await change('person', [personId]);
    assert.equal((await next(subscription)).record?.id, encodeId('Person', personId));
    await subscription.stop();
  });

  test('goes on behind any event, each change once and in order, also within a large batch', async () => {
    const people = await Promise.all(Array.from({ length: 230 }, () => school.person()));
    const expected = people.map((id) => encodeId('Person', id));
    const start = await cursorNow();
    await change('person', people);
    const all = await eventsBehind(start);
    assert.deepEqual(
      all.map(({ record }) => record?.id),
      expected,
    );
    for (const told of [1, 99, 100, 101, 229, 230]) {
      const rest = await eventsBehind(all[told - 1]?.cursor ?? '');
      assert.deepEqual(
        rest.map(({ record }) => record?.id),
        expected.slice(told),
        `behind ${told}`,
      );
    }
  });

  test('leaves out what is not there to be seen: another school’s, another tenant’s, what is gone', async () => {
    const start = await cursorNow();
    const [mine, theirs] = [await school.person(), await otherSchool.person()];
    await change('person', [theirs], otherSchool);
    await change('person', [newId()]);
    await change('person', [mine]);
    const ids = async (as: TestCaller) => (await eventsBehind(start, as)).map(({ record }) => record?.id);

    assert.deepEqual(await ids(caller), [encodeId('Person', theirs), encodeId('Person', mine)]);
    assert.deepEqual(await ids(gateway.as(tenant.id, { schoolIds: [school.id] })), [encodeId('Person', mine)]);
    const stranger = await seedTenant(gateway.database.app);
    const refused = await follow({ after: start }, gateway.as(stranger.id));
    assert.deepEqual((await refused.next())?.codes, ['INVALID_CURSOR']);
    const chosen = await follow({ after: start, schoolIds: [encodeId('School', newId())] });
    assert.deepEqual((await chosen.next())?.codes, ['NOT_FOUND']);
  });

  test('needs the scope for reading, and a cursor that was given out', async () => {
    const blind = await follow({ after: await cursorNow() }, gateway.as(tenant.id, { scopes: [] }));
    assert.deepEqual((await blind.next())?.codes, ['FORBIDDEN']);
    const madeUp = await follow({ after: 'made up' });
    assert.deepEqual((await madeUp.next())?.codes, ['INVALID_CURSOR']);
  });
});

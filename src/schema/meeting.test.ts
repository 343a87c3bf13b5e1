import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type SeededTenant, seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestGateway } from './test-gateway.ts';

describe('meetings and groups in the roster', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let other: SeededTenant;
  const ids: Record<string, string> = {};

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    other = await seedTenant(gateway.database.app);
    const school = await tenant.school();
    const [anne, karl, zoe] = [
      await school.person({ givenName: 'Anne', role: 'teacher' }),
      await school.person({ givenName: 'Karl' }),
      await school.person({ givenName: 'Zoë', status: 'ARCHIVED' }),
    ];
    const group = await school.group({ title: 'TD 1', code: 'ING1_S5', membersIds: [karl, zoe] });
    const people = { instructorsIds: [anne], learnersIds: [zoe, karl], groupsIds: [group] };
    const startsAt = new Date('2026-10-20T06:30:00Z');
    const meeting = await school.meeting({ ...people, startsAt, location: 'R210' });
    await school.meeting({ location: 'Hall', status: 'ARCHIVED' });
    await school.meeting({ location: 'R210' });
    await school.meeting({ location: 'Amphi' });
    ids.school = encodeId('School', school.id);
    ids.meeting = encodeId('Meeting', meeting);
    ids.group = encodeId('Group', group);
  });
  after(() => gateway.close());

  test('a meeting tells its time in UTC, its room, its people and its groups', async () => {
    const data = await gateway.as(tenant.id).ask(
      `query ($id: ID!) { node(id: $id) { ... on Meeting { startsAt location class { id } instructors { givenName }
         learners { totalCount nodes { givenName } } groups { title code } } } }`,
      { id: ids.meeting },
    );
    assert.deepEqual(data, {
      node: {
        startsAt: '2026-10-20T06:30:00.000Z',
        location: 'R210',
        class: null,
        instructors: [{ givenName: 'Anne' }],
        learners: { totalCount: 1, nodes: [{ givenName: 'Karl' }] },
        groups: [{ title: 'TD 1', code: 'ING1_S5' }],
      },
    });
  });

  test('a group lists its members, archived ones when asked, a page at a time', async () => {
    const members = async (args: string) => {
      const { node } = await gateway
        .as(tenant.id)
        .ask<{ node: { members: { nodes: { givenName: string }[] } } }>(
          `query ($id: ID!) { node(id: $id) { ... on Group { members(${args}) { nodes { givenName } } } } }`,
          { id: ids.group },
        );
      return node.members.nodes.map((person) => person.givenName);
    };
    assert.deepEqual(await members('first: 5'), ['Karl']);
    assert.deepEqual(await members('first: 1, filter: { status: [ACTIVE, ARCHIVED] }'), ['Karl']);
    assert.deepEqual(await members('first: 5, filter: { status: [ARCHIVED] }'), ['Zoë']);
  });

  test('a school lists its meetings, its groups, and each room in use once', async () => {
    const data = await gateway.as(tenant.id).ask(
      `query ($id: ID!) { school(id: $id) { rooms meetings { totalCount } groups { totalCount }
         all: meetings(filter: { status: [ACTIVE, ARCHIVED] }) { totalCount } } }`,
      { id: ids.school },
    );
    assert.deepEqual(data, {
      school: {
        rooms: ['Amphi', 'R210'],
        meetings: { totalCount: 3 },
        groups: { totalCount: 1 },
        all: { totalCount: 4 },
      },
    });
  });

  test('a school lists the meetings of a week: from its first instant, up to the first of the next', async () => {
    const starts = async (filter: string) => {
      const { school } = await gateway
        .as(tenant.id)
        .ask<{ school: { meetings: { nodes: { startsAt: string }[] } } }>(
          `query ($id: ID!) { school(id: $id) { meetings(filter: { ${filter} }) { totalCount nodes { startsAt } } } }`,
          { id: ids.school },
        );
      return school.meetings.nodes.length;
    };
    assert.equal(await starts('startsFrom: "2026-10-20T06:30:00Z"'), 1);
    assert.equal(await starts('startsBefore: "2026-10-20T06:30:00Z"'), 2);
    assert.equal(await starts('startsFrom: "2026-10-19T00:00:00Z", startsBefore: "2026-10-26T00:00:00Z"'), 1);
    assert.equal(await starts('startsBefore: "2026-10-26T00:00:00Z", status: [ARCHIVED]'), 1);
  });

  test('nothing of it is shown to another tenant', async () => {
    const data = await gateway
      .as(other.id)
      .ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [ids.meeting, ids.group] });
    assert.deepEqual(data, { nodes: [null, null] });
  });
});

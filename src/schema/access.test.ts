import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type SeededIntegration, type SeededRun, type SeededSchool, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { NotFound } from '../model/problems.ts';
import { encodeId, splitId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

interface World {
  school: SeededSchool;
  integration: SeededIntegration;
  run: SeededRun;
  logIds: string[];
  conflictId: string;
  classId: string;
  personId: string;
  enrollmentId: string;
}

/** Two of these have the same external ids and the same names, so that nothing but the tenant tells them apart. */
async function seedWorld(gateway: TestGateway): Promise<World> {
  const tenant = await seedTenant(gateway.database.app);
  const school = await tenant.school({ sourcedId: 'org-1' });
  const integration = await school.integration();
  const run = await integration.run();
  const logIds = await run.logs(3, { key: 'there-1' });
  const conflictId = await integration.conflict();
  const classId = await school.class({ sourcedId: 'class-1' });
  const personId = await school.person({ sourcedId: 'person-1', phone: '0123' });
  const enrollmentId = await school.enrollment({ sourcedId: 'enrollment-1', classId, personId });

  return { school, integration, run, logIds, conflictId, classId, personId, enrollmentId };
}

const nodeQuery = 'query ($id: ID!) { node(id: $id) { __typename id } }';

describe('what a caller may see', () => {
  let gateway: TestGateway;
  let ours: World;
  let theirs: World;
  let us: TestCaller;

  before(async () => {
    gateway = await openTestGateway({
      sync: {
        // The engine, as far as these tests go: it finds nothing, and a test would fail if it were asked more.
        requestRun: () => Promise.reject(new NotFound('There is no such integration.')),
        cancelRun: () => Promise.reject(new NotFound('There is no such sync run.')),
      },
    });
    [ours, theirs] = [await seedWorld(gateway), await seedWorld(gateway)];
    us = gateway.as(ours.school.tenant.id);
  });
  after(() => gateway.close());

  function idsOf(world: World): Record<string, string> {
    return {
      School: world.school.id,
      Integration: world.integration.id,
      SyncRun: world.run.id,
      SyncLog: world.logIds[0] ?? '',
      SyncConflict: world.conflictId,
      Class: world.classId,
      Person: world.personId,
      Enrollment: world.enrollmentId,
      Tenant: world.school.tenant.id,
    };
  }

  test('its own things are found again by their ids, whatever they are', async () => {
    for (const [type, raw] of Object.entries(idsOf(ours))) {
      const id = encodeId(type, raw);
      const { node } = await us.ask<{ node: unknown }>(nodeQuery, { id });

      assert.deepEqual(node, { __typename: type, id });
    }
    const viewer = await us.ask<{ viewer: { id: string } }>('{ viewer { id } }');
    const found = await us.ask<{ node: unknown }>(nodeQuery, viewer.viewer);
    assert.deepEqual(found.node, { __typename: 'Viewer', id: viewer.viewer.id });
  });

  test('a malformed, an unknown and a foreign id answer alike: with null', async () => {
    const lost = Object.entries(idsOf(theirs)).flatMap(([type, raw]) => [
      encodeId(type, raw),
      encodeId(type, newId()),
      encodeId(type, 'no-uuid'),
      encodeId(type, `${raw}'; select 1`),
    ]);
    const id = encodeId('School', ours.school.id);
    lost.push('', 'garbage', '🦉', `${id}=`, encodeId('Nothing', ours.school.id), encodeId('Person', ours.school.id));
    lost.push(encodeId('Provider', 'nobody'), encodeId('Viewer', us.identity.tenantId), encodeId('__proto__', newId()));

    for (const ids of [lost.slice(0, 30), lost.slice(30)]) {
      const { nodes } = await us.ask<{ nodes: unknown[] }>('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
      assert.deepEqual(
        nodes,
        Array.from(ids, () => null),
      );
    }
    for (const lookup of lost) {
      const document = 'query ($id: ID!) { node(id: $id) { id } school(id: $id) { id } integration(id: $id) { id } }';
      const answer = await us.ask<object>(document, { id: lookup });
      assert.deepEqual(answer, { node: null, school: null, integration: null });
    }
  });

  test('nodes come in the order asked, each where it belongs', async () => {
    const ids = [
      encodeId('Person', ours.personId),
      'nonsense',
      encodeId('School', ours.school.id),
      encodeId('Person', ours.personId),
    ];
    const { nodes } = await us.ask<{ nodes: ({ id: string } | null)[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids },
    );

    assert.deepEqual(
      nodes.map((node) => node?.id ?? null),
      [ids[0], null, ids[2], ids[3]],
    );
    const tooMany = await us.run('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array(201).fill(ids[0]) });
    assert.deepEqual(tooMany.codes, ['BAD_USER_INPUT']);
  });

  test('no list, filter or cursor of one tenant shows the other', async () => {
    const document = `query ($school: ID!, $after: String, $foreign: [ID!]) {
      schools(first: 200) { totalCount nodes { id people { nodes { id } } classes { nodes { id } } enrollments { nodes { id } } } }
      school(id: $school) {
        mine: conflicts(after: $after) { nodes { id } }
        filtered: conflicts(filter: { integrationIds: $foreign }) { totalCount nodes { id } }
      }
    }`;
    const them = gateway.as(theirs.school.tenant.id);
    const cursors =
      'query ($id: ID!) { school(id: $id) { conflicts(orderBy: { field: DETECTED_AT, direction: ASC }) { edges { cursor } } } }';
    const foreign = await them.ask<{ school: { conflicts: { edges: { cursor: string }[] } } }>(cursors, {
      id: encodeId('School', theirs.school.id),
    });

    const answer = await us.run(document, {
      school: encodeId('School', ours.school.id),
      after: foreign.school.conflicts.edges[0]?.cursor,
      foreign: [encodeId('Integration', theirs.integration.id), 'nonsense'],
    });
    const seen = [...JSON.stringify(answer.data).matchAll(/"id":"([\w-]+)"/g)].map(([, id]) => splitId(id ?? '')?.id);
    const foreignIds = new Set(Object.values(idsOf(theirs)));

    assert.deepEqual(answer.messages, []);
    assert.deepEqual(
      seen.filter((id) => id !== undefined && foreignIds.has(id)),
      [],
    );
    assert.equal(seen.length, 5);
    const { school } = answer.data as { school: { filtered: unknown } };
    assert.deepEqual(school.filtered, { totalCount: 0, nodes: [] });
  });

  test('a key for some schools sees those and no others', async () => {
    const other = await ours.school.tenant.school({ name: 'Oak Street School' });
    const { personId } = { personId: await other.person() };
    const narrow = gateway.as(ours.school.tenant.id, { schoolIds: [other.id] });
    const document =
      'query ($ours: ID!) { schools { totalCount nodes { id } } school(id: $ours) { id } node(id: $ours) { id } }';

    assert.deepEqual(await narrow.ask<object>(document, { ours: encodeId('School', ours.school.id) }), {
      schools: { totalCount: 1, nodes: [{ id: encodeId('School', other.id) }] },
      school: null,
      node: null,
    });
    const people = [encodeId('Person', personId), encodeId('Person', ours.personId)];
    const { nodes } = await narrow.ask<{ nodes: unknown[] }>('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: people,
    });
    assert.deepEqual(nodes, [{ id: people[0] }, null]);

    const nothing = gateway.as(ours.school.tenant.id, { schoolIds: [] });
    assert.deepEqual(await nothing.ask<object>('{ schools { totalCount nodes { id } } }'), {
      schools: { totalCount: 0, nodes: [] },
    });
  });

  test('a mutation answers a malformed id exactly as an unknown one', async () => {
    const trigger = `mutation ($input: TriggerSyncInput!) { triggerSync(input: $input) { ... on Error { __typename code message } } }`;
    const cancel = `mutation ($input: CancelSyncRunInput!) { cancelSyncRun(input: $input) { ... on Error { __typename code message } } }`;
    for (const [document, name, type] of [
      [trigger, 'integrationId', 'Integration'],
      [cancel, 'syncRunId', 'SyncRun'],
    ] as const) {
      const ids = ['garbage', encodeId(type, newId()), encodeId(type, 'x'), encodeId('School', ours.school.id)];
      const answers = await Promise.all(ids.map((id) => us.ask<object>(document, { input: { [name]: id } })));

      assert.match(JSON.stringify(answers[0]), /"NotFoundError","code":"NOT_FOUND"/);
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
    }
  });

  test('a subscription answers an id that leads nowhere with an error, and ends', async () => {
    const foreign = encodeId('SyncRun', theirs.run.id);
    for (const id of ['garbage', encodeId('SyncRun', newId()), foreign, encodeId('School', ours.school.id)]) {
      for (const document of [
        'subscription ($id: ID!) { syncRunUpdated(id: $id) { id } }',
        'subscription ($id: ID!) { syncLogAdded(syncRunId: $id) { __typename } }',
      ]) {
        const subscription = await us.follow(document, { id });
        const refusal = await subscription.next();

        assert.deepEqual(refusal?.codes, ['NOT_FOUND']);
        assert.equal(await subscription.next(), undefined);
      }
    }
    assert.equal(gateway.feed.size(), 0);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { insertRecordEdit } from '../db/queries/timeline.ts';
import { type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestGateway } from './test-gateway.ts';

interface Entry {
  action: string;
  actor: { name: string } | null;
  integration: { id: string } | null;
  syncRun: { id: string } | null;
  changes: { name: string; before: unknown; after: unknown }[];
}
interface Answer {
  node: { timeline: { totalCount: number; nodes: Entry[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
}

const document = `query ($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Person { timeline(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { action actor { name } integration { id } syncRun { id } changes { name before after } } } } } }`;

describe('the timeline of a person', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let personId: string;
  let runId: string;
  let integrationId: string;
  const ask = async (variables: object = {}) =>
    (await gateway.as(tenant.id).ask<Answer>(document, { id: encodeId('Person', personId), ...variables })).node
      .timeline;

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    school = await tenant.school();
    personId = await school.person({ sourcedId: 'p5' });
    const enrollmentId = await school.enrollment({ personId, classId: await school.class() });
    const integration = await school.integration();
    integrationId = integration.id;
    const run = await integration.run();
    runId = run.id;
    await run.logs(3);
    await run.logs(1, { entity: 'person', recordId: personId, action: 'one', after: { phone: '1', givenName: 'Z' } });
    await run.logs(1, { recordId: enrollmentId, action: 'two' });
    await tenant.write((tx) =>
      insertRecordEdit(tx, {
        tenantId: tenant.id,
        schoolId: school.id,
        id: newId(),
        entity: 'person',
        recordId: personId,
        action: 'person.update',
        integrationId: null,
        before: { email: 'a@school.example', phone: '1' },
        after: { email: 'b@school.example', phone: '2' },
        reason: 'Ms Vos did this in Homeroom.',
        actor: 'Ms Vos',
        at: new Date(),
      }),
    );
  });
  after(() => gateway.close());

  test('is what people and runs did, to them and to their places in classes, newest first', async () => {
    const { nodes, totalCount } = await ask();

    assert.deepEqual(
      nodes.map(({ action }) => action),
      ['person.update', 'two', 'one'],
    );
    assert.equal(totalCount, 3);
    const [edit, place] = nodes;
    assert.deepEqual([edit?.actor?.name, edit?.integration, edit?.syncRun], ['Ms Vos', null, null]);
    assert.equal(place?.actor, null);
    assert.equal(place?.integration?.id, encodeId('Integration', integrationId));
    assert.equal(place?.syncRun?.id, encodeId('SyncRun', runId));
  });

  test('comes in pages that go on where the last one ended', async () => {
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const { nodes, pageInfo } = await ask({ first: 1, ...(after && { after }) });
      seen.push(...nodes.map(({ action }) => action));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }

    assert.deepEqual(seen, ['person.update', 'two', 'one']);
  });

  test('hides contact details without the scope for them', async () => {
    const caller = gateway.as(tenant.id, { scopes: ['roster:read'] });
    const { node } = await caller.ask<Answer>(document, { id: encodeId('Person', personId) });
    const names = node.timeline.nodes.flatMap(({ changes }) => changes.map(({ name }) => name));

    assert.deepEqual(names, ['email', 'givenName']);
  });

  test('of another school’s person does not exist', async () => {
    const other = await tenant.school();
    const caller = gateway.as(tenant.id, { schoolIds: [other.id] });
    const { node } = await caller.ask<{ node: null }>(document, { id: encodeId('Person', personId) });

    assert.equal(node, null);
  });
});

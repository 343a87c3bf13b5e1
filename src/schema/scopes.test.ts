import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectors } from '../connectors/index.ts';
import { type SeededRun, seedTenant } from '../db/seed.ts';
import { type Scope, scopes } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestGateway } from './test-gateway.ts';

describe('what a caller may do', () => {
  let gateway: TestGateway;
  let run: SeededRun;
  let tenantId: string;

  before(async () => {
    gateway = await openTestGateway();
    const tenant = await seedTenant(gateway.database.app);
    tenantId = tenant.id;
    run = await (await (await tenant.school()).integration()).run();
  });
  after(() => gateway.close());

  const id = encodeId('SyncRun', newId());
  const forms = 'schoolId: "x", providerId: "x", settings: {}, credentials: {}';
  const doors: readonly [string, Scope][] = [
    ['query { schools { totalCount } }', 'roster:read'],
    [`query { school(id: "${id}") { id } }`, 'roster:read'],
    [`query { integration(id: "${id}") { id } }`, 'roster:read'],
    [`query { node(id: "${id}") { id } }`, 'roster:read'],
    ['query { liveCursor }', 'roster:read'],
    [`mutation { connectIntegration(input: { ${forms} }) { __typename } }`, 'integration:admin'],
    [`mutation { updateIntegration(input: { integrationId: "${id}" }) { __typename } }`, 'integration:admin'],
    [`mutation { updateSchool(input: { schoolId: "${id}", settings: {} }) { __typename } }`, 'integration:admin'],
    [`mutation { testConnection(input: { integrationId: "${id}" }) { __typename } }`, 'integration:admin'],
    [`mutation { disconnectIntegration(input: { integrationId: "${id}" }) { __typename } }`, 'integration:admin'],
    [`mutation { triggerSync(input: { integrationId: "${id}" }) { __typename } }`, 'sync:run'],
    [`mutation { syncPerson(input: { personId: "${id}" }) { __typename } }`, 'sync:run'],
    [`mutation { retryFailed(input: { syncRunId: "${id}" }) { __typename } }`, 'sync:run'],
    [`mutation { undoSyncRun(input: { syncRunId: "${id}" }) { __typename } }`, 'sync:run'],
    [`mutation { cancelSyncRun(input: { syncRunId: "${id}" }) { __typename } }`, 'sync:run'],
    [`mutation { approveSyncRun(input: { syncRunId: "${id}", planHash: "x" }) { __typename } }`, 'sync:approve'],
    [
      `mutation { resolveConflict(input: { conflictId: "${id}", version: 1, resolution: IGNORE }) { __typename } }`,
      'sync:approve',
    ],
    [
      `mutation { resolveConflicts(input: { conflicts: [{ conflictId: "${id}", version: 1 }], resolution: IGNORE }) { __typename } }`,
      'sync:approve',
    ],
    [
      `mutation { setFieldRule(input: { integrationId: "${id}", entityType: PERSON, field: "email", rule: ASK }) { __typename } }`,
      'integration:admin',
    ],
    [`query { export(id: "${id}") { id } }`, 'roster:read'],
    [`query { node(id: "${encodeId('Export', newId())}") { id } }`, 'roster:read'],
    [`mutation { startExport(input: { schoolId: "${id}" }) { __typename } }`, 'roster:read'],
    [`mutation { cancelExport(input: { exportId: "${id}" }) { __typename } }`, 'roster:read'],
    ['query { apiKeys { totalCount } }', 'tenant:admin'],
    [`query { node(id: "${encodeId('ApiKey', newId())}") { id } }`, 'tenant:admin'],
    ['query { members { totalCount } }', 'tenant:admin'],
    [`query { node(id: "${encodeId('Member', newId())}") { id } }`, 'tenant:admin'],
    ['mutation { inviteMember(input: { email: "a@b.example", role: VIEWER }) { __typename } }', 'tenant:admin'],
    [`mutation { updateMember(input: { memberId: "${id}" }) { __typename } }`, 'tenant:admin'],
    [`mutation { removeMember(input: { memberId: "${id}" }) { __typename } }`, 'tenant:admin'],
    ['mutation { createSchool(input: { name: "x", timeZone: "UTC" }) { __typename } }', 'tenant:admin'],
    ['mutation { createApiKey(input: { name: "x", scopes: ["roster:read"] }) { __typename } }', 'tenant:admin'],
    [`mutation { revokeApiKey(input: { apiKeyId: "${id}" }) { __typename } }`, 'tenant:admin'],
    [`mutation { archiveTerm(input: { termId: "${id}" }) { __typename } }`, 'roster:write'],
    [`mutation { archiveCourse(input: { courseId: "${id}" }) { __typename } }`, 'roster:write'],
    [`mutation { archiveGuardianLink(input: { guardianLinkId: "${id}" }) { __typename } }`, 'roster:write'],
    [`mutation { updatePerson(input: { personId: "${id}" }) { __typename } }`, 'roster:write'],
    [
      `mutation { enrollPerson(input: { classId: "${id}", personId: "${id}", role: "student" }) { __typename } }`,
      'roster:write',
    ],
  ];

  for (const [document, scope] of doors) {
    test(`${/\{ (\w+)/.exec(document)?.[1]} needs the scope ${scope}, and says so`, async () => {
      const without = scopes.filter((name) => name !== scope);
      const { codes, messages } = await gateway.as(tenantId, { scopes: without }).run(document);

      assert.deepEqual(codes, ['FORBIDDEN']);
      assert.ok(messages[0]?.includes(scope), messages[0]);
    });
  }

  test('a subscription without the scope is refused before anything is followed', async () => {
    const caller = gateway.as(tenantId, { scopes: ['sync:run'] });
    for (const field of ['syncRunUpdated(id: $id)', 'syncLogAdded(syncRunId: $id)']) {
      const subscription = await caller.follow(`subscription ($id: ID!) { ${field} { __typename } }`, {
        id: encodeId('SyncRun', run.id),
      });
      assert.deepEqual((await subscription.next())?.codes, ['FORBIDDEN']);
    }
    assert.equal(gateway.feed.size(), 0);
  });

  test('any caller may ask who it is and what could be connected', async () => {
    const caller = gateway.as(tenantId, { scopes: [] });
    const answer = await caller.ask<{ viewer: object }>(
      '{ viewer { name kind scopes tenant { name } } providers { slug } }',
    );

    assert.deepEqual(answer, {
      viewer: { name: 'Test key', kind: 'API_KEY', scopes: [], tenant: { name: 'Harbour District' } },
      providers: connectors.map(({ id }) => ({ slug: id })),
    });
  });

  test('contact details need a scope of their own, wherever they turn up', async () => {
    const [logId] = await run.logs(1, {
      before: { phone: '1', givenName: 'A' },
      after: { phone: '2', givenName: 'B' },
    });
    const conflictId = await run.integration.conflict({
      stream: 'other',
      fields: [{ name: 'sms', baseValue: '1', localValue: '2', externalValue: '3' }],
    });
    const ids = [
      encodeId('Person', await run.integration.school.person({ phone: '0123' })),
      encodeId('SyncLog', logId ?? ''),
      encodeId('SyncConflict', conflictId),
    ];
    const document = `query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on Person { givenName phone } ... on SyncLog { changes { name } } ... on SyncConflict { fields { name } } } }`;

    const whole = await gateway.as(tenantId).run(document, { ids });
    assert.deepEqual(whole.data?.nodes, [
      { givenName: 'Zoë', phone: '0123' },
      { changes: [{ name: 'givenName' }, { name: 'phone' }] },
      { fields: [{ name: 'sms' }] },
    ]);
    const part = await gateway.as(tenantId, { scopes: ['roster:read'] }).run(document, { ids });
    assert.deepEqual(part.codes, ['FORBIDDEN']);
    assert.deepEqual(part.data?.nodes, [
      { givenName: 'Zoë', phone: null },
      { changes: [{ name: 'givenName' }] },
      { fields: [] },
    ]);
  });
});

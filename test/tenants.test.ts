/** Two tenants whose schools have the same external ids: nothing of one is ever shown to the other. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { generateDistrict } from '../src/simulators/district/generate.ts';
import { type Answer, type ApiClient, apiClient, ended, mutate } from './harness/client.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';
import { type GatewayProcess, makeAccess, startGateway } from './harness/gateway.ts';
import { startWorld, type World } from './harness/world.ts';

const createApiKey = `mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { ... on CreateApiKeyPayload { apiKey { id } } ... on Error { code message } } }`;

const inviteMember = `mutation InviteMember($input: InviteMemberInput!) {
  inviteMember(input: $input) { ... on InviteMemberPayload { member { id } } ... on Error { code message } } }`;

interface Tenant {
  client: ApiClient;
  tenantId: string;
  /** Global ids of one of each, and a place in its live log. */
  ids: Record<'tenant' | 'school' | 'integration' | 'run' | 'log' | 'person' | 'class' | 'enrollment', string>;
  cursor: string;
  pageCursor: string;
}

describe('two tenants with equal external ids', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-tenants-'));
  let world: World;
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let ours: Tenant;
  let theirs: Tenant;

  const settle = async (name: string): Promise<Tenant> => {
    const options = { dataDir, databaseUrl: database.url, allowedHosts: world.hosts };
    const { key, tenantId } = await makeAccess(options, name, [`${name} School`]);
    const client = apiClient(gateway.url, key);
    const { schools } = await client.send('Schools');
    const schoolId = schools.nodes[0].id;
    const { providers } = await client.send('Providers');
    const providerId = providers.find((each: Answer) => each.slug === 'oneroster').id;
    const { integration } = await mutate(client, 'ConnectIntegration', { schoolId, providerId, ...world.oneRoster() });
    const { syncRun } = await mutate(client, 'TriggerSync', { integrationId: integration.id });
    assert.equal((await ended(client, syncRun.id)).status, 'SUCCEEDED', gateway.log.join('\n'));
    const roster = (await client.send('Roster', { schoolId })).school.enrollments;
    const { node: run } = await client.send(
      'query($id: ID!) { node(id: $id) { ... on SyncRun { logs(first: 1) { nodes { id } edges { cursor } } } } }',
      { id: syncRun.id },
    );
    const { viewer } = await client.send('Viewer');
    let cursor = '';
    for await (const event of client.follow('SyncLogAdded', { syncRunId: syncRun.id, last: 1 })) {
      cursor = event.data.syncLogAdded.cursor ?? '';
      if (event.data.syncLogAdded.__typename === 'CaughtUp') break;
    }
    const [enrollment] = roster.nodes;

    return {
      client,
      tenantId,
      cursor,
      pageCursor: run.logs.edges[0].cursor,
      ids: {
        tenant: viewer.tenant.id,
        school: schoolId,
        integration: integration.id,
        run: syncRun.id,
        log: run.logs.nodes[0].id,
        person: enrollment.person.id,
        class: enrollment.class.id,
        enrollment: enrollment.id,
      },
    };
  };

  before(async () => {
    world = await startWorld(generateDistrict({ seed: 'tenants', size: 'small', schools: 1, asOf: new Date() }));
    database = await freshDatabase();
    // Nobody signs in here; without an issuer nobody could be invited.
    const issuers = [{ issuer: 'https://login.example', audience: 'homeroom', tenantClaim: 'tenant' }];
    const env = { OIDC_ISSUERS: JSON.stringify(issuers) };
    gateway = await startGateway({ dataDir, databaseUrl: database.url, allowedHosts: world.hosts, env });
    [ours, theirs] = [await settle('Ours'), await settle('Theirs')];
  });

  after(async () => {
    await ours?.client.close();
    await theirs?.client.close();
    await gateway?.end();
    await database?.drop();
    await world?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('hold the same school, each as its own', async () => {
    const roster = async (tenant: Tenant) =>
      (await tenant.client.send('Roster', { schoolId: tenant.ids.school })).school.enrollments.nodes;
    const [here, there] = [await roster(ours), await roster(theirs)];
    const keys = (nodes: Answer[]) => nodes.map((each: Answer) => each.sourcedId).sort();
    assert.ok(here.length > 100);
    assert.deepEqual(keys(here), keys(there));
    const known = new Set(here.map((each: Answer) => each.id));
    assert.ok(there.every((each: Answer) => !known.has(each.id)));
  });

  it('answer null to each other’s node ids, as to made-up ones', async () => {
    for (const [kind, id] of Object.entries(theirs.ids)) {
      const { node, nodes } = await ours.client.send(
        'query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }',
        { id },
      );
      assert.deepEqual([node, nodes], [null, [null]], kind);
    }
    for (const id of ['', 'nonsense', Buffer.from('School:nonsense').toString('base64')]) {
      assert.equal((await ours.client.send('query($id: ID!) { node(id: $id) { id } }', { id })).node, null);
    }
    const found = await ours.client.send(
      'query($s: ID!, $i: ID!) { school(id: $s) { id } integration(id: $i) { id } }',
      {
        s: theirs.ids.school,
        i: theirs.ids.integration,
      },
    );
    assert.deepEqual(found, { school: null, integration: null });
  });

  it('list only their own', async () => {
    const { schools } = await ours.client.send('Schools');
    assert.deepEqual(
      schools.nodes.map((each: Answer) => each.id),
      [ours.ids.school],
    );
    const { schools: dashboard } = await ours.client.send('Dashboard');
    const runs = dashboard.nodes.flatMap((school: Answer) =>
      school.integrations.flatMap((each: Answer) => each.syncRuns.nodes),
    );
    assert.deepEqual(
      runs.map((run: Answer) => run.id),
      [ours.ids.run],
    );
  });

  it('find nothing of each other by a page cursor', async () => {
    const { body } = await ours.client.raw(
      'query($id: ID!, $after: String) { node(id: $id) { ... on SyncRun { logs(first: 200, after: $after) { nodes { id } } } } }',
      { id: ours.ids.run, after: theirs.pageCursor },
    );
    const shown = body.data?.node?.logs.nodes ?? [];
    assert.ok(shown.every((each: Answer) => each.id !== theirs.ids.log));
  });

  it('refuse each other’s ids in every mutation, like unknown ones', async () => {
    const { school, integration, run, person, class: classId } = theirs.ids;
    const provider = (await ours.client.send('Providers')).providers.find(
      (each: Answer) => each.slug === 'oneroster',
    ).id;
    const attempts: [operation: string, input: Record<string, unknown>][] = [
      ['TriggerSync', { integrationId: integration }],
      ['TriggerSync', { integrationId: ours.ids.integration, classIds: [classId] }],
      ['TriggerSync', { integrationId: ours.ids.integration, personIds: [person] }],
      ['TestConnection', { integrationId: integration }],
      ['DisconnectIntegration', { integrationId: integration }],
      ['UpdateIntegration', { integrationId: integration, settings: {} }],
      ['ConnectIntegration', { schoolId: school, providerId: provider, ...world.oneRoster() }],
      ['ApproveSyncRun', { syncRunId: run, planHash: 'x' }],
      ['CancelSyncRun', { syncRunId: run }],
      ['EnrollPerson', { classId, personId: person, role: 'student' }],
      ['EnrollPerson', { classId: ours.ids.class, personId: person, role: 'student' }],
      ['UpdatePerson', { personId: person, givenName: 'Eve' }],
    ];
    for (const [operation, input] of attempts) {
      const { body } = await ours.client.raw(operation, { input });
      const payload = Object.values((body.data ?? {}) as Record<string, Answer>)[0];
      assert.equal(payload?.code, 'NOT_FOUND', `${operation}: ${JSON.stringify(body)}`);
    }
  });

  it('change nothing of each other’s roster, schools and keys', async () => {
    const { school, person, class: classId, enrollment } = theirs.ids;
    const named = { givenName: 'Eve', familyName: 'Doe', role: 'student' };
    const attempts: [mutation: string, input: Record<string, unknown>][] = [
      ['createPerson', { schoolId: school, ...named }],
      ['archivePerson', { personId: person }],
      ['restorePerson', { personId: person }],
      ['createClass', { schoolId: school, title: 'Eve’s' }],
      ['updateClass', { classId, title: 'Eve’s' }],
      ['archiveClass', { classId }],
      ['restoreClass', { classId }],
      ['updateEnrollment', { enrollmentId: enrollment, role: 'teacher' }],
      ['archiveEnrollment', { enrollmentId: enrollment }],
      ['updateSchool', { schoolId: school, name: 'Eve’s' }],
      ['createApiKey', { name: 'Eve', scopes: ['roster:read'], schoolIds: [school] }],
    ];
    const key = (await mutate(theirs.client, createApiKey, { name: 'Wall', scopes: ['roster:read'] })).apiKey.id;
    attempts.push(['revokeApiKey', { apiKeyId: key }]);
    const invited = { email: 'ada@school.example', role: 'VIEWER' };
    const { id: memberId } = (await mutate(theirs.client, inviteMember, invited)).member;
    attempts.push(['inviteMember', { ...invited, schoolIds: [school] }]);
    attempts.push(['updateMember', { memberId, role: 'TENANT_ADMIN' }], ['removeMember', { memberId }]);
    for (const [name, input] of attempts) {
      const noun = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const document = `mutation($input: ${noun}Input!) { ${name}(input: $input) { ... on Error { code } } }`;
      // Also with a key that belongs to the other tenant’s intent: what is remembered is each caller’s own.
      for (const more of [{}, { idempotencyKey: 'same for both' }]) {
        const { body } = await ours.client.raw(document, { input: { ...input, ...more } });
        assert.deepEqual(body.data, { [name]: { code: 'NOT_FOUND' } }, `${name}: ${JSON.stringify(body)}`);
      }
    }
    const { body } = await ours.client.raw('{ apiKeys(first: 200) { nodes { id } } }');
    assert.ok(body.data.apiKeys.nodes.length > 0);
    assert.ok(body.data.apiKeys.nodes.every((each: Answer) => each.id !== key));
    assert.equal((await ours.client.send('{ members { totalCount } }')).members.totalCount, 0);
    const { node } = await theirs.client.send('query($id: ID!) { node(id: $id) { ... on Member { role } } }', {
      id: memberId,
    });
    assert.deepEqual(node, { role: 'VIEWER' });
  });

  it('end each other’s subscriptions with NOT_FOUND', async () => {
    const subscriptions: [operation: string, variables: Record<string, unknown>][] = [
      ['SyncRunUpdated', { id: theirs.ids.run }],
      ['SyncLogAdded', { syncRunId: theirs.ids.run }],
    ];
    for (const [operation, variables] of subscriptions) {
      const events: Answer[] = [];
      try {
        for await (const event of ours.client.follow(operation, variables)) events.push(event);
      } catch (error) {
        events.push({ errors: error });
      }
      assert.match(JSON.stringify(events), /NOT_FOUND/, operation);
      assert.ok(!JSON.stringify(events).includes('"data":{"'), operation);
    }
  });

  it('refuse each other’s live cursors', async () => {
    const events: Answer[] = [];
    try {
      for await (const event of ours.client.follow('SyncLogAdded', { syncRunId: ours.ids.run, after: theirs.cursor })) {
        events.push(event);
        break;
      }
    } catch (error) {
      events.push({ errors: error });
    }
    assert.match(JSON.stringify(events), /INVALID_CURSOR/);
  });
});

/** A person of one school signs in at the district's issuer, works, and is removed while they look. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type OidcSimulator, startOidcSimulator } from '../src/simulators/oidc/simulator.ts';
import { type ApiClient, apiClient, mutate } from './harness/client.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';
import { type GatewayProcess, makeAccess, startGateway } from './harness/gateway.ts';

const invite = `mutation ($input: InviteMemberInput!) { inviteMember(input: $input) {
  ... on InviteMemberPayload { member { id status } } ... on Error { code message } } }`;
const remove = `mutation ($input: RemoveMemberInput!) { removeMember(input: $input) {
  ... on RemoveMemberPayload { removedMemberId } ... on Error { code message } } }`;
const schools = '{ schools { nodes { id name } } }';

describe('a person who signs in', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-sign-in-'));
  let issuer: OidcSimulator;
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let admin: ApiClient;
  let ours: { id: string; name: string }[];
  let memberId: string;
  const tokens: string[] = [];

  before(async () => {
    issuer = await startOidcSimulator({ path: '/realms/district', algorithms: ['ES256'] });
    database = await freshDatabase();
    const options = { dataDir, databaseUrl: database.url, allowedHosts: [] };
    const { key, tenantId } = await makeAccess(options, 'District', ['Elm Street', 'Oak Street']);
    const trusted = [{ issuer: issuer.issuer, audience: 'homeroom', tenantId }];
    gateway = await startGateway({ ...options, env: { OIDC_ISSUERS: JSON.stringify(trusted), LOG_LEVEL: 'trace' } });
    admin = apiClient(gateway.url, key);
    ours = (await admin.send(schools)).schools.nodes;
  });
  after(async () => {
    await admin?.close();
    await gateway?.end();
    await database?.drop();
    await issuer?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function ada(): Promise<ApiClient> {
    const claims = { sub: 'f4b1', name: 'Ada Byron', email: 'ada@school.example', email_verified: true };
    const token = await issuer.token(claims);
    tokens.push(token);

    return apiClient(gateway.url, token);
  }

  it('is nobody before somebody has invited them', async () => {
    const client = await ada();
    const { status, body } = await client.raw('Viewer');
    assert.equal(status, 401);
    assert.match(body.errors[0].message, /no access here\. Ask an administrator/);
    await client.close();
  });

  it('sees and does what their role is for, in their school and in no other', async () => {
    const [elm, oak] = ours;
    const input = { email: 'ada@school.example', role: 'SCHOOL_ADMIN', schoolIds: [elm?.id] };
    const { member } = await mutate(admin, invite, input);
    assert.equal(member.status, 'INVITED');
    memberId = member.id;

    const client = await ada();
    const { viewer } = await client.send('Viewer');
    assert.deepEqual([viewer.name, viewer.kind, viewer.tenant.name], ['Ada Byron', 'USER', 'District']);
    assert.deepEqual((await client.send(schools)).schools.nodes, [elm]);
    const hidden = await client.send('query ($id: ID!) { school(id: $id) { id } node(id: $id) { id } }', {
      id: oak?.id,
    });
    assert.deepEqual(hidden, { school: null, node: null });
    const { body } = await client.raw(invite, { input: { email: 'eve@school.example', role: 'VIEWER' } });
    assert.equal(body.errors[0].extensions.code, 'FORBIDDEN');
    await client.close();
  });

  it('loses what they follow within ten seconds of being removed, and comes in no more', async () => {
    const client = await ada();
    const events = client.follow('SchoolActivity', { schoolIds: null });
    assert.equal((await events.next()).value.data.schoolActivity.__typename, 'CaughtUp');
    const began = performance.now();
    await mutate(admin, remove, { memberId });

    await assert.rejects(
      async () => {
        for await (const event of events) assert.equal(event.errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
      },
      { code: 4403 },
    );
    assert.ok(performance.now() - began < 10_000);
    assert.equal((await client.raw('Viewer')).status, 401);
    await client.close();
  });

  it('leaves no token in the log', () => {
    assert.ok(tokens.length > 0);
    assert.doesNotMatch(gateway.log.join('\n'), /eyJ/);
  });
});

/** A school's plan over real ports: Auriga → Homeroom → Edusign, through the public API, by the clock on the wall. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type AurigaSimulator,
  demoClient,
  demoUser,
  startAurigaSimulator,
} from '../src/simulators/auriga/simulator.ts';
import { makeAurigaWorld } from '../src/simulators/auriga/world.ts';
import { createEdusignSimulator, type EdusignSimulator } from '../src/simulators/edusign/simulator.ts';
import { createClock } from '../src/simulators/kit/clock.ts';
import { type Answer, type ApiClient, apiClient, calm, connect, ended, mutate, trigger } from './harness/client.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';
import { type GatewayProcess, makeAccess, startGateway } from './harness/gateway.ts';

const secret = 'the client secret of the app';
const dayMs = 86_400_000;
const dayIn = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);

describe('a school that plans in Auriga and signs in Edusign', () => {
  // Sessions of the fortnight ahead, but none that begins while the test runs; and three of which nothing can come yet.
  const world = makeAurigaWorld({ from: dayIn(2), days: 11, learners: 40, groupSize: 10, sessionsADay: 2 });
  const [first] = world.sessions.values();
  assert.ok(first);
  const planned = world.sessions.size;
  const odd = { leaderless: '700001', backwards: '700002', faraway: '700003' };
  world.sessions.set(odd.leaderless, { ...first, id: odd.leaderless, instructors: [] });
  world.sessions.set(odd.backwards, { ...first, id: odd.backwards, end: first.start });
  const [start, end] = [first.start, first.end].map((at) => dayIn(30) + at.slice(10));
  world.sessions.set(odd.faraway, { ...first, id: odd.faraway, start: start ?? '', end: end ?? '' });

  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-plan-story-'));
  let source: AurigaSimulator;
  let there: EdusignSimulator;
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let client: ApiClient;
  let schoolId: string;
  let auriga: string;
  let edusign: string;

  const conflicts = async () => (await client.send('Conflicts', { schoolId })).school.conflicts.nodes;
  const meetingId = async (sourcedId: string) => {
    let after: string | null = null;
    do {
      const { meetings }: Answer = (await client.send('Meetings', { schoolId, after })).school;
      const found = meetings.nodes.find((each: Answer) => each.sourcedId === sourcedId);
      if (found) return found.id;
      after = meetings.pageInfo.hasNextPage ? meetings.pageInfo.endCursor : null;
    } while (after !== null);
    return assert.fail(sourcedId);
  };
  const why = async (integrationId: string, about: { recordId: string } | { externalId: string }) => {
    const { integration } = await client.send(
      `query ($id: ID!, $recordId: ID, $externalId: String) { integration(id: $id) {
        explain(recordId: $recordId, externalId: $externalId) { state summary blockers { code remedy } } } }`,
      { id: integrationId, ...about },
    );
    return integration.explain;
  };

  before(async () => {
    source = await startAurigaSimulator({ world, clock: createClock() });
    there = await createEdusignSimulator({ apiKeys: ['key'], pace: 'off' }, createClock());
    database = await freshDatabase();
    const hosts = [source.origin, source.keycloak.origin, there.origin].map((origin) => new URL(origin).host);
    const options = { dataDir, databaseUrl: database.url, allowedHosts: hosts };
    gateway = await startGateway(options);
    const { key } = await makeAccess(options, 'Tenant', ['École']);
    client = apiClient(gateway.url, key);
    schoolId = (await client.send('Schools')).schools.nodes[0].id;
    auriga = await connect(client, schoolId, 'auriga', {
      settings: {
        url: source.origin,
        keycloakUrl: source.keycloak.origin,
        realm: 'your-company',
        interventionsDetailFavoriteQueryId: source.favorites.interventions,
        GroupesDetailFavoriteQueryId: source.favorites.groups,
      },
      credentials: { clientId: demoClient.id, clientSecret: demoClient.secret, ...demoUser },
    });
    edusign = await connect(client, schoolId, 'edusign', {
      settings: { apiRootUrl: there.origin, groupSync: true },
      credentials: { edusignToken: 'key', webhookSecret: secret },
    });
  });
  after(async () => {
    await client?.close();
    await gateway?.end();
    await database?.drop();
    await there?.close();
    await source?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('tests both connections', async () => {
    for (const integrationId of [auriga, edusign]) {
      const { ok, checks } = await mutate(client, 'TestConnection', { integrationId });
      assert.ok(ok, JSON.stringify(checks));
    }
  });

  it('has its plan in Homeroom, and in Edusign nothing before a person has read and approved what would be written', async () => {
    const run = await trigger(client, auriga);
    assert.deepEqual([run.status, run.counts.skipped], ['SUCCEEDED', 1], JSON.stringify(run));
    const held = await calm(client, edusign);
    assert.deepEqual([held.status, held.trigger], ['HELD', 'DATA_CHANGE']);
    assert.equal(there.hand.sheets().length + there.hand.people('student').length, 0);

    const { node } = await client.send('ReviewSyncRun', { id: held.id });
    assert.ok(node.logs.nodes.some(({ action }: Answer) => action === 'edusign.sheet.add'));
    await mutate(client, 'ApproveSyncRun', { syncRunId: held.id, planHash: node.plan.hash });
    await calm(client, edusign);
    assert.equal(there.hand.sheets().length, planned);
    assert.deepEqual([there.hand.people('student').length, there.hand.groups().length], [40, 4]);
    const sheet = there.hand.sheets().find(({ API_ID }) => API_ID === first.id);
    assert.deepEqual(
      [sheet?.NAME, sheet?.CLASSROOM, sheet?.STUDENTS.length],
      ['Cours § Éthique numérique - ETHIX', 'Salle 201', 10],
    );
  });

  it('says of each session that is not there which rule stopped it, also of one that never became a meeting', async () => {
    const leaderless = await why(edusign, { recordId: await meetingId(odd.leaderless) });
    assert.deepEqual([leaderless.state, leaderless.blockers[0].code], ['BLOCKED', 'SHEET_NO_INSTRUCTOR']);
    const faraway = await why(edusign, { recordId: await meetingId(odd.faraway) });
    assert.equal(faraway.state, 'NOT_SELECTED');
    assert.match(faraway.summary, /14|ahead|window/);
    const backwards = await why(auriga, { externalId: odd.backwards });
    assert.match(JSON.stringify(backwards), /ROW_BAD_TIME/);
    for (const { blockers } of [leaderless, faraway, backwards]) assert.ok(blockers[0].remedy.length > 0);
  });

  it('makes no call but those for the lists when nothing has changed', async () => {
    await trigger(client, auriga);
    await calm(client, edusign);
    there.journal.clear();
    const run = await trigger(client, edusign);
    assert.deepEqual([run.status, run.counts.created, run.counts.updated], ['SUCCEEDED', 0, 0]);
    const routes = new Set(there.journal.entries().map(({ route }) => route));
    assert.deepEqual(
      [...routes].filter((route) => !route?.endsWith('.list')),
      [],
    );
  });

  it('asks about a sheet that was renamed in Edusign as soon as Edusign rings, and the answer is done', async () => {
    const { integration } = await client.send('query ($id: ID!) { integration(id: $id) { webhookUrl } }', {
      id: edusign,
    });
    there.webhooks.set({ url: integration.webhookUrl, secret });
    const { ID } = there.hand.sheets()[0] ?? assert.fail();
    there.hand.changeSheet(ID, { NAME: 'À la main' });
    assert.deepEqual(
      (await there.webhooks.sent()).map(({ status }) => status),
      [202],
    );
    while ((await calm(client, edusign)).trigger !== 'WEBHOOK');
    const [conflict, ...others] = await conflicts();
    assert.deepEqual([conflict?.kind, conflict?.fields[0].externalValue, others], ['FIELD_CHANGED', 'À la main', []]);
    const { syncRun } = await mutate(client, 'ResolveConflict', {
      conflictId: conflict.id,
      version: conflict.version,
      resolution: 'PUSH_LOCAL',
    });
    await ended(client, syncRun.id);
    assert.match(there.hand.sheets().find((sheet) => sheet.ID === ID)?.NAME ?? '', /§/);
  });

  it('waits for a person when the favourite suddenly lists a tenth, and takes nobody out of Edusign', async () => {
    const before = new Map(world.sessions);
    for (const id of [...world.sessions.keys()].slice(Math.ceil(world.sessions.size / 10))) world.sessions.delete(id);
    const run = await trigger(client, auriga);
    assert.equal(run.status, 'HELD', JSON.stringify(run));
    await calm(client, edusign);
    assert.equal(there.hand.sheets().length, planned);
    await mutate(client, 'CancelSyncRun', { syncRunId: run.id });
    for (const [id, session] of before) world.sessions.set(id, session);
    await trigger(client, auriga);
    assert.equal((await calm(client, edusign)).counts.deleted, 0);
    assert.equal(there.hand.sheets().length, planned);
  });
});

/** Edusign rings: what somebody does there is in Homeroom moments later, through the real door, and what never rang by the next sync. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { edusign } from '../src/connectors/edusign/index.ts';
import { asTenant } from '../src/db/client.ts';
import { createFeed, type Feed } from '../src/live/feed.ts';
import { createOperationContext } from '../src/schema/context.ts';
import { schema } from '../src/schema/index.ts';
import { createApiKey } from '../src/server/api-keys.ts';
import { type Server, startServer } from '../src/server/server.ts';
import { createEdusignSimulator, type EdusignSimulator } from '../src/simulators/edusign/simulator.ts';
import { createScheduler } from '../src/sync/schedules.ts';
import { createWebhooks } from '../src/sync/webhooks.ts';
import { apiClient } from './harness/client.ts';
import { type TestEngine, testEngine } from './harness/engine.ts';

const secret = 'the client secret of the app';

describe('what happens in Edusign', () => {
  let now = new Date(`${new Date().toISOString().slice(0, 10)}T05:00:00Z`);
  const clock = { now: () => now, advance: () => undefined };
  let simulator: EdusignSimulator;
  let world: TestEngine;
  let feed: Feed;
  let server: Server;
  let integrationId: string;
  let address: string;

  /** `webhookUrl` and when it last rang, as a key with these scopes sees them. */
  const asked = async (scopes: readonly ('roster:read' | 'integration:admin')[]) => {
    const as = { tenantId: world.school.tenant.id, schoolIds: null, actor: 'test' };
    const { key } = await asTenant(world.database.app, as, (tx) =>
      createApiKey(tx, { tenantId: as.tenantId, name: 'Wall', scopes, schoolIds: null }, { now: () => new Date() }),
    );
    const client = apiClient(server.url, key);
    const { body } = await client.raw('{ schools { nodes { integrations { webhookUrl webhookReceivedAt } } } }');
    await client.close();
    return { integration: body.data.schools.nodes[0].integrations[0], errors: body.errors };
  };
  const meet = (title: string, days: number) => {
    const startsAt = new Date(now.getTime() + days * 86_400_000);
    return world.school.meeting({
      title,
      sourcedId: title,
      startsAt,
      endsAt: new Date(startsAt.getTime() + 7_200_000),
      learnersIds: learners,
      instructorsIds: instructors,
    });
  };
  const sheet = (title: string) => simulator.hand.sheets().find(({ API_ID }) => API_ID === title) ?? assert.fail(title);
  const ring = (on: boolean) => simulator.webhooks.set(on ? { url: address, secret } : undefined);
  /** What Edusign heard for what it told, since it was last asked. */
  let heard = 0;
  const answers = async () => {
    const all = (await simulator.webhooks.sent()).map(({ event, status }) => `${event} ${status}`);
    const fresh = all.slice(heard);
    heard = all.length;
    return fresh;
  };
  /** Carries out what the webhooks asked for; answers it with the calls it made. */
  const follow = async () => {
    simulator.journal.clear();
    const run = await world.runWaiting(integrationId);
    return run && { ...run, routes: simulator.journal.entries().map(({ route }) => route) };
  };
  const open = async () => (await world.conflicts()).filter(({ status }) => status === 'OPEN').map(({ kind }) => kind);
  let learners: string[] = [];
  let instructors: string[] = [];

  before(async () => {
    simulator = await createEdusignSimulator({ apiKeys: ['key'], pace: 'off' }, clock);
    world = await testEngine([edusign], { previewFirst: false }, { clock });
    const { app, system } = world.database;
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    feed = await createFeed({ system, listen: world.database.connect('system', { name: 'listen' }), log });
    const deps = {
      app,
      clock,
      feed,
      connectors: [edusign],
      sync: world.api,
      baseUrl: () => server.url,
      reports: { link: () => ({ url: '', expiresAt: now }) },
      exports: { link: () => ({ url: '', expiresAt: now }) },
      apiKeys: { create: () => Promise.reject(new Error('This test makes no keys by the API.')) },
      issuersOf: () => [],
    };
    server = await startServer({
      host: '127.0.0.1',
      port: 0,
      schema,
      createContext: (identity, operation) => createOperationContext(deps, identity, operation),
      system,
      app,
      clock: { now: () => new Date() },
      log,
      webhooks: createWebhooks({ ...world.engine, db: app }, system),
    });
    const person = (givenName: string, role: string) =>
      world.school.person({ givenName, familyName: 'Dupont', role, email: `${givenName.toLowerCase()}@example.org` });
    instructors = [await person('Zoe', 'teacher')];
    learners = [await person('Anne', 'student'), await person('Bo', 'student')];
    for (const [place, title] of ['ethics', 'law', 'history'].entries()) await meet(title, place + 2);
    const credentials = { edusignToken: 'key', webhookSecret: secret };
    integrationId = await world.connect('edusign', { apiRootUrl: simulator.origin }, credentials);
    await world.sync(integrationId);
  });
  after(async () => {
    assert.deepEqual([simulator.problems, simulator.hand.harmed()], [[], []]);
    await server.close();
    await feed.close();
    await simulator.close();
    await world.database.drop();
  });

  it('rings at an address that the administrator of the integration may read, and others may not', async () => {
    const { integration } = await asked(['roster:read', 'integration:admin']);
    address = integration.webhookUrl;
    assert.match(address, new RegExp(`^${server.url}/webhooks/edusign/[\\w-]{32}$`));
    assert.ok(!address.includes(integrationId));
    const other = await asked(['roster:read']);
    assert.equal(other.integration.webhookUrl, null);
    assert.equal(other.errors[0].extensions.code, 'FORBIDDEN');
  });

  it('is heard when somebody signs: the run looks at this one sheet, and writes nothing', async () => {
    ring(true);
    const { ID, STUDENTS } = sheet('history');
    simulator.hand.sign(ID, STUDENTS[0]?.studentId);
    assert.deepEqual(await answers(), ['on_student_sign 202']);
    const run = await follow();
    assert.deepEqual([run?.trigger, run?.status, run?.routes], ['WEBHOOK', 'SUCCEEDED', ['sheets.get']]);
    const { integration } = await asked(['roster:read', 'integration:admin']);
    assert.equal(integration.webhookReceivedAt, now.toISOString());
  });

  it('becomes a question when a sheet is changed by hand, and another when one is deleted', async () => {
    simulator.hand.changeSheet(sheet('ethics').ID, { CLASSROOM: 'Salle 7' });
    assert.deepEqual(await answers(), ['on_course_edited 202']);
    assert.deepEqual([(await follow())?.routes, await open()], [['sheets.get'], ['FIELD_CHANGED']]);
    simulator.hand.deleteSheet(sheet('law').ID);
    assert.deepEqual(await answers(), ['on_course_deleted 202']);
    await follow();
    assert.deepEqual(await open(), ['FIELD_CHANGED', 'DELETED_EXTERNALLY']);
  });

  it('is one run, however much happens at once', async () => {
    for (let room = 1; room <= 20; room += 1)
      simulator.hand.changeSheet(sheet('history').ID, { NAME: `History ${room}` });
    simulator.hand.changeSheet(sheet('history').ID, { NAME: 'history' });
    const { ID, STUDENTS } = sheet('history');
    simulator.hand.sign(ID, STUDENTS[1]?.studentId);
    assert.deepEqual(new Set((await answers()).map((told) => told.slice(-3))), new Set(['202']));
    const runs = () => world.write((tx) => tx`select 1 from sync_run where integration_id = ${integrationId}`);
    const before = (await runs()).length;
    assert.deepEqual((await follow())?.routes, ['sheets.get']);
    assert.equal((await runs()).length, before);
  });

  it('is not heard when it comes again, is forged, or was never signed', async () => {
    const body = JSON.stringify({ type: 'on_course_locked', course: { ID: sheet('history').ID } });
    const post = async (headers: Record<string, string>) => {
      const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
      return (await fetch(address, init)).status;
    };
    assert.equal(await post({}), 401);
    assert.equal(await post({ 'x-edusign-hmac': '0'.repeat(64) }), 401);
    assert.equal(await follow(), null);
    simulator.hand.lock(sheet('history').ID);
    await answers();
    assert.equal((await follow())?.trigger, 'WEBHOOK');
    simulator.hand.lock(sheet('history').ID, false);
    simulator.hand.lock(sheet('history').ID);
    assert.deepEqual(await answers(), ['on_course_locked 202']);
    assert.equal(await follow(), null, 'without an id, the same words on the same day are a repeat');
  });

  it('that never rang is found by the next sync of the schedule', async () => {
    ring(false);
    simulator.hand.changeSheet(sheet('history').ID, { DESCRIPTION: 'Bring your books.' });
    assert.equal(await follow(), null);

    const act = { tenantId: world.school.tenant.id, by: 'a person', now };
    const schedule = { kind: 'cron' as const, cron: '0 18 * * *', timeZone: 'UTC' };
    await world.write((tx) => world.api.updateIntegration(tx, { ...act, integrationId, schedule }));
    now = new Date(now.getTime() + 13 * 3_600_000);
    await createScheduler(world.engine, world.database.system).tick();
    const run = await follow();
    assert.deepEqual([run?.trigger, (await open()).length], ['SCHEDULE', 3]);
  });

  it('goes nowhere once the integration is disconnected', async () => {
    ring(true);
    const act = { tenantId: world.school.tenant.id, by: 'a person', now, integrationId };
    await world.write((tx) => world.api.disconnectIntegration(tx, act));
    simulator.hand.changeSheet(sheet('history').ID, { CLASSROOM: 'Salle 8' });
    assert.deepEqual(await answers(), ['on_course_edited 404']);
  });
});

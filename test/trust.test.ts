/**
 * What makes a sync trustworthy, asked as a front-end team asks it: the documents of examples/operations over the real port, with
 * a worker of its own accord behind it. A first plan is read and approved, one membership is explained, one person is
 * synced at once, what failed is tried again, a rule is set, a run is undone, and a person's timeline tells it all.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { generateDistrict } from '../src/simulators/district/generate.ts';
import { type Answer, type ApiClient, apiClient, calm, connect, ended, mutate, trigger } from './harness/client.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';
import { type GatewayProcess, makeAccess, startGateway } from './harness/gateway.ts';
import { startWorld, type World } from './harness/world.ts';

describe('a school that wants to know', () => {
  const district = generateDistrict({ seed: 'trust', size: 'small', schools: 1, asOf: new Date() });
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-trust-'));
  let world: World;
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let client: ApiClient;
  let schoolId: string;
  let sis: string;
  let google: string;
  /** Enrollments of students who have an account, with their person and class. */
  let enrollments: Answer[];
  let undone: { runId: string; email: string };

  const review = async (id: string) => (await client.send('ReviewSyncRun', { id })).node;
  const explain = async (variables: object) =>
    (await client.send('Explain', { integrationId: google, ...variables })).integration.explain;
  const health = async () => (await client.send('IntegrationHealth', { id: google })).integration;
  const person = async (id: string) =>
    (await client.send('query($id: ID!) { node(id: $id) { ... on Person { givenName familyName } } }', { id })).node;
  const put = async (collection: string, sourcedId: string, change: object) => {
    const records = (await world.sis.act('records', { collection })) as { sourcedId: string }[];
    const record = records.find((each) => each.sourcedId === sourcedId);
    await world.sis.act('put', { collection, record: { ...record, ...change } });
  };

  before(async () => {
    world = await startWorld(district);
    database = await freshDatabase();
    const options = { dataDir, databaseUrl: database.url, allowedHosts: world.hosts };
    gateway = await startGateway(options);
    const access = await makeAccess(options, 'Tenant', ['School']);
    client = apiClient(gateway.url, access.key);
    schoolId = (await client.send('Schools')).schools.nodes[0].id;
    sis = await connect(client, schoolId, 'oneroster', world.oneRoster());
    google = await connect(client, schoolId, 'google-workspace', world.classroom());
    assert.equal((await trigger(client, sis)).status, 'SUCCEEDED', gateway.log.join('\n'));
    const { school } = await client.send('Roster', { schoolId });
    enrollments = school.enrollments.nodes.filter((each: Answer) => each.role === 'student' && each.person.email);
  });

  after(async () => {
    await client?.close();
    await gateway?.end();
    await database?.drop();
    await world?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('reads the first plan before anything is written, and gets exactly that', async () => {
    const { id } = await calm(client, google);
    const held = await review(id);
    assert.deepEqual([held.status, (await world.google.journal.writes()).length], ['HELD', 0]);
    assert.match(held.heldReason, /\w/);
    assert.ok(held.plan.hash && held.plan.expiresAt);
    assert.equal(held.logs.nodes.length, 50);
    assert.ok(held.logs.nodes.every((entry: Answer) => entry.reason && entry.action && entry.entity));
    const planned = held.counts.created;
    const [{ person: pupil, class: course }] = enrollments;
    const before = await explain({ recordId: pupil.id, classId: course.id });
    assert.notEqual(before.state, 'IN_STEP');
    assert.match(before.summary, /\w/);

    const { syncRun } = await mutate(client, 'ApproveSyncRun', { syncRunId: id, planHash: held.plan.hash });
    const run = await ended(client, syncRun.id);
    assert.deepEqual([run.status, run.counts.created, run.counts.failed], ['SUCCEEDED', planned, 0]);
  });

  it('hears why a membership is there, with the values of both sides', async () => {
    const [{ person: pupil, class: course }] = enrollments;
    const member = await explain({ recordId: pupil.id, classId: course.id });
    assert.deepEqual([member.state, member.blockers], ['IN_STEP', []], JSON.stringify(member));
    assert.match(member.summary, /\w/);
    assert.ok(member.link.externalId && member.link.lastSyncedAt);
    const account = await explain({ recordId: pupil.id });
    const names = account.fields.filter((each: Answer) => each.name === 'familyName');
    assert.deepEqual(
      names.map(({ baseValue, localValue, externalValue }: Answer) => [baseValue, localValue, externalValue]),
      [[pupil.familyName, pupil.familyName, pupil.familyName]],
    );
  });

  it('syncs one student now, everywhere, with a single write', async () => {
    const [{ person: pupil }] = enrollments;
    await put('users', pupil.sourcedId, { familyName: 'Ishiguro-Now' });
    await world.google.journal.clear();
    const { syncRuns } = await mutate(client, 'SyncPerson', { personId: pupil.id });
    assert.deepEqual(syncRuns.map((run: Answer) => run.integration.id).toSorted(), [sis, google].toSorted());
    for (const { id } of syncRuns) assert.equal((await ended(client, id)).status, 'SUCCEEDED');
    await calm(client, google);
    assert.equal((await person(pupil.id)).familyName, 'Ishiguro-Now');
    assert.deepEqual(
      (await world.google.journal.writes()).map(({ route }) => route),
      ['directory.users.update'],
    );
  });

  it('finds what failed among the problems, with a remedy, and tries just that again', async () => {
    const left = enrollments.find((each) => each.person.id !== enrollments[0].person.id);
    await world.sis.act('remove', { collection: 'enrollments', sourcedId: left.sourcedId });
    const refusal = {
      kind: 'status',
      status: 403,
      route: 'classroom.courses.students.delete',
      times: 'always',
    } as const;
    const fault = await world.google.faults.add(refusal);
    assert.equal((await trigger(client, sis)).status, 'SUCCEEDED');
    const { id } = await calm(client, google);
    const run = await review(id);
    assert.deepEqual([run.status, run.counts.failed], ['PARTIAL', 1], JSON.stringify(run));
    const { problems } = await health();
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.ok(problems[0].remedy && problems[0].turn && problems[0].affectedCount === 1);
    const report = await fetch(new URL(run.report.url, gateway.url));
    assert.match(await report.text(), /remove|delete/i);

    await fault.remove();
    await world.google.journal.clear();
    const { syncRun } = await mutate(client, 'RetryFailed', { syncRunId: id });
    const again = await ended(client, syncRun.id);
    assert.deepEqual([again.status, again.counts.deleted], ['SUCCEEDED', 1], JSON.stringify(again));
    assert.equal((await world.google.journal.writes()).length, 1);
    assert.deepEqual((await health()).problems, []);
  });

  it('decides once and for all whose name counts, and is not asked', async () => {
    const { person: pupil } = enrollments.find((each) => each.person.familyName !== enrollments[0].person.familyName);
    const { integration } = await mutate(client, 'SetFieldRule', {
      integrationId: google,
      entityType: 'PERSON',
      field: 'familyName',
      rule: 'ALWAYS_PUSH_LOCAL',
    });
    assert.deepEqual(integration.fieldRules, [
      { entityType: 'PERSON', field: 'familyName', rule: 'ALWAYS_PUSH_LOCAL' },
    ]);
    const { familyName: ours } = await person(pupil.id);
    await world.google.act('renameUser', { domain: world.domain, email: pupil.email, familyName: 'By-hand' });
    await world.google.journal.clear();
    const run = await trigger(client, google);
    assert.deepEqual([run.counts.conflicts, run.counts.updated], [0, 1], JSON.stringify(run));
    assert.deepEqual((await client.send('Conflicts', { schoolId })).school.conflicts.nodes, []);
    const [field] = (await explain({ recordId: pupil.id })).fields.filter((each: Answer) => each.name === 'familyName');
    assert.equal(field.externalValue, ours);
    undone = { runId: run.id, email: pupil.email };
  });

  it('takes a run back after reading what that means', async () => {
    const { syncRun } = await mutate(client, 'UndoSyncRun', { syncRunId: undone.runId });
    const held = await ended(client, syncRun.id);
    assert.equal(held.status, 'HELD', JSON.stringify(held));
    const plan = await review(syncRun.id);
    assert.deepEqual(
      plan.logs.nodes.flatMap((entry: Answer) => entry.changes.map((change: Answer) => [change.name, change.after])),
      [['familyName', 'By-hand']],
    );
    await mutate(client, 'ApproveSyncRun', { syncRunId: syncRun.id, planHash: plan.plan.hash });
    assert.equal((await ended(client, syncRun.id)).status, 'SUCCEEDED');
    const [last] = (await world.google.journal.writes()).slice(-1);
    assert.equal(last?.route, 'directory.users.update');
  });

  it('reads one person’s whole story, newest first', async () => {
    const [{ person: pupil }] = enrollments;
    const { timeline } = (await client.send('PersonTimeline', { id: pupil.id })).node;
    const slugs = new Set(timeline.nodes.map((entry: Answer) => entry.integration?.provider.slug));
    assert.ok(slugs.has('oneroster') && slugs.has('google-workspace'), JSON.stringify([...slugs]));
    const renamed = timeline.nodes.filter((entry: Answer) =>
      entry.changes.some((change: Answer) => change.name === 'familyName' && change.after === 'Ishiguro-Now'),
    );
    assert.equal(renamed.length, 2, JSON.stringify(timeline.nodes));
    const times = timeline.nodes.map((entry: Answer) => entry.timestamp);
    assert.deepEqual(times, times.toSorted().toReversed());
    assert.ok(timeline.nodes.every((entry: Answer) => entry.reason));
  });
});

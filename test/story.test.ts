/** The main job over real ports: SIS → Homeroom → Classroom, then what changes, then what a person decides. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { asTenant } from '../src/db/client.ts';
import { generateDistrict } from '../src/simulators/district/generate.ts';
import type { District } from '../src/simulators/district/records.ts';
import { type Answer, type ApiClient, apiClient, calm, connect, ended, mutate, trigger } from './harness/client.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';
import { type Access, type GatewayProcess, makeAccess, startGateway } from './harness/gateway.ts';
import { districtFromCsv } from './harness/oneroster-csv.ts';
import { within } from './harness/within.ts';
import { startWorld, type World } from './harness/world.ts';

const files = fileURLToPath(new URL('../../shared/data/oneroster/generated-school-small', import.meta.url));

interface Expected {
  people: number;
  classes: number;
  enrollments: number;
  teachers: number;
  students: number;
}

describe('a school of the sample files', {
  skip: existsSync(files) ? false : 'the sample files are not on this machine',
}, () => {
  const district = () =>
    districtFromCsv(
      Object.fromEntries(readdirSync(files).map((name) => [name, readFileSync(join(files, name), 'utf8')])),
    );
  story(district, { people: 79, classes: 42, enrollments: 546, teachers: 42, students: 504 });
});

describe('a school from our own generator', () => {
  const made = generateDistrict({ seed: 'story', size: 'small', schools: 1, asOf: new Date() });
  const active = made.enrollments.filter((each) => each.status === 'active');
  story(() => made, {
    people: made.users.length,
    classes: made.classes.length,
    enrollments: active.length,
    teachers: active.filter((each) => each.role === 'teacher').length,
    students: active.filter((each) => each.role === 'student').length,
  });
});

function story(districtOf: () => District, expected: Expected): void {
  let world: World;
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let client: ApiClient;
  let access: Access;
  let schoolId: string;
  let sis: string;
  let google: string;
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-story-'));

  const domainState = async () =>
    ((await world.google.state({ domain: world.domain })) as { counts: Record<string, number> }[])[0];
  const openConflicts = async () => (await client.send('Conflicts', { schoolId })).school.conflicts.nodes;

  before(async () => {
    world = await startWorld(districtOf());
    database = await freshDatabase();
    const options = { dataDir, databaseUrl: database.url, allowedHosts: world.hosts };
    gateway = await startGateway(options);
    access = await makeAccess(options, 'Tenant', ['School']);
    client = apiClient(gateway.url, access.key);
    const { schools } = await client.send('Schools');
    schoolId = schools.nodes[0].id;
    await mutate(client, 'UpdateSchool', { schoolId, settings: { previewFirst: false } });
    sis = await connect(client, schoolId, 'oneroster', world.oneRoster());
    google = await connect(client, schoolId, 'google-workspace', world.classroom());
  });

  after(async () => {
    await client?.close();
    await gateway?.end();
    await database?.drop();
    await world?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('tests both connections', async () => {
    for (const integrationId of [sis, google]) {
      const { ok, checks } = await mutate(client, 'TestConnection', { integrationId });
      assert.ok(ok, JSON.stringify(checks));
    }
  });

  it('brings the whole school into Homeroom, its log live', async () => {
    const { syncRun } = await mutate(client, 'TriggerSync', { integrationId: sis });
    const seen = new Set<string>();
    const events = client.follow('SyncLogAdded', { syncRunId: syncRun.id, last: 0 });
    const following = (async () => {
      for await (const event of events) {
        const live = event.data.syncLogAdded;
        assert.notEqual(live.__typename, 'ResumeGap');
        for (const entry of live.logs ?? []) {
          assert.ok(!seen.has(entry.id), 'no entry comes twice');
          seen.add(entry.id);
        }
        // Each event may be the last one of a run that has ended: then everything it logged must have come.
        const { node } = await client.send(
          'query($id: ID!) { node(id: $id) { ... on SyncRun { status logs { totalCount } } } }',
          { id: syncRun.id },
        );
        if (seen.size === node.logs.totalCount && node.logs.totalCount > 0 && node.status !== 'QUEUED') return;
      }
    })();
    const run = await ended(client, syncRun.id);
    assert.equal(run.status, 'SUCCEEDED', gateway.log.join('\n'));
    await within(10_000, following, () => `${seen.size} log entries came live`);
    await events.return?.();
    const identity = { tenantId: access.tenantId, schoolIds: null, actor: 'test' };
    const [held] = await asTenant(
      database.app,
      identity,
      (tx) => tx`
        select (select count(*)::int from person where status = 'ACTIVE') as people,
               (select count(*)::int from class where status = 'ACTIVE') as classes,
               (select count(*)::int from enrollment where status = 'ACTIVE') as enrollments`,
    );
    const { people, classes, enrollments } = expected;
    assert.deepEqual({ ...held }, { people, classes, enrollments });
    const { school } = await client.send('query($id: ID!) { school(id: $id) { enrollments { totalCount } } }', {
      id: schoolId,
    });
    assert.equal(school.enrollments.totalCount, enrollments);
  });

  it('follows in Classroom by itself, and invites nobody', async () => {
    const run = await calm(client, google);
    assert.deepEqual([run.status, run.trigger], ['SUCCEEDED', 'DATA_CHANGE'], JSON.stringify(run));
    const counts = (await domainState())?.counts ?? {};
    const { classes, teachers, students } = expected;
    assert.deepEqual(
      {
        courses: counts.courses,
        teachers: counts.teachers,
        students: counts.students,
        invitations: counts.invitations,
      },
      { courses: classes, teachers, students, invitations: 0 },
    );
  });

  it('writes nothing the second time', async () => {
    await world.google.journal.clear();
    assert.equal((await trigger(client, sis)).status, 'SUCCEEDED');
    const run = await trigger(client, google);
    assert.deepEqual([run.status, run.counts.created, run.counts.updated], ['SUCCEEDED', 0, 0]);
    assert.deepEqual(
      (await world.google.journal.writes()).map((entry) => entry.route),
      [],
    );
  });

  it('sends exactly one write for one changed enrollment', async () => {
    const enrollments = (await world.sis.act('records', { collection: 'enrollments' })) as {
      sourcedId: string;
      role: string;
      status: string;
    }[];
    const one = enrollments.find((each) => each.role === 'student' && each.status === 'active');
    await world.sis.act('remove', { collection: 'enrollments', sourcedId: one?.sourcedId });
    await world.google.journal.clear();
    const run = await trigger(client, sis);
    assert.equal(run.counts.deleted, 1, JSON.stringify(run));
    await calm(client, google);
    assert.deepEqual(
      (await world.google.journal.writes()).map((entry) => entry.route),
      ['classroom.courses.students.delete'],
    );
  });

  it('asks exactly one question when a teacher is renamed in Google, and each answer does what its name says', async () => {
    const { school } = await client.send('Roster', { schoolId });
    const taught = school.enrollments.nodes.filter((each: Answer) => each.role === 'teacher' && each.person.email);
    const teachers = [...new Map(taught.map((each: Answer) => [each.person.id, each.person])).values()] as Answer[];
    const answers = ['ACCEPT_EXTERNAL', 'PUSH_LOCAL', 'IGNORE'] as const;
    for (const [index, resolution] of answers.entries()) {
      const teacher = teachers[index];
      await world.google.journal.clear();
      await world.google.act('renameUser', {
        domain: world.domain,
        email: teacher.email,
        familyName: `Renamed-${index}`,
      });
      await trigger(client, google);
      const conflicts = await openConflicts();
      assert.equal(conflicts.length, 1);
      assert.deepEqual(
        [conflicts[0].kind, conflicts[0].fields],
        [
          'FIELD_CHANGED',
          [
            {
              name: 'familyName',
              baseValue: teacher.familyName,
              localValue: teacher.familyName,
              externalValue: `Renamed-${index}`,
            },
          ],
        ],
      );
      const { id: conflictId, version } = conflicts[0];
      const { syncRun } = await mutate(client, 'ResolveConflict', { conflictId, version, resolution });
      assert.equal(syncRun === null, resolution !== 'PUSH_LOCAL');
      if (syncRun) await ended(client, syncRun.id);
      await calm(client, google);

      const here = (
        await client.send('query($id: ID!) { node(id: $id) { ... on Person { familyName } } }', { id: teacher.id })
      ).node.familyName;
      assert.equal(here, resolution === 'ACCEPT_EXTERNAL' ? `Renamed-${index}` : teacher.familyName);
      const writes = await world.google.journal.writes();
      assert.deepEqual(
        writes.map((entry) => entry.route),
        resolution === 'PUSH_LOCAL' ? ['directory.users.update'] : [],
      );
      await trigger(client, google);
      assert.equal((await openConflicts()).length, 0);
    }
  });

  it('stops cleanly', async () => {
    await client.close();
    assert.equal(await gateway.end('SIGTERM'), 0);
  });
}

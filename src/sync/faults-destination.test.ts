import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../simulators/google-workspace/simulator.ts';

const domain = 'school.example';
const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'].map(
  (scope) => `https://www.googleapis.com/auth/${scope}`,
);

describe('a destination that misbehaves', () => {
  let google: GoogleSimulator;
  let world: TestEngine;
  let integrationId: string;
  let teacher: string;
  const students: string[] = [];

  before(async () => {
    const users = Array.from({ length: 8 }, (_, index) => ({
      primaryEmail: `p${index}@${domain}`,
      givenName: `P${index}`,
      familyName: 'Person',
    }));
    google = await createGoogleSimulator({
      domains: [{ name: domain, admins: [`admin@${domain}`], users }],
      quota: 'off',
    });
    world = await testEngine([googleWorkspace]);
    const key = await google.makeServiceAccount({ scopes });
    integrationId = await world.connect(
      'google-workspace',
      { domain, apiRootUrl: google.origin, tokenUrl: `${google.origin}/token` },
      { serviceAccountKey: JSON.stringify(key), adminEmail: `admin@${domain}` },
    );
    for (const { primaryEmail: email, givenName, familyName } of users) {
      const role = students.length === 0 && !teacher ? 'teacher' : 'student';
      const id = await world.school.person({ givenName, familyName, email, role });
      if (role === 'teacher') teacher = id;
      else students.push(id);
    }
  });

  after(async () => {
    await google.close();
    await world.database.drop();
  });

  afterEach(() => google.faults.clear());

  const integrationStatus = async () => {
    const [row] = await world.write(
      (tx) => tx<{ status: string; reason: string | null }[]>`
      select status, status_reason as reason from integration where id = ${integrationId}`,
    );
    return row;
  };
  const newClass = async (title: string, members: readonly string[]) => {
    const classId = await world.school.class({ title });
    await world.school.enrollment({ classId, personId: teacher, role: 'teacher', primary: true });
    for (const personId of members) await world.school.enrollment({ classId, personId });
  };
  const counts = () => {
    const { courses, teachers, students } = google.domain(domain).counts();
    return { courses, teachers, students };
  };

  it('is waited for when it asks for patience with a 403', async () => {
    await newClass('Art', students.slice(0, 2));
    google.faults.add({ kind: 'provider', name: 'rateLimitExceeded', route: 'classroom.courses.create', nth: 1 });
    const run = await world.sync(integrationId);

    assert.equal(run.status, 'SUCCEEDED', JSON.stringify(world.messages));
    assert.deepEqual(counts(), { courses: 1, teachers: 1, students: 2 });
  });

  it('is not asked twice for what it did without answering', async () => {
    await newClass('Biology', students.slice(0, 2));
    google.faults.add({ kind: 'lost', route: 'classroom.courses.create', nth: 1 });
    google.faults.add({ kind: 'lost', route: 'classroom.courses.students.create', nth: 1 });
    const run = await world.sync(integrationId);

    assert.equal(run.status, 'SUCCEEDED');
    assert.deepEqual(counts(), { courses: 2, teachers: 2, students: 4 });
  });

  it('counts a member that is there already as a success', async () => {
    const course = google.domain(domain).courses()[0]?.id ?? '';
    google.domain(domain).addStudent(course, `p7@${domain}`);
    const [row] = await world.write(
      (tx) => tx<{ recordId: string }[]>`
      select record_id as "recordId" from link where stream = 'courses' and key = ${course}`,
    );
    await world.school.enrollment({ classId: row?.recordId ?? '', personId: students[6] ?? '' });
    const run = await world.sync(integrationId);

    assert.equal(run.status, 'SUCCEEDED');
    assert.equal((await world.log(run.id))[0]?.action, 'google_classroom.roster.student.link');
  });

  it('leaves a run failed, the integration in error with a remedy, and the next sync heals both', async () => {
    await newClass('Chemistry', students.slice(0, 6));
    const fault = google.faults.add({
      kind: 'status',
      status: 503,
      route: 'classroom.courses.students.create',
      times: 'always',
    });
    const failed = await world.sync(integrationId);
    assert.equal(failed.status, 'FAILED');
    assert.equal(failed.error?.code, 'provider_not_answering');
    assert.equal((await integrationStatus())?.status, 'DEGRADED');
    const log = await world.log(failed.id);
    assert.ok(log.some((entry) => entry.status === 'FAILED' && entry.action.endsWith('student.add')));
    assert.ok(log.every((entry) => entry.status !== 'PENDING'));

    fault.remove();
    const healed = await world.sync(integrationId);
    assert.deepEqual([healed.status, (await integrationStatus())?.status], ['SUCCEEDED', 'CONNECTED']);
    assert.equal(google.domain(domain).counts().students, 2 + 2 + 1 + 6);
  });

  it('fails one record and goes on with the others', async () => {
    await newClass('Drama', students.slice(0, 3));
    google.faults.add({
      kind: 'provider',
      name: 'courseNotModifiable',
      route: 'classroom.courses.students.create',
      nth: 1,
    });
    const run = await world.sync(integrationId);

    assert.deepEqual([run.status, run.failed], ['PARTIAL', 1], JSON.stringify(await world.log(run.id)));
    assert.equal((await integrationStatus())?.status, 'DEGRADED');
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');
  });

  it('that no longer lets us in ends in error, and says whose turn it is', async () => {
    google.revokeAccess(`admin@${domain}`);
    google.faults.add({ kind: 'provider', name: 'invalidGrant', route: 'oauth.token', times: 'always' });
    const run = await world.sync(integrationId);
    const status = await integrationStatus();

    assert.equal(run.status, 'FAILED');
    assert.equal(status?.status, 'ERROR');
    assert.ok((status?.reason ?? '').length > 20);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../simulators/google-workspace/simulator.ts';

const domain = 'school.example';
const people = ['Ann Bos', 'Cas Dee', 'Dana Eik', 'Eli Fox'] as const;

describe('a destination that mirrors the school', () => {
  let google: GoogleSimulator;
  let world: TestEngine;
  let integrationId: string;
  const ids: Record<string, string> = {};

  before(async () => {
    google = await createGoogleSimulator({
      domains: [
        {
          name: domain,
          admins: [`admin@${domain}`],
          users: people.map((name) => {
            const [givenName = '', familyName = ''] = name.split(' ');
            return { primaryEmail: `${givenName.toLowerCase()}@${domain}`, givenName, familyName };
          }),
        },
      ],
    });
    world = await testEngine([googleWorkspace]);
    const scopes = [
      'https://www.googleapis.com/auth/classroom.courses',
      'https://www.googleapis.com/auth/classroom.rosters',
      'https://www.googleapis.com/auth/classroom.profile.emails',
      'https://www.googleapis.com/auth/admin.directory.user',
    ];
    const key = await google.makeServiceAccount({ scopes });
    integrationId = await world.connect(
      'google-workspace',
      { domain, apiRootUrl: google.origin, tokenUrl: `${google.origin}/token` },
      { serviceAccountKey: JSON.stringify(key), adminEmail: `admin@${domain}` },
    );
    for (const name of people) {
      const [givenName = '', familyName = ''] = name.split(' ');
      const role = givenName === 'Ann' ? 'teacher' : 'student';
      ids[givenName] = await world.school.person({
        givenName,
        familyName,
        role,
        email: `${givenName.toLowerCase()}@${domain}`,
      });
    }
    const classId = await world.school.class({ title: 'Biology 7b', classCode: 'BIO-7b' });
    ids.class = classId;
    await world.school.enrollment({ classId, personId: ids.Ann ?? '', role: 'teacher', primary: true });
    for (const who of ['Cas', 'Dana']) await world.school.enrollment({ classId, personId: ids[who] ?? '' });
  });

  after(async () => {
    await google.close();
    await world.database.drop();
  });

  it('makes a course with its teacher and students', async () => {
    const run = await world.sync(integrationId);
    const log = await world.log(run.id);

    assert.equal(run.status, 'SUCCEEDED', JSON.stringify({ run, log, messages: world.messages }, errors, 2));
    assert.deepEqual(google.domain(domain).counts(), {
      ...google.domain(domain).counts(),
      courses: 1,
      teachers: 1,
      students: 2,
    });
  });

  it('writes nothing when nothing changed (L1, L2)', async () => {
    google.journal.clear();
    const run = await world.sync(integrationId);

    assert.equal(run.status, 'SUCCEEDED');
    assert.deepEqual(
      google.journal.writes().map((entry) => entry.route),
      [],
    );
    assert.deepEqual([...(await world.log(run.id))], []);
  });

  it('asks a person when a teacher is renamed there', async () => {
    google.domain(domain).renameUser(`ann@${domain}`, { familyName: 'Boss' });
    const run = await world.sync(integrationId);
    const [conflict, ...others] = await world.conflicts();

    assert.equal(others.length, 0);
    assert.equal(run.conflicts, 1);
    assert.deepEqual(
      [conflict?.kind, conflict?.status, conflict?.fields],
      ['FIELD_CHANGED', 'OPEN', [{ name: 'familyName', baseValue: 'Bos', localValue: 'Bos', externalValue: 'Boss' }]],
    );
  });

  const settle = async (resolution: 'ACCEPT_EXTERNAL' | 'PUSH_LOCAL' | 'IGNORE') => {
    const conflict = (await world.conflicts()).find((each) => each.status === 'OPEN');
    assert.ok(conflict);
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date() };
    const { id: conflictId, version } = conflict;
    await world.write((tx) => world.api.resolveConflict(tx, { ...act, conflictId, version, resolution }));
    await world.runWaiting(integrationId);
    return conflictId;
  };
  const seen = async (id: string) => (await world.conflicts()).find((each) => each.id === id);

  it('does not ask twice about the same pair of values once a person said to leave both', async () => {
    const id = await settle('IGNORE');
    const run = await world.sync(integrationId);

    assert.equal((await seen(id))?.resolution, 'IGNORE');
    assert.equal(run.conflicts, 0);
    assert.equal(google.domain(domain).user(`ann@${domain}`).familyName, 'Boss');
  });

  it('writes our value there when a person chooses it, and asks no more', async () => {
    google.domain(domain).renameUser(`ann@${domain}`, { familyName: 'Bosch' });
    await world.sync(integrationId);
    const id = await settle('PUSH_LOCAL');

    assert.equal(google.domain(domain).user(`ann@${domain}`).familyName, 'Bos');
    assert.deepEqual([(await seen(id))?.status, (await seen(id))?.resolution], ['RESOLVED', 'PUSH_LOCAL']);
    assert.equal((await world.sync(integrationId)).conflicts, 0);
  });

  it('takes their value here when a person chooses it', async () => {
    google.domain(domain).renameCourse(google.domain(domain).courses()[0]?.id ?? '', 'Life sciences');
    await world.sync(integrationId);
    await settle('ACCEPT_EXTERNAL');
    const rows = await world.write((tx) => tx`select title from class`);

    assert.deepEqual([...rows], [{ title: 'Life sciences' }]);
    assert.equal((await world.sync(integrationId)).conflicts, 0);
  });

  it('asks when a student is taken out of a course there, and puts them back when a person says so', async () => {
    const course = google.domain(domain).courses()[0]?.id ?? '';
    google.domain(domain).removeStudent(course, `cas@${domain}`);
    await world.sync(integrationId);
    const [conflict] = (await world.conflicts()).filter((each) => each.status === 'OPEN');
    assert.deepEqual([conflict?.kind, conflict?.name], ['DELETED_EXTERNALLY', 'Cas Dee in Life sciences']);
    await settle('PUSH_LOCAL');

    assert.equal(google.domain(domain).counts().students, 2);
    const run = await world.sync(integrationId);
    assert.deepEqual([run.conflicts, run.created], [0, 0]);
  });

  it('archives the membership here when a person accepts that it is gone there', async () => {
    const course = google.domain(domain).courses()[0]?.id ?? '';
    google.domain(domain).removeStudent(course, `cas@${domain}`);
    await world.sync(integrationId);
    await settle('ACCEPT_EXTERNAL');
    const rows = await world.write((tx) => tx`select status from enrollment where person_id = ${ids.Cas ?? ''}`);

    assert.deepEqual([...rows], [{ status: 'ARCHIVED' }]);
    assert.equal((await world.sync(integrationId)).conflicts, 0);
  });

  it('sends exactly the new enrollment of a person’s edit', async () => {
    google.journal.clear();
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date() };
    await world.write((tx) =>
      world.api.enrollPerson(tx, { ...act, classId: ids.class ?? '', personId: ids.Eli ?? '', role: 'student' }),
    );
    const run = await world.runWaiting(integrationId);

    assert.equal(run?.trigger, 'DATA_CHANGE');
    assert.deepEqual(
      google.journal.writes().map((entry) => entry.route),
      ['classroom.courses.students.create'],
    );
  });

  it('asks one question, not one for each member, when a whole course is deleted there', async () => {
    const course = google.domain(domain).courses()[0]?.id ?? '';
    google.domain(domain).deleteCourse(course);
    await world.sync(integrationId);
    const open = (await world.conflicts()).filter((each) => each.status === 'OPEN');
    assert.deepEqual(
      open.map((each) => [each.kind, each.stream]),
      [['DELETED_EXTERNALLY', 'courses']],
    );
    await settle('PUSH_LOCAL');

    const { courses, teachers, students } = google.domain(domain).counts();
    assert.deepEqual({ courses, teachers, students }, { courses: 1, teachers: 1, students: 2 });
  });

  it('moves a member whose enrollment names another class, and then has nothing left to do (L2)', async () => {
    const other = await world.school.class({ title: 'Chemistry 7b' });
    await world.sync(integrationId);
    await world.write((tx) => tx`update enrollment set class_id = ${other} where person_id = ${ids.Eli ?? ''}`);
    google.journal.clear();
    await world.sync(integrationId);
    const routes = google.journal.writes().map((entry) => entry.route);
    assert.deepEqual([...routes], ['classroom.courses.students.create', 'classroom.courses.students.delete']);

    google.journal.clear();
    await world.sync(integrationId);
    assert.equal(google.journal.writes().length, 0);
  });

  it('owns a course itself only until it has a teacher', async () => {
    const classId = await world.school.class({ title: 'Drama' });
    await world.school.enrollment({ classId, personId: ids.Dana ?? '' });
    await world.sync(integrationId);
    const before = google.domain(domain).counts().teachers;
    await world.school.enrollment({ classId, personId: ids.Ann ?? '', role: 'teacher', primary: true });
    await world.sync(integrationId);
    assert.equal(google.domain(domain).counts().teachers, before, 'the teacher has come, the administrator has left');

    google.journal.clear();
    await world.sync(integrationId);
    assert.equal(google.journal.writes().length, 0);
  });

  it('holds a mass removal, applies it when a person approves the plan they saw, and refuses another plan', async () => {
    const classId = await world.school.class({ title: 'Choir' });
    const members = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const email = `voice${index}@${domain}`;
        google.domain(domain).addUser({ primaryEmail: email, givenName: 'Voice', familyName: String(index) });
        return world.school.person({ givenName: 'Voice', familyName: String(index), email });
      }),
    );
    for (const personId of members) await world.school.enrollment({ classId, personId });
    await world.sync(integrationId);
    const before = google.domain(domain).counts().students;
    await world.write((tx) => tx`update enrollment set status = 'ARCHIVED' where class_id = ${classId}`);
    const held = await world.sync(integrationId);
    assert.deepEqual([held.status, held.heldReason], ['HELD', '12 of 15 students would be removed.']);
    assert.equal(google.domain(domain).counts().students, before);

    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date(), runId: held.id };
    await assert.rejects(
      world.write((tx) => world.api.approveRun(tx, { ...act, planHash: 'another' })),
      { name: 'Stale' },
    );
    await world.write((tx) => world.api.approveRun(tx, { ...act, planHash: held.planHash ?? '' }));
    const applied = await world.runWaiting(integrationId);
    const told = JSON.stringify({ applied, messages: world.messages }, errors, 2);
    assert.deepEqual([applied?.id, applied?.status, applied?.deleted], [held.id, 'SUCCEEDED', 12], told);
    assert.equal(google.domain(domain).counts().students, before - 12);
  });
});

function errors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack } : value;
}

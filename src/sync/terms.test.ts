import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { newId } from '../model/ids.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../simulators/google-workspace/simulator.ts';

const domain = 'school.example';
const people = ['Ann Bos', 'Cas Dee', 'Dana Eik'] as const;

describe('a destination that mirrors only the classes of current terms', () => {
  let google: GoogleSimulator;
  let world: TestEngine;
  let integrationId: string;
  let now = new Date('2026-09-01T08:00:00Z');

  before(async () => {
    const users = people.map((name) => {
      const [givenName = '', familyName = ''] = name.split(' ');
      return { primaryEmail: `${givenName.toLowerCase()}@${domain}`, givenName, familyName };
    });
    const domains = [{ name: domain, admins: [`admin@${domain}`], users }];
    google = await createGoogleSimulator({ domains }, { now: () => now, advance: () => undefined });
    world = await testEngine([googleWorkspace]);
    world.engine.clock = { now: () => now };
    await world.write((tx) => tx`update school set time_zone = 'Pacific/Auckland' where id = ${world.school.id}`);
    const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'];
    const key = await google.makeServiceAccount({
      scopes: scopes.map((scope) => `https://www.googleapis.com/auth/${scope}`),
    });
    const address = { apiRootUrl: google.origin, tokenUrl: `${google.origin}/token` };
    integrationId = await world.connect(
      'google-workspace',
      { domain, onlyCurrentTerms: true, ...address },
      { serviceAccountKey: JSON.stringify(key), adminEmail: `admin@${domain}` },
    );
    await furnish(world);
  });
  after(async () => {
    await google.close();
    await world.database.drop();
  });

  const titles = (state: string) =>
    google
      .domain(domain)
      .courses()
      .filter((course) => course.state === state)
      .map((course) => course.name)
      .sort();

  it('makes the courses of the term that is under way, and of classes that name no term', async () => {
    await world.sync(integrationId);

    assert.deepEqual(titles('ACTIVE'), ['Autumn biology', 'Choir']);
    assert.equal(google.domain(domain).counts().students, 2);
  });

  it('still has a course on the last day of its term, as the school counts days', async () => {
    now = new Date('2026-12-18T10:59:00Z');
    await world.sync(integrationId);

    assert.deepEqual(titles('ACTIVE'), ['Autumn biology', 'Choir']);
  });

  it('archives the course when its term has ended, and leaves its roster whole', async () => {
    now = new Date('2026-12-18T11:01:00Z');
    google.journal.clear();
    const held = await world.sync(integrationId);
    assert.equal(held.heldReason, '1 of 2 courses would be removed.');
    const act = { tenantId: world.school.tenant.id, by: 'a person', now, runId: held.id };
    await world.write((tx) => world.api.approveRun(tx, { ...act, planHash: held.planHash ?? '' }));
    const run = await world.runWaiting(integrationId);

    assert.equal(run?.status, 'SUCCEEDED');
    assert.deepEqual([titles('ACTIVE'), titles('ARCHIVED')], [['Choir'], ['Autumn biology']]);
    assert.deepEqual(
      google.journal.writes().map((entry) => entry.route),
      ['classroom.courses.patch'],
    );
    assert.equal(google.domain(domain).counts().students, 2);
  });

  it('restores the archived course instead of making a second one when the term is extended', async () => {
    await world.write((tx) => tx`update term set end_date = '2027-01-01' where title = 'Autumn'`);
    google.journal.clear();
    await world.sync(integrationId);

    assert.deepEqual([titles('ACTIVE'), titles('ARCHIVED')], [['Autumn biology', 'Choir'], []]);
    assert.equal(google.domain(domain).counts().students, 2, 'nobody was added a second time');
    google.journal.clear();
    const again = await world.sync(integrationId);
    assert.deepEqual([again.conflicts, google.journal.writes().length], [0, 0]);
  });

  it('makes the courses of the next term when it begins', async () => {
    now = new Date('2027-01-10T12:00:00Z');
    await world.sync(integrationId);

    assert.ok(titles('ACTIVE').includes('Spring biology'));
  });
});

/** A class of each of two terms, and a choir that meets all year. */
async function furnish({ school, write }: TestEngine): Promise<void> {
  const terms = { Autumn: newId(), Spring: newId() };
  const place = { tenantId: school.tenant.id, schoolId: school.id };
  await write(
    (tx) => tx`
      insert into term (tenant_id, school_id, id, title, type, start_date, end_date) values
        (${place.tenantId}, ${place.schoolId}, ${terms.Autumn}, 'Autumn', 'term', '2026-08-17', '2026-12-19'),
        (${place.tenantId}, ${place.schoolId}, ${terms.Spring}, 'Spring', 'term', '2027-01-11', '2027-06-26')`,
  );
  const ids: string[] = [];
  for (const name of people) {
    const [givenName = '', familyName = ''] = name.split(' ');
    const role = givenName === 'Ann' ? 'teacher' : 'student';
    ids.push(await school.person({ givenName, familyName, role, email: `${givenName.toLowerCase()}@${domain}` }));
  }
  const [teacher = '', cas = '', dana = ''] = ids;
  const biology = await school.class({ title: 'Autumn biology', termsIds: [terms.Autumn] });
  await school.class({ title: 'Spring biology', termsIds: [terms.Spring] });
  await school.class({ title: 'Choir' });
  await school.enrollment({ classId: biology, personId: teacher, role: 'teacher', primary: true });
  for (const personId of [cas, dana]) await school.enrollment({ classId: biology, personId });
}

/** A click beside a long sync of the systems as they are simulated: a SIS that is read, and a Classroom that is written. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { oneroster } from '../connectors/oneroster/index.ts';
import { generateDistrict } from '../simulators/district/generate.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../simulators/google-workspace/simulator.ts';
import { type OneRosterSimulator, startOneRosterSimulator } from '../simulators/oneroster/simulator.ts';
import type { Engine } from './engine.ts';
import { runBoth } from './scenarios/test-between.ts';

const domain = 'school.example';
const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'].map(
  (scope) => `https://www.googleapis.com/auth/${scope}`,
);

describe('a click beside a long sync', () => {
  let world: TestEngine;
  let sis: OneRosterSimulator;
  let google: GoogleSimulator;

  before(async () => {
    const district = generateDistrict({ seed: 'turns', size: 'small', schools: 1, asOf: new Date() });
    sis = await startOneRosterSimulator({ district, clients: [{ id: 'homeroom', secret: 'secret' }], pageCap: 200 });
    const users = ['ann', 'bob', 'cas'].map((name) => ({
      primaryEmail: `${name}@${domain}`,
      givenName: name,
      familyName: 'Bos',
    }));
    google = await createGoogleSimulator({
      domains: [{ name: domain, admins: [`it@${domain}`], users }],
      quota: 'off',
    });
  });
  after(() => Promise.all([sis.close(), google.close()]));
  beforeEach(async () => {
    world = await testEngine([oneroster, googleWorkspace], { previewFirst: false });
  });
  afterEach(() => world.database.drop());

  const ask = (integrationId: string, how: { mode?: 'FULL'; personIds?: string[]; classIds?: string[] }) => {
    const act = { tenantId: world.school.tenant.id, integrationId, now: world.engine.clock.now() };
    const wish = { trigger: 'MANUAL', mode: 'DELTA', requestedBy: 'a person', ...how } as const;
    return world.write((tx) => world.api.requestRun(tx, { ...act, ...wish }));
  };
  /** Something happens right before the first request of that kind. */
  const beforeRequest = (kind: RegExp, happens: () => Promise<void>): Engine => {
    let happened = false;
    return {
      ...world.engine,
      http: (about) => {
        const http = world.engine.http(about);
        return {
          async fetch(url, init) {
            if (!happened && kind.test(`${init?.method ?? 'GET'} ${new URL(String(url)).pathname}`)) {
              happened = true;
              await happens();
            }
            return http.fetch(url, init);
          },
        };
      },
    };
  };
  const told = async ({ id }: RunSeen) =>
    (await world.log(id)).map(({ status, action, details }) =>
      [status, action, details?.code ?? details?.why].filter(Boolean).join(' '),
    );

  it('takes what a SIS says now, and what was read before does not take it back', async () => {
    const integrationId = await world.connect(
      'oneroster',
      { baseUrl: sis.baseUrls['1.1'], tokenUrl: sis.tokenUrl, version: '1.1' },
      { clientId: 'homeroom', clientSecret: 'secret' },
    );
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');
    const [student] = await world.write(
      (tx) => tx<{ id: string; sourcedId: string }[]>`
        select id, sourced_id as "sourcedId" from person where role = 'student' order by id limit 1`,
    );
    assert.ok(student);
    await ask(integrationId, { mode: 'FULL' });
    const { bulk, quick } = await runBoth(world, integrationId, {
      click: () => {
        sis.sis.change('users', student.sourcedId, { familyName: 'Renamed' });
        return ask(integrationId, { personIds: [student.id] });
      },
      during: (click) => beforeRequest(/^GET .*\/enrollments$/, click),
    });

    assert.deepEqual([bulk.status, quick.status, quick.updated], ['SUCCEEDED', 'SUCCEEDED', 1]);
    assert.deepEqual(await told(quick), ['SUCCESS oneroster.roster.person.update']);
    // The page with the old name came back byte for byte, so the long sync compares nothing of it.
    assert.deepEqual(await told(bulk), []);
    const third = await world.sync(integrationId, { mode: 'FULL' });
    assert.deepEqual([third.status, await told(third)], ['SUCCEEDED', []]);
    const [now] = await world.write(
      (tx) => tx<{ name: string }[]>`select family_name as name from person where id = ${student.id}`,
    );
    assert.equal(now?.name, 'Renamed');
  });

  it('makes what is still missing in a Classroom between two groups of calls, and nothing is made twice', async () => {
    const { school } = world;
    const key = await google.makeServiceAccount({ scopes });
    const integrationId = await world.connect(
      'google-workspace',
      { domain, apiRootUrl: google.origin, tokenUrl: `${google.origin}/token` },
      { serviceAccountKey: JSON.stringify(key), adminEmail: `it@${domain}` },
    );
    const person = (name: string, role: string) =>
      school.person({ givenName: name, familyName: 'Bos', email: `${name}@${domain}`, role });
    const [ann, bob, cas] = [
      await person('ann', 'teacher'),
      await person('bob', 'student'),
      await person('cas', 'student'),
    ];
    const classes: string[] = [];
    for (const title of ['Art', 'Biology']) {
      const classId = await school.class({ title });
      classes.push(classId);
      await school.enrollment({ classId, personId: ann, role: 'teacher', primary: true });
      for (const personId of [bob, cas]) await school.enrollment({ classId, personId });
    }
    await ask(integrationId, {});
    const { bulk, quick } = await runBoth(world, integrationId, {
      click: () => ask(integrationId, { classIds: classes.slice(0, 1) }),
      during: (click) => beforeRequest(/^POST .*\/courses$/, click),
    });

    assert.deepEqual([bulk.status, quick.status], ['SUCCEEDED', 'SUCCEEDED']);
    const linked = 'Another run has linked it since the plan was made.';
    assert.ok(
      (await told(quick)).includes(`SKIPPED google_classroom.course.add ${linked}`),
      'the course was made by the other',
    );
    assert.ok(quick.created > 0 && bulk.created > 0);
    const { courses, teachers, students } = google.domain(domain).counts();
    assert.deepEqual({ courses, teachers, students }, { courses: 2, teachers: 2, students: 4 });
    const written = () => google.journal.writes().length;
    const sofar = written();
    const third = await world.sync(integrationId, { mode: 'FULL' });
    assert.deepEqual([third.status, third.created, third.updated, written()], ['SUCCEEDED', 0, 0, sofar]);
  });
});

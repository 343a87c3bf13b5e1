/** Laws L1, L2 and L8 against the simulated Google: whatever goes wrong on the way, rosters come out as they should, once. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../simulators/google-workspace/simulator.ts';
import type { FaultSwitch } from '../simulators/kit/faults.ts';

const domain = 'school.example';
const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'].map(
  (scope) => `https://www.googleapis.com/auth/${scope}`,
);
const addresses = Array.from({ length: 6 }, (_, index) => `p${index}@${domain}`);

const faults: fc.Arbitrary<FaultSwitch> = fc.record({
  kind: fc.constantFrom('lost' as const, 'reset' as const),
  route: fc.constantFrom(
    'classroom.courses.create',
    'classroom.courses.students.create',
    'classroom.courses.students.delete',
    'classroom.courses.list',
    'classroom.courses.students.list',
  ),
  nth: fc.integer({ min: 1, max: 3 }),
});

describe('a roster at Google', () => {
  let google: GoogleSimulator;
  let world: TestEngine;
  let integrationId: string;
  const people: string[] = [];

  before(async () => {
    const users = addresses.map((primaryEmail, index) => ({
      primaryEmail,
      givenName: `P${index}`,
      familyName: 'Person',
    }));
    google = await createGoogleSimulator({
      domains: [{ name: domain, admins: [`admin@${domain}`], users }],
      quota: 'off',
    });
    world = await testEngine([googleWorkspace], { previewFirst: false, removalShare: 1 });
    const key = await google.makeServiceAccount({ scopes });
    integrationId = await world.connect(
      'google-workspace',
      { domain, apiRootUrl: google.origin, tokenUrl: `${google.origin}/token` },
      { serviceAccountKey: JSON.stringify(key), adminEmail: `admin@${domain}` },
    );
    for (const { primaryEmail: email, givenName, familyName } of users)
      people.push(await world.school.person({ email, givenName, familyName }));
  });

  after(async () => {
    await google.close();
    await world.database.drop();
  });

  const syncWell = async () => {
    for (let tries = 0; tries < 3; tries += 1) {
      const run = await world.sync(integrationId);
      if (run.status === 'SUCCEEDED') return;
    }
    assert.fail('It does not come right.');
  };

  it('comes out as it should and stays, whatever answers are lost on the way (L1, L2, L8)', async () => {
    const seats = fc.uniqueArray(fc.nat(addresses.length - 1), { maxLength: 4 });
    let title = 0;
    const property = fc.asyncProperty(
      seats,
      seats,
      fc.array(faults, { maxLength: 2 }),
      async (first, leaving, wrong) => {
        title += 1;
        const name = `Class ${title}`;
        const classId = await world.school.class({ title: name });
        for (const seat of first) await world.school.enrollment({ classId, personId: people[seat] ?? '' });
        for (const fault of wrong) google.faults.add(fault);
        await syncWell();
        const gone = leaving.map((seat) => people[seat] ?? '');
        await world.write(
          (tx) =>
            tx`update enrollment set status = 'ARCHIVED' where class_id = ${classId} and person_id = any (${gone}::uuid[])`,
        );
        await syncWell();
        google.faults.clear();

        const courses = google
          .domain(domain)
          .courses()
          .filter((course) => course.name === name);
        const left = first.filter((seat) => !leaving.includes(seat)).map((seat) => addresses[seat]);
        assert.deepEqual(
          courses.map(({ students }) => students.toSorted()),
          [left.toSorted()],
        );
        google.journal.clear();
        assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');
        assert.deepEqual(
          google.journal.writes().map(({ route }) => route),
          [],
        );
      },
    );
    await fc.assert(property, { numRuns: 5 });
  });
});

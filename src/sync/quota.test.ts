/** A provider's quota, drawn from by two workers at once: nearly all of it is used, and nobody is ever refused. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import type { Connector } from '../connectors/kit/contract.ts';
import type { SeededSchool } from '../db/seed.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../simulators/google-workspace/simulator.ts';
import type { Engine } from './engine.ts';
import { outbound } from './outbound.ts';

const domain = 'school.example';
const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'].map(
  (scope) => `https://www.googleapis.com/auth/${scope}`,
);

/** Google's minute passes in five seconds here, on its side and in what we believe of it. */
const haste = 12;
const callsPerMinute = 120;
const students = 13;
const classesOfASchool = 8;

const hasty: Connector = {
  ...googleWorkspace,
  limits: googleWorkspace.limits.map((limit) => ({ ...limit, seconds: limit.seconds / haste })),
};

describe('a quota that two workers share', () => {
  let google: GoogleSimulator;
  let world: TestEngine;
  const workers: { engine: Engine; integrationId: string }[] = [];

  before(async () => {
    const began = Date.now();
    let advanced = 0;
    const clock = {
      now: () => new Date(began + (Date.now() - began) * haste + advanced),
      advance: (milliseconds: number) => void (advanced += milliseconds),
    };
    const users = Array.from({ length: students }, (_, index) => ({
      primaryEmail: `p${index}@${domain}`,
      givenName: `P${index}`,
      familyName: 'Person',
    }));
    const quota = { classroom: { perUser: callsPerMinute, perProject: 3_000 }, directory: { perUser: 2_400 } };
    google = await createGoogleSimulator(
      { domains: [{ name: domain, admins: [`admin@${domain}`], users }], quota },
      clock,
    );
    world = await testEngine([hasty]);
    const key = await google.makeServiceAccount({ scopes });
    const form = {
      provider: 'google-workspace',
      settings: { domain, apiRootUrl: google.origin, tokenUrl: `${google.origin}/token`, callsPerMinute },
      credentials: { serviceAccountKey: JSON.stringify(key), adminEmail: `admin@${domain}` },
    };
    const { tenant } = world.school;
    for (const school of [world.school, await tenant.school({ settings: { previewFirst: false } })]) {
      await fill(school, users);
      const act = { tenantId: tenant.id, by: 'a person', now: new Date(), schoolId: school.id, ...form };
      const integrationId = await world.write((tx) => world.api.connectIntegration(tx, act));
      // A worker has connections of its own: what they share is in the database.
      const db = world.database.connect('worker');
      workers.push({
        integrationId,
        engine: { ...world.engine, db, http: outbound(db, [new URL(google.origin).host]) },
      });
    }
  });

  after(async () => {
    await google.close();
    await world.database.drop();
  });

  const fill = async (
    school: SeededSchool,
    users: readonly { primaryEmail: string; givenName: string; familyName: string }[],
  ) => {
    const people = await Promise.all(
      users.map(({ primaryEmail: email, givenName, familyName }) => school.person({ email, givenName, familyName })),
    );
    for (let index = 0; index < classesOfASchool; index += 1) {
      const classId = await school.class({ title: `Class ${index}` });
      await Promise.all(people.map((personId) => school.enrollment({ classId, personId })));
    }
  };

  it('is used to nine tenths for as long as there is work, and neither is refused once', async () => {
    const now = world.engine.clock.now();
    const wanted = {
      tenantId: world.school.tenant.id,
      trigger: 'MANUAL',
      mode: 'DELTA',
      requestedBy: 'a person',
      now,
    } as const;
    for (const { integrationId } of workers)
      await world.write((tx) => world.api.requestRun(tx, { ...wanted, integrationId }));
    const ended = await Promise.all(
      workers.map(({ integrationId, engine }) => world.runWaiting(integrationId, engine)),
    );

    assert.deepEqual(
      ended.map((run) => run?.status),
      ['SUCCEEDED', 'SUCCEEDED'],
    );
    // While they only read and plan they have not enough to do: the busy time is that of the writes.
    const calls = google.journal.writes(({ route }) => route.startsWith('classroom.'));
    assert.deepEqual(
      google.journal.entries(({ status }) => status === 429 || status === 403),
      [],
    );
    assert.ok(calls.length >= 2 * classesOfASchool * (students + 1));
    const times = calls.map(({ at }) => Date.parse(at)).toSorted((one, other) => one - other);
    const last = times.at(-1) ?? 0;
    // A machine that is busy with other things may hold us up in any minute but the best.
    const minutes = times
      .filter((begin) => begin + 60_000 <= last)
      .map((begin) => times.filter((at) => at >= begin && at < begin + 60_000).length);
    const used = Math.max(...minutes) / callsPerMinute;
    assert.ok(used >= 0.9, `${(used * 100).toFixed(1)} % of the quota in the best of ${minutes.length} minutes`);
  });
});

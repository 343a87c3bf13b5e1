/** A destination is asked no more than it must be: what a sync calls, beside the least that would do, reckoned from the world. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { claimRun } from '../db/queries/engine/run.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../simulators/google-workspace/simulator.ts';
import { carryOut } from './run.ts';

const domain = 'school.example';
const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'].map(
  (scope) => `https://www.googleapis.com/auth/${scope}`,
);

/** Everybody who is at the school, and what Google lists on a page. */
const teachers = 3;
const students = 24;
const classes = 6;
const studentsOfAClass = 8;
const accountsOnAPage = 500;
const coursesOnAPage = 500;
const membersOnAPage = 100;
const pages = (records: number, size: number) => Math.max(1, Math.ceil(records / size));

describe('what a sync asks of Google', () => {
  let google: GoogleSimulator;
  let world: TestEngine;
  let integrationId: string;
  const people: string[] = [];
  const classIds: string[] = [];

  before(async () => {
    const users = Array.from({ length: teachers + students }, (_, index) => ({
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
    for (const [index, { primaryEmail: email, givenName, familyName }] of users.entries()) {
      const role = index < teachers ? 'teacher' : 'student';
      people.push(await world.school.person({ givenName, familyName, email, role }));
    }
    for (let index = 0; index < classes; index += 1) {
      const classId = await world.school.class({ title: `Class ${index}` });
      classIds.push(classId);
      await world.school.enrollment({
        classId,
        personId: people[index % teachers] ?? '',
        role: 'teacher',
        primary: true,
      });
      for (let seat = 0; seat < studentsOfAClass; seat += 1) {
        const personId = people[teachers + ((index * 3 + seat) % students)] ?? '';
        await world.school.enrollment({ classId, personId });
      }
    }
  });

  after(async () => {
    await google.close();
    await world.database.drop();
  });

  /** Calls by route, the most frequent first. */
  const calls = () => {
    const counts: Record<string, number> = {};
    for (const { route } of google.journal.entries()) counts[route] = (counts[route] ?? 0) + 1;
    return counts;
  };
  const reading = {
    'oauth.token': 1,
    'directory.users.list': pages(teachers + students + 1, accountsOnAPage),
    'classroom.courses.list': pages(classes, coursesOnAPage),
  };
  const rosters = {
    'classroom.courses.teachers.list': classes * pages(1, membersOnAPage),
    'classroom.courses.students.list': classes * pages(studentsOfAClass, membersOnAPage),
  };

  it('is the lists and one write for each record at first: who owns a course teaches it already', async () => {
    google.journal.clear();
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');

    assert.deepEqual(calls(), {
      ...reading,
      'classroom.courses.create': classes,
      'classroom.courses.students.create': classes * studentsOfAClass,
    });
  });

  it('is the lists and nothing else when nothing changed (L1)', async () => {
    google.journal.clear();
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');

    assert.deepEqual(calls(), { ...reading, ...rosters });
  });

  it('is the lists and nothing else in a preview, whatever it plans', async () => {
    google.journal.clear();
    await world.write((tx) => tx`update class set title = 'Another' where id = ${classIds[0] ?? ''}`);
    assert.equal((await world.sync(integrationId, { mode: 'PREVIEW' })).status, 'HELD');

    assert.deepEqual(calls(), { ...reading, ...rosters });
  });

  it('is one write more for one change', async () => {
    google.journal.clear();
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');

    assert.deepEqual(calls(), { ...reading, ...rosters, 'classroom.courses.patch': 1 });
  });

  it('is one look at each record that an edit is about, and one write', async () => {
    google.journal.clear();
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date() };
    const [classId = '', personId = ''] = [classIds[0], people.at(-1)];
    await world.write((tx) => world.api.enrollPerson(tx, { ...act, classId, personId, role: 'student' }));
    assert.equal((await world.runWaiting(integrationId))?.status, 'SUCCEEDED');

    assert.deepEqual(calls(), {
      'oauth.token': 1,
      'directory.users.get': 1,
      'classroom.courses.get': 1,
      'classroom.courses.students.get': 1,
      'classroom.courses.students.create': 1,
    });
  });

  it('is one look at a class and at each of its people, and its rosters, when it is synced alone', async () => {
    google.journal.clear();
    assert.equal((await world.sync(integrationId, { classIds: [classIds[1] ?? ''] })).status, 'SUCCEEDED');

    assert.deepEqual(calls(), {
      'oauth.token': 1,
      'directory.users.get': 1 + studentsOfAClass,
      'classroom.courses.get': 1,
      'classroom.courses.teachers.get': 1,
      'classroom.courses.students.list': pages(studentsOfAClass, membersOnAPage),
    });
  });

  it('is only what is left to read when a run goes on after a crash', async () => {
    google.journal.clear();
    const crash = new AbortController();
    // The worker goes as it is about to read who attends: all before that is staged.
    const dying = {
      ...world.engine,
      http: (...args: Parameters<typeof world.engine.http>) => {
        const http = world.engine.http(...args);
        const fetch: typeof http.fetch = (url, init) => {
          if (String(url).includes('/students')) crash.abort();
          return http.fetch(url, init);
        };
        return { ...http, fetch };
      },
    };
    const { tenant } = world.school;
    const wanted = {
      tenantId: tenant.id,
      integrationId,
      trigger: 'MANUAL',
      mode: 'FULL',
      requestedBy: 'a person',
    } as const;
    const now = new Date();
    await world.write((tx) => world.api.requestRun(tx, { ...wanted, now }));
    const run = await world.write((tx) => claimRun(tx, { ...wanted, lane: 'BULK' }, 1, now));
    assert.ok(run);
    await carryOut(dying, run, crash.signal);
    const { 'classroom.courses.students.list': students, ...before } = { ...reading, ...rosters };
    assert.deepEqual(calls(), before);

    google.journal.clear();
    assert.equal((await world.runWaiting(integrationId))?.status, 'SUCCEEDED');
    assert.deepEqual(calls(), { 'oauth.token': 1, 'classroom.courses.students.list': students });
  });
});

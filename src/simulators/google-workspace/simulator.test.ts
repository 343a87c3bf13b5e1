import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { admin_directory_v1 } from 'googleapis/build/src/apis/admin/index.js';
import { startInOwnProcess } from '../kit/own-process.ts';
import type { ServiceAccountKey } from './oauth/service-account.ts';
import { createGoogleSimulator, type GoogleSimulator } from './simulator.ts';
import { actAs, type Clients, refusal, SCOPES } from './test-clients.ts';

const ADMIN = 'admin@school.example';
const ANN = 'ann@school.example';
const DOMAIN = {
  name: 'school.example',
  admins: [ADMIN],
  users: [{ primaryEmail: ANN, givenName: 'Ann', familyName: 'Bos' }],
};
const COURSE = { name: 'Maths', ownerId: ANN, courseState: 'ACTIVE', id: 'p:1' };

describe('the simulated Google', () => {
  let simulator: GoogleSimulator;
  let google: Clients;

  before(async () => {
    simulator = await createGoogleSimulator({ domains: [DOMAIN] });
    google = actAs(simulator, await simulator.makeServiceAccount({ scopes: SCOPES }), ADMIN);
    await google.auth.authorize();
  });
  afterEach(() => {
    simulator.faults.clear();
    simulator.journal.clear();
    const hand = simulator.domain('school.example');
    for (const { id } of hand.courses()) hand.deleteCourse(id);
    assert.deepEqual(simulator.problems, []);
  });
  after(() => simulator.close());

  const list = () => google.classroom.courses.list();
  const create = () => google.classroom.courses.create({ requestBody: COURSE });

  it('refuses as Google does when it is busy, in the shape of the API that was called', async () => {
    simulator.faults.add({ kind: 'provider', name: 'rateLimitExceeded' });
    const classroom = await refusal(list());
    assert.deepEqual(classroom, {
      status: 403,
      message: 'Rate Limit Exceeded',
      code: 'PERMISSION_DENIED',
      reason: 'rateLimitExceeded',
    });

    simulator.faults.add({ kind: 'provider', name: 'userRateLimitExceeded' });
    const directory = await refusal(google.directory.users.list({ customer: 'my_customer' }));
    assert.deepEqual([directory.status, directory.reason, directory.code], [403, 'userRateLimitExceeded', undefined]);

    simulator.faults.add({ kind: 'status', status: 503, retryAfter: 3 });
    assert.equal((await refusal(list())).code, 'UNAVAILABLE');
    simulator.faults.add({ kind: 'status', status: 409, route: 'classroom.courses.create' });
    assert.equal((await refusal(create())).code, 'ALREADY_EXISTS');
    assert.equal(simulator.domain('school.example').counts().courses, 0);
  });

  it('does the work and loses the answer; the repeat finds the alias taken', async () => {
    simulator.faults.add({ kind: 'lost', route: 'classroom.courses.create' });
    await assert.rejects(create());
    assert.equal((await refusal(create())).status, 409);
    assert.equal((await google.classroom.courses.get({ id: 'p:1' })).data.name, 'Maths');
    assert.deepEqual(
      simulator.journal.writes().map(({ handled, status }) => [handled, status]),
      [
        [200, null],
        [409, 409],
      ],
    );
  });

  it('fails for one person only when told so', async () => {
    const { data } = await create();
    const courseId = data.id ?? '';
    simulator.faults.add({ kind: 'status', status: 500, times: 'always', params: { userId: ADMIN } });
    assert.equal((await google.classroom.courses.teachers.get({ courseId, userId: ANN })).status, 200);
    assert.equal((await refusal(google.classroom.courses.teachers.get({ courseId, userId: ADMIN }))).status, 500);
  });

  it('counts calls per user and minute', async () => {
    simulator.quota.set({ classroom: { perUser: 3, perProject: 5 }, directory: { perUser: 2 } });
    simulator.quota.reset();
    for (let call = 0; call < 3; call += 1) await list();
    const over = await refusal(list());
    assert.deepEqual([over.status, over.code, over.reason], [429, 'RESOURCE_EXHAUSTED', 'rateLimitExceeded']);
    await google.directory.users.list({ customer: 'my_customer' });

    simulator.clock.advance(30_000);
    assert.equal((await refusal(list())).status, 429);
    simulator.clock.advance(31_000);
    await list();

    simulator.quota.set('off');
    for (let call = 0; call < 5; call += 1) await list();
  });

  it('counts calls per project and minute', async () => {
    simulator.quota.reset();
    simulator.quota.set({ classroom: { perUser: 3, perProject: 4 }, directory: { perUser: 2 } });
    const asAnn = actAs(simulator, await simulator.makeServiceAccount({ scopes: SCOPES, name: 'other' }), ANN);
    for (let call = 0; call < 3; call += 1) await list();
    await asAnn.classroom.courses.list();
    assert.equal((await refusal(asAnn.classroom.courses.list())).status, 429);
    simulator.quota.set('off');
  });

  it('lets somebody change things behind Homeroom’s back', async () => {
    const { data } = await create();
    const id = data.id ?? '';
    const hand = simulator.domain('school.example');
    hand.addUser({ primaryEmail: 'cas@school.example', givenName: 'Cas', familyName: 'Dee', externalId: 'S2' });
    hand.addStudent('p:1', 'cas@school.example');
    hand.renameUser(ANN, { familyName: 'Smit' });
    hand.renameCourse(id, 'Algebra');

    const teachers = await google.classroom.courses.teachers.list({ courseId: id });
    assert.equal(teachers.data.teachers?.[0]?.profile?.name?.fullName, 'Ann Smit');
    assert.equal((await google.classroom.courses.get({ id })).data.name, 'Algebra');
    assert.deepEqual(hand.course(id).students, ['cas@school.example']);

    hand.removeStudent(id, 'cas@school.example');
    hand.transferOwner(id, 'cas@school.example');
    hand.deleteUser(ANN);
    assert.deepEqual(hand.course(id).teachers, ['cas@school.example']);
    hand.deleteCourse(id);
    assert.throws(() => hand.renameCourse(id, 'x'), /has no course/);
    hand.deleteUser('cas@school.example');
    hand.addUser({ primaryEmail: ANN, givenName: 'Ann', familyName: 'Bos' });
    assert.equal(simulator.journal.writes().length, 1);
  });

  it('answers a path it does not have as Google does', async () => {
    const response = await fetch(`${simulator.origin}/v1/nothing`);
    assert.equal(response.status, 404);
    assert.equal(((await response.json()) as { error: { status: string } }).error.status, 'NOT_FOUND');
  });

  it('stays quick with ten thousand people and a hundred thousand memberships', async () => {
    const big = await createGoogleSimulator({
      quota: 'off',
      domains: [
        {
          name: 'big.example',
          admins: ['admin@big.example'],
          users: Array.from({ length: 10_000 }, (_, number) => ({
            primaryEmail: `user${number}@big.example`,
            givenName: 'User',
            familyName: String(number),
          })),
        },
      ],
    });
    try {
      const hand = big.domain('big.example');
      const courses = Array.from({ length: 2_000 }, (_, number) => {
        const id = hand.createCourse({ name: `Course ${number}`, owner: `user${number}@big.example` });
        for (let seat = 1; seat < 50; seat += 1)
          hand.addStudent(id, `user${(number + seat * 37) % 10_000}@big.example`);
        return id;
      });
      assert.equal(hand.counts().students, 98_000);

      const { classroom, directory } = actAs(
        big,
        await big.makeServiceAccount({ scopes: SCOPES }),
        'admin@big.example',
      );
      const started = performance.now();
      let [users, pageToken]: [number, string | undefined] = [0, undefined];
      do {
        const { data }: { data: admin_directory_v1.Schema$Users } = await directory.users.list({
          customer: 'my_customer',
          maxResults: 500,
          ...(pageToken !== undefined && { pageToken }),
        });
        users += data.users?.length ?? 0;
        pageToken = data.nextPageToken ?? undefined;
      } while (pageToken !== undefined);
      assert.equal(users, 10_001);

      const rosters = courses
        .slice(0, 200)
        .map((courseId) => classroom.courses.students.list({ courseId, pageSize: 100 }));
      const pages = await Promise.all(rosters);
      assert.ok(pages.every(({ data }) => data.students?.length === 49));
      assert.equal((await classroom.courses.list({ studentId: 'user1999@big.example' })).data.courses?.length, 49);
      assert.ok(performance.now() - started < 10_000);
    } finally {
      await big.close();
    }
  });
});

describe('the simulated Google in its own process', () => {
  it('is steered through its control door', async () => {
    const remote = await startInOwnProcess(new URL('run.ts', import.meta.url), { domains: [DOMAIN] });
    try {
      const key = (await remote.act('makeServiceAccount', { scopes: SCOPES })) as ServiceAccountKey;
      assert.equal(key.token_uri, `${remote.origin}/token`);

      const { classroom } = actAs(remote, key, ADMIN);
      await remote.faults.add({ kind: 'provider', name: 'rateLimitExceeded', route: 'classroom.courses.create' });
      const create = () => classroom.courses.create({ requestBody: COURSE });
      assert.equal((await refusal(create())).reason, 'rateLimitExceeded');
      const { data } = await create();

      await remote.act('renameCourse', { domain: 'school.example', course: data.id, name: 'Algebra' });
      await remote.act('renameUser', { email: ANN, familyName: 'Smit' });
      assert.equal((await classroom.courses.get({ id: 'p:1' })).data.name, 'Algebra');
      await assert.rejects(remote.act('renameCourse', { course: 'p:9', name: 'x' }), /has no course p:9/);
      await assert.rejects(remote.act('renameCourse', { course: 'p:1', titel: 'x' }));

      const [domain] = (await remote.state()) as [{ counts: object; courses: { teachers: string[] }[] }];
      assert.deepEqual(domain.counts, { users: 2, courses: 1, teachers: 1, students: 0, invitations: 0 });
      assert.deepEqual(domain.courses[0]?.teachers, [ANN]);
      assert.equal((await remote.journal.writes()).length, 2);
    } finally {
      await remote.stop();
    }
  });
});

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { actAs, refusal, SCOPES } from '../test-clients.ts';
import { ADMIN, ANN, BEN, EVERY_STATE, startSchool, type TestSchool, ZOE } from './test-school.ts';

describe('members of a course in the Classroom API', () => {
  let school: TestSchool;
  let simulator: TestSchool['simulator'];
  let google: TestSchool['google'];
  let asAnn: TestSchool['asAnn'];
  let asBare: TestSchool['asBare'];
  let create: TestSchool['create'];

  before(async () => {
    school = await startSchool();
    ({ simulator, google, asAnn, asBare, create } = school);
  });
  afterEach(() => school.clear());
  after(() => school.simulator.close());

  it('makes the owner a teacher', async () => {
    const { data } = await google.courses.teachers.list({ courseId: await create() });
    assert.deepEqual(
      data.teachers?.map(({ profile }) => [profile?.emailAddress, profile?.name?.fullName]),
      [[ANN, 'Ann Årud']],
    );
  });

  it('adds, finds and removes students by address, by id and by whatever case', async () => {
    const courseId = await create();
    const { data } = await google.courses.students.create({ courseId, requestBody: { userId: 'ZOE@School.Example' } });
    assert.equal(data.profile?.name?.givenName, 'Zoë');
    const userId = data.userId ?? '';
    assert.match(userId, /^\d{21}$/);

    assert.equal((await google.courses.students.get({ courseId, userId })).data.profile?.emailAddress, ZOE);
    await google.courses.students.delete({ courseId, userId: ZOE });
    assert.equal((await refusal(google.courses.students.get({ courseId, userId }))).status, 404);
    assert.equal((await refusal(google.courses.students.delete({ courseId, userId }))).status, 404);
    assert.deepEqual((await google.courses.students.list({ courseId })).data, {});
  });

  it('refuses who cannot be added', async () => {
    const courseId = await create();
    const add = (userId: string, client = google) =>
      client.courses.students.create({ courseId, requestBody: { userId } });
    await add(ZOE);

    assert.equal((await refusal(add(ZOE))).code, 'ALREADY_EXISTS');
    assert.equal((await refusal(add(ANN))).code, 'ALREADY_EXISTS', 'a teacher is not taken as a student');
    assert.equal((await refusal(add('nobody@school.example'))).code, 'NOT_FOUND');
    const stranger = await refusal(add('admin@other.example'));
    assert.equal(stranger.status, 403);
    assert.match(stranger.message, /@CannotDirectAddUser/);
    assert.match((await refusal(add(BEN, asAnn))).message, /@CannotDirectAddUser/);

    const unknown = await refusal(google.courses.students.create({ courseId: '1', requestBody: { userId: ZOE } }));
    assert.equal(unknown.code, 'NOT_FOUND');
    simulator.domain('school.example').suspendUser(BEN);
    assert.equal((await refusal(add(BEN))).code, 'FAILED_PRECONDITION');
    simulator.domain('school.example').suspendUser(BEN, false);
  });

  it('is full at some point', async () => {
    const courseId = await create();
    for (const userId of [BEN, ZOE, ADMIN]) {
      await google.courses.students.create({ courseId, requestBody: { userId } });
    }
    const extra = simulator.domain('school.example').addUser({
      primaryEmail: 'extra@school.example',
      givenName: 'Ex',
      familyName: 'Tra',
    });
    const full = await refusal(google.courses.students.create({ courseId, requestBody: { userId: extra } }));
    assert.match(full.message, /@CourseMemberLimitReached/);
    simulator.domain('school.example').deleteUser('extra@school.example');
  });

  it('gives thirty members a page unless more are asked for, and never more than a hundred', async () => {
    const courseId = await create();
    const hand = simulator.domain('school.example');
    for (let number = 1; number <= 130; number += 1) {
      const primaryEmail = `pupil${number}@school.example`;
      hand.addUser({ primaryEmail, givenName: 'Pupil', familyName: String(number) });
      hand.addStudent(courseId, primaryEmail);
    }
    const page = async (params: object) => (await google.courses.students.list({ courseId, ...params })).data;
    assert.equal((await page({})).students?.length, 30);
    const first = await page({ pageSize: 500 });
    assert.equal(first.students?.length, 100);
    const rest = await page({ pageSize: 500, pageToken: first.nextPageToken });
    assert.equal(rest.students?.length, 30);
    assert.equal(rest.nextPageToken, undefined);
  });

  it('shows addresses only to who may see them', async () => {
    const courseId = await create();
    const { data } = await asBare.courses.teachers.list({ courseId });
    assert.deepEqual(data.teachers?.[0]?.profile?.name?.familyName, 'Årud');
    assert.equal(data.teachers?.[0]?.profile?.emailAddress, undefined);
    assert.equal((await google.userProfiles.get({ userId: ANN })).data.emailAddress, ANN);
    assert.equal((await asAnn.userProfiles.get({ userId: 'me' })).data.name?.givenName, 'Ann');
    assert.equal((await refusal(google.userProfiles.get({ userId: 'nobody@school.example' }))).status, 403);
  });

  it('lets a teacher see and change her own courses only', async () => {
    const own = await create();
    const other = await create({ ownerId: BEN });
    assert.equal((await asAnn.courses.get({ id: own })).data.id, own);
    assert.equal((await refusal(asAnn.courses.get({ id: other }))).code, 'PERMISSION_DENIED');
    assert.deepEqual(
      (await asAnn.courses.list()).data.courses?.map(({ id }) => id),
      [own],
    );
    const forBen = await refusal(asAnn.courses.create({ requestBody: { name: 'x', ownerId: BEN } }));
    assert.equal(forBen.status, 403);
    assert.ok((await asAnn.courses.create({ requestBody: { name: 'x', ownerId: 'me' } })).data.id);
  });

  it('invites somebody once, and adding him settles the invitation', async () => {
    const courseId = await create();
    const invite = () => google.invitations.create({ requestBody: { courseId, userId: ZOE, role: 'STUDENT' } });
    const { data } = await invite();
    assert.equal((await refusal(invite())).code, 'ALREADY_EXISTS');
    assert.equal((await google.invitations.list({ courseId })).data.invitations?.[0]?.id, data.id);
    assert.equal(simulator.domain('school.example').counts().invitations, 1);
    await google.courses.students.create({ courseId, requestBody: { userId: ZOE } });
    assert.deepEqual((await google.invitations.list({ userId: ZOE })).data, {});
    assert.equal((await refusal(google.invitations.list({}))).status, 400);
    assert.equal((await refusal(invite())).code, 'FAILED_PRECONDITION');
  });

  it('keeps what happens in a domain inside that domain', async () => {
    const id = await create({ id: 'd:maths' });
    const key = await simulator.makeServiceAccount({ scopes: SCOPES, name: 'second' });
    const other = actAs(simulator, key, 'admin@other.example').classroom;

    assert.deepEqual((await other.courses.list({ courseStates: EVERY_STATE })).data, {});
    assert.equal((await refusal(other.courses.get({ id }))).status, 404);
    assert.equal((await refusal(other.userProfiles.get({ userId: ANN }))).status, 403);
    const same = await other.courses.create({
      requestBody: { id: 'd:maths', name: 'Ours', ownerId: 'me', courseState: 'ARCHIVED' },
    });
    assert.notEqual(same.data.id, id);
    await other.courses.delete({ id: same.data.id ?? '' });
  });
});

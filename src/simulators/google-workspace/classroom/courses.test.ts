import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { refusal } from '../test-clients.ts';
import { ANN, BEN, EVERY_STATE, startSchool, type TestSchool, ZOE } from './test-school.ts';

describe('courses of the Classroom API', () => {
  let school: TestSchool;
  let simulator: TestSchool['simulator'];
  let google: TestSchool['google'];
  let asAnn: TestSchool['asAnn'];
  let create: TestSchool['create'];

  before(async () => {
    school = await startSchool();
    ({ simulator, google, asAnn, create } = school);
  });
  afterEach(() => school.clear());
  after(() => school.simulator.close());

  it('makes a course under an alias, and a repeat finds the alias taken', async () => {
    const id = await create({ id: 'p:homeroom-1', section: '3a', room: '12' });
    assert.match(id, /^\d+$/);

    const again = await refusal(
      google.courses.create({ requestBody: { id: 'p:homeroom-1', name: 'x', ownerId: ANN } }),
    );
    assert.equal(again.status, 409);
    assert.equal(again.code, 'ALREADY_EXISTS');

    const { data } = await google.courses.get({ id: 'p:homeroom-1' });
    assert.equal(data.id, id);
    assert.equal(data.name, 'Maths');
    assert.equal(data.section, '3a');
    assert.equal(data.courseState, 'ACTIVE');
    assert.equal(data.ownerId, simulator.domain('school.example').user(ANN).id);
  });

  it('takes a course without a state as one in the making, which a plain list does not show', async () => {
    await create({ courseState: undefined });
    assert.deepEqual((await google.courses.list()).data, {});
    const { data } = await google.courses.list({ courseStates: EVERY_STATE });
    assert.equal(data.courses?.[0]?.courseState, 'PROVISIONED');
  });

  it('refuses a course that is not right', async () => {
    const why = async (more: object) => (await refusal(create(more))).message;
    assert.match(await why({ name: '' }), /name/);
    assert.match(await why({ name: 'x'.repeat(751) }), /750/);
    assert.match(await why({ name: 'See https://a.example' }), /@CourseTitleCannotContainUrl/);
    assert.match(await why({ ownerId: '' }), /ownerId/);
    assert.match(await why({ titel: 'x' }), /Unknown name "titel"/);
    assert.match(await why({ room: 12 }), /course\.room/);
    assert.match(await why({ courseState: 'OPEN' }), /courseState/);
    assert.match(await why({ courseState: 'DECLINED' }), /DECLINED/);
    assert.match(await why({ id: 'homeroom' }), /alias/i);
    assert.equal((await refusal(create({ ownerId: 'nobody@school.example' }))).status, 404);
    assert.match(await why({ ownerId: 'admin@other.example' }), /@UserCannotOwnCourse/);
  });

  it('lists the newest first, in pages whose token is good for that query only', async () => {
    for (const name of ['one', 'two', 'three']) await create({ name });
    const first = await google.courses.list({ pageSize: 2 });
    assert.deepEqual(
      first.data.courses?.map(({ name }) => name),
      ['three', 'two'],
    );
    const pageToken = first.data.nextPageToken ?? '';
    const second = await google.courses.list({ pageSize: 2, pageToken });
    assert.deepEqual(
      second.data.courses?.map(({ name }) => name),
      ['one'],
    );
    assert.equal(second.data.nextPageToken, undefined);

    const elsewhere = await refusal(google.courses.list({ pageSize: 2, pageToken, teacherId: ANN }));
    assert.deepEqual([elsewhere.status, elsewhere.code], [400, 'INVALID_ARGUMENT']);
    assert.equal((await refusal(google.courses.list({ pageToken: 'nonsense' }))).status, 400);
  });

  it('lists the courses of a teacher or of a student', async () => {
    const first = await create();
    const second = await create({ ownerId: BEN });
    await google.courses.students.create({ courseId: second, requestBody: { userId: ZOE } });

    const ids = async (params: object) => (await google.courses.list(params)).data.courses?.map(({ id }) => id);
    assert.deepEqual(await ids({ teacherId: ANN }), [first]);
    assert.deepEqual(await ids({ studentId: ZOE }), [second]);
    assert.deepEqual((await asAnn.courses.list({ teacherId: 'me' })).data.courses?.length, 1);
    assert.equal((await refusal(google.courses.list({ teacherId: ANN, studentId: ZOE }))).status, 400);
    assert.equal((await refusal(google.courses.list({ teacherId: 'nobody@school.example' }))).status, 404);
    assert.equal((await refusal(google.courses.list({ courseStates: ['OPEN'] }))).status, 400);
  });

  it('changes only what the mask names, and clears what the mask names but the body has not', async () => {
    const id = await create({ section: '3a', room: '12' });
    const { data } = await google.courses.patch({
      id,
      updateMask: 'name,room',
      requestBody: { name: 'Algebra', section: 'left alone' },
    });
    assert.deepEqual([data.name, data.section, data.room], ['Algebra', '3a', undefined]);
    assert.ok(Date.parse(data.updateTime ?? '') >= Date.parse(data.creationTime ?? ''));
  });

  it('wants a mask, and only fields in it that can be changed', async () => {
    const id = await create();
    const patch = (updateMask: string | undefined, requestBody: object) =>
      refusal(google.courses.patch({ id, ...(updateMask !== undefined && { updateMask }), requestBody }));
    assert.match((await patch(undefined, { name: 'x' })).message, /mask is required/);
    assert.match((await patch('enrollmentCode', {})).message, /invalid field: enrollmentCode/);
    assert.match((await patch('name', {})).message, /name is required/);
    assert.match((await patch('name', { nmae: 'x' })).message, /Unknown name "nmae"/);
  });

  it('lets an archived course change its state and nothing else', async () => {
    const id = await create();
    await google.courses.patch({ id, updateMask: 'courseState', requestBody: { courseState: 'ARCHIVED' } });

    const rename = await refusal(google.courses.patch({ id, updateMask: 'name', requestBody: { name: 'x' } }));
    assert.match(rename.message, /@CourseNotModifiable/);
    assert.equal(rename.code, 'FAILED_PRECONDITION');
    const add = await refusal(google.courses.students.create({ courseId: id, requestBody: { userId: ZOE } }));
    assert.match(add.message, /@CourseNotModifiable/);

    await google.courses.patch({ id, updateMask: 'courseState', requestBody: { courseState: 'ACTIVE' } });
    const back = await refusal(
      google.courses.patch({ id, updateMask: 'courseState', requestBody: { courseState: 'PROVISIONED' } }),
    );
    assert.equal(back.status, 400);
  });

  it('deletes an archived course only', async () => {
    const id = await create();
    assert.equal((await refusal(google.courses.delete({ id }))).code, 'FAILED_PRECONDITION');
    await google.courses.patch({ id, updateMask: 'courseState', requestBody: { courseState: 'ARCHIVED' } });
    await google.courses.delete({ id });
    assert.equal((await refusal(google.courses.get({ id }))).status, 404);
  });

  it('hands a course to another of its teachers, for an admin only', async () => {
    const id = await create();
    const give = (client: typeof google) =>
      client.courses.patch({ id, updateMask: 'ownerId', requestBody: { ownerId: BEN } });

    assert.match((await refusal(give(google))).message, /@IneligibleOwner/);
    await google.courses.teachers.create({ courseId: id, requestBody: { userId: BEN } });
    assert.equal((await refusal(give(asAnn))).status, 403);

    const keep = await refusal(google.courses.teachers.delete({ courseId: id, userId: ANN }));
    assert.equal(keep.code, 'FAILED_PRECONDITION');
    assert.match(keep.message, /^@CannotRemoveCourseOwner /);
    await give(google);
    await google.courses.teachers.delete({ courseId: id, userId: ANN });
    assert.deepEqual(simulator.domain('school.example').course(id).teachers, [BEN]);
  });

  it('shows the calendar some time after the course became active', async () => {
    const id = await create();
    assert.equal((await google.courses.get({ id })).data.calendarId, undefined);
    simulator.clock.advance(61_000);
    assert.match((await google.courses.get({ id })).data.calendarId ?? '', /^classroom\d+@/);
  });

  it('keeps aliases: several of a course, each once', async () => {
    const id = await create({ id: 'd:maths' });
    await google.courses.aliases.create({ courseId: 'd:maths', requestBody: { alias: 'p:1' } });
    const { data } = await google.courses.aliases.list({ courseId: id });
    assert.deepEqual(
      data.aliases?.map(({ alias }) => alias),
      ['d:maths', 'p:1'],
    );

    const taken = await refusal(google.courses.aliases.create({ courseId: id, requestBody: { alias: 'p:1' } }));
    assert.equal(taken.status, 409);
    const forAnn = await refusal(asAnn.courses.aliases.create({ courseId: id, requestBody: { alias: 'd:x' } }));
    assert.equal(forAnn.status, 403);

    await google.courses.aliases.delete({ courseId: id, alias: 'd:maths' });
    assert.equal((await refusal(google.courses.get({ id: 'd:maths' }))).status, 404);
    assert.equal((await refusal(google.courses.aliases.delete({ courseId: id, alias: 'd:maths' }))).status, 404);
  });

  it('answers in part when asked for some fields', async () => {
    const id = await create();
    const { data } = await google.courses.list({ fields: 'nextPageToken,courses(id,courseState)' });
    assert.deepEqual(data, { courses: [{ id, courseState: 'ACTIVE' }] });
    const teachers = await google.courses.teachers.list({
      courseId: id,
      fields: 'teachers/profile(emailAddress,name/givenName)',
    });
    assert.deepEqual(teachers.data, { teachers: [{ profile: { emailAddress: ANN, name: { givenName: 'Ann' } } }] });
    assert.equal((await refusal(google.courses.get({ id, fields: 'id,name(' }))).status, 400);
  });

  it('does not know a query parameter Google does not know', async () => {
    const wrong = await refusal(google.courses.list({}, { params: { modifiedSince: '2026-01-01' } }));
    assert.equal(wrong.status, 400);
    assert.match(wrong.message, /Unknown name "modifiedSince"/);
  });
});

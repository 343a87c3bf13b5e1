import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

/** Each mutation, and what its payload shows. */
const selections = {
  createPerson: 'person { id status givenName familyName email role grades enabled sourcedId }',
  updatePerson: 'person { id givenName }',
  archivePerson: 'person { id status enrollments { totalCount } }',
  restorePerson: 'person { id status }',
  createClass: 'class { id status title classCode grades course { id } terms { id } }',
  updateClass: 'class { id title course { id } terms { id } }',
  archiveClass: 'class { id status enrollments { totalCount } }',
  restoreClass: 'class { id status }',
  enrollPerson: 'enrollment { id role }',
  updateEnrollment: 'enrollment { id role primary beginDate endDate }',
  archiveEnrollment: 'enrollment { id status }',
  createTerm: 'term { id status title type startDate endDate schoolYear parent { id } sourcedId }',
  updateTerm: 'term { id title endDate schoolYear parent { id } }',
  archiveTerm: 'term { id status }',
  restoreTerm: 'term { id status }',
  createCourse: 'course { id status title courseCode grades subjects subjectCodes sourcedId }',
  updateCourse: 'course { id title courseCode subjects }',
  archiveCourse: 'course { id status classes { totalCount } }',
  restoreCourse: 'course { id status }',
  createGuardianLink: 'guardianLink { id status relationship student { id } guardian { id } sourcedId }',
  updateGuardianLink: 'guardianLink { id relationship }',
  archiveGuardianLink: 'guardianLink { id status }',
} as const;
type Mutation = keyof typeof selections;

// The shape of an answer is what a test is about to look at.
type Result = Record<string, unknown> & { code?: string; fields?: { path: string[] }[] };

describe('the roster, as people change it', () => {
  let world: TestEngine;
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let us: TestCaller;
  let schoolId: string;

  before(async () => {
    world = await testEngine([]);
    gateway = await openTestGateway({ sync: world.api });
    tenant = await seedTenant(gateway.database.app);
    school = await tenant.school();
    schoolId = encodeId('School', school.id);
    us = gateway.as(tenant.id);
  });
  after(async () => {
    await gateway.close();
    await world.database.drop();
  });

  async function send(name: Mutation, input: object, caller = us): Promise<Result> {
    const noun = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const document = `mutation ($input: ${noun}Input!) { it: ${name}(input: $input) {
      ... on ${noun}Payload { ${selections[name]} } ... on ValidationError { fields { path } } ... on Error { code } } }`;

    return (await caller.ask<{ it: Result }>(document, { input })).it;
  }

  it('gains a person, who is changed, leaves and comes back', async () => {
    const input = { schoolId, givenName: ' Mia ', familyName: 'Own', role: 'student', email: null, grades: ['07'] };
    const { person } = (await send('createPerson', input)) as { person: Record<string, unknown> };
    const { id: personId, ...made } = person;
    assert.deepEqual(made, {
      status: 'ACTIVE',
      givenName: 'Mia',
      familyName: 'Own',
      email: null,
      role: 'student',
      grades: ['07'],
      enabled: true,
      sourcedId: null,
    });
    assert.deepEqual(await send('updatePerson', { personId, givenName: 'Maya' }), {
      person: { id: personId, givenName: 'Maya' },
    });
    const classId = encodeId('Class', await school.class());
    await send('enrollPerson', { classId, personId, role: 'student' });
    assert.deepEqual(await send('archivePerson', { personId }), {
      person: { id: personId, status: 'ARCHIVED', enrollments: { totalCount: 0 } },
    });
    assert.equal((await send('archivePerson', { personId })).code, 'INVALID_STATE');
    assert.equal((await send('enrollPerson', { classId, personId, role: 'student' })).code, 'INVALID_STATE');
    assert.deepEqual(await send('restorePerson', { personId }), { person: { id: personId, status: 'ACTIVE' } });
    assert.equal((await send('restorePerson', { personId })).code, 'INVALID_STATE');
  });

  it('gains a class with its course and terms, which are changed, and keeps its members while it is away', async () => {
    const [courseId, termId] = [encodeId('Course', await school.course()), encodeId('Term', await school.term())];
    const input = { schoolId, title: 'Chess', classCode: 'CH', courseId, termIds: [termId, termId] };
    const made = (await send('createClass', input)) as { class: Record<string, unknown> };
    const { id: classId, ...rest } = made.class;
    assert.deepEqual(rest, {
      status: 'ACTIVE',
      title: 'Chess',
      classCode: 'CH',
      grades: [],
      course: { id: courseId },
      terms: [{ id: termId }],
    });
    assert.deepEqual(await send('updateClass', { classId, title: 'Go', termIds: [] }), {
      class: { id: classId, title: 'Go', course: { id: courseId }, terms: [] },
    });
    assert.deepEqual(await send('updateClass', { classId, courseId: null, termIds: [termId] }), {
      class: { id: classId, title: 'Go', course: null, terms: [{ id: termId }] },
    });
    const personId = encodeId('Person', await school.person());
    await send('enrollPerson', { classId, personId, role: 'student' });
    assert.deepEqual(await send('archiveClass', { classId }), {
      class: { id: classId, status: 'ARCHIVED', enrollments: { totalCount: 1 } },
    });
    assert.deepEqual(await send('restoreClass', { classId }), { class: { id: classId, status: 'ACTIVE' } });
  });

  it('changes somebody’s part in a class, and ends it', async () => {
    const ids = {
      classId: encodeId('Class', await school.class()),
      personId: encodeId('Person', await school.person()),
    };
    const { enrollment } = (await send('enrollPerson', { ...ids, role: 'teacher' })) as { enrollment: { id: string } };
    const change = { enrollmentId: enrollment.id, primary: true, beginDate: '2026-09-01', endDate: '2027-07-01' };
    assert.deepEqual(await send('updateEnrollment', change), {
      enrollment: { id: enrollment.id, role: 'teacher', primary: true, beginDate: '2026-09-01', endDate: '2027-07-01' },
    });
    assert.deepEqual(await send('archiveEnrollment', { enrollmentId: enrollment.id }), {
      enrollment: { id: enrollment.id, status: 'ARCHIVED' },
    });
    const again = (await send('enrollPerson', { ...ids, role: 'teacher' })) as { enrollment: { id: string } };
    assert.equal(again.enrollment.id, enrollment.id);
  });

  it('gains a year with a term in it, which are changed, put away and brought back', async () => {
    const days = { startDate: '2026-09-01', endDate: '2027-07-01' };
    const year = { schoolId, title: ' 2026–27 ', type: 'SCHOOLYEAR', ...days, schoolYear: '2027' };
    const made = (await send('createTerm', year)) as { term: Record<string, unknown> };
    const { id: yearId, ...rest } = made.term;
    assert.deepEqual(rest, {
      ...{ status: 'ACTIVE', title: '2026–27', type: 'schoolYear', ...days, schoolYear: '2027' },
      ...{ parent: null, sourcedId: null },
    });
    const autumn = { schoolId, title: 'Autumn', type: 'term', ...days, parentId: yearId };
    const { term } = (await send('createTerm', autumn)) as { term: { id: string; parent: unknown } };
    assert.deepEqual(term.parent, { id: yearId });
    const change = { termId: term.id, endDate: '2026-12-20', schoolYear: '2027', parentId: null };
    const changed = { id: term.id, title: 'Autumn', endDate: '2026-12-20', schoolYear: '2027', parent: null };
    assert.deepEqual(await send('updateTerm', change), { term: changed });
    assert.deepEqual(await send('updateTerm', { termId: term.id, parentId: yearId, schoolYear: null }), {
      term: { ...changed, parent: { id: yearId }, schoolYear: null },
    });

    assert.deepEqual(await send('archiveTerm', { termId: term.id }), { term: { id: term.id, status: 'ARCHIVED' } });
    assert.equal((await send('archiveTerm', { termId: term.id })).code, 'INVALID_STATE');
    assert.deepEqual(await send('restoreTerm', { termId: term.id }), { term: { id: term.id, status: 'ACTIVE' } });
    assert.equal((await send('restoreTerm', { termId: term.id })).code, 'INVALID_STATE');
  });

  it('has no term that ends before it begins, or that is part of itself', async () => {
    const year = await school.term();
    const half = await school.term({ parentId: year });
    const quarter = await school.term({ parentId: half });
    const [termId, parentId] = [encodeId('Term', year), encodeId('Term', quarter)];
    for (const [name, input, field] of [
      ['updateTerm', { termId, endDate: '2026-09-01' }, 'endDate'],
      ['updateTerm', { termId, startDate: '2027-07-01' }, 'endDate'],
      ['updateTerm', { termId, parentId }, 'parentId'],
      ['updateTerm', { termId, parentId: termId }, 'parentId'],
    ] as const) {
      assert.equal((await send(name, input)).fields?.[0]?.path[0], field, JSON.stringify(input));
    }
    const [row] = await tenant.write((tx) => tx`select end_date, parent_id from term where id = ${year}`);
    assert.deepEqual({ ...row }, { end_date: '2027-07-01', parent_id: null });
    assert.deepEqual(await send('updateTerm', { termId: parentId, parentId: termId }), {
      term: { id: parentId, title: '2026–27', endDate: '2027-07-01', schoolYear: null, parent: { id: termId } },
    });

    const ids = { classId: await school.class(), personId: await school.person() };
    const enrollmentId = encodeId('Enrollment', await school.enrollment({ ...ids, beginDate: '2026-09-01' }));
    const early = await send('updateEnrollment', { enrollmentId, endDate: '2026-08-01' });
    assert.equal(early.fields?.[0]?.path[0], 'endDate', 'also where only one of the days is given');
  });

  it('gains a course, whose classes stay when it is put away', async () => {
    const input = { schoolId, title: 'Biology', courseCode: 'BIO', subjects: ['Science'] };
    const { course } = (await send('createCourse', input)) as { course: Record<string, unknown> };
    const { id: courseId, ...made } = course;
    assert.deepEqual(made, {
      ...{ status: 'ACTIVE', title: 'Biology', courseCode: 'BIO', sourcedId: null },
      ...{ grades: [], subjects: ['Science'], subjectCodes: [] },
    });
    assert.deepEqual(await send('updateCourse', { courseId, title: 'Life', courseCode: null, subjects: [] }), {
      course: { id: courseId, title: 'Life', courseCode: null, subjects: [] },
    });
    const { class: taught } = (await send('createClass', { schoolId, title: '7b', courseId })) as { class: object };
    assert.deepEqual(await send('archiveCourse', { courseId }), {
      course: { id: courseId, status: 'ARCHIVED', classes: { totalCount: 1 } },
    });
    assert.deepEqual(Reflect.get(taught, 'course'), { id: courseId });
    assert.equal((await send('createClass', { schoolId, title: '7c', courseId })).code, 'NOT_FOUND');
    assert.deepEqual(await send('restoreCourse', { courseId }), { course: { id: courseId, status: 'ACTIVE' } });
  });

  it('says who answers for whom, once, until somebody ends it, and again', async () => {
    const studentId = encodeId('Person', await school.person());
    const guardianId = encodeId('Person', await school.person({ role: 'guardian' }));
    const made = await send('createGuardianLink', { studentId, guardianId, relationship: 'parent' });
    const { id: guardianLinkId, ...rest } = made.guardianLink as Record<string, unknown>;
    assert.deepEqual(rest, {
      ...{ status: 'ACTIVE', relationship: 'parent', sourcedId: null },
      ...{ student: { id: studentId }, guardian: { id: guardianId } },
    });
    assert.equal((await send('createGuardianLink', { studentId, guardianId })).code, 'INVALID_STATE');
    assert.deepEqual(await send('updateGuardianLink', { guardianLinkId, relationship: null }), {
      guardianLink: { id: guardianLinkId, relationship: null },
    });
    assert.deepEqual(await send('archiveGuardianLink', { guardianLinkId }), {
      guardianLink: { id: guardianLinkId, status: 'ARCHIVED' },
    });
    assert.equal((await send('archiveGuardianLink', { guardianLinkId })).code, 'INVALID_STATE');
    const again = await send('createGuardianLink', { studentId, guardianId, relationship: 'aunt' });
    assert.deepEqual(again.guardianLink, { id: guardianLinkId, ...rest, relationship: 'aunt' });

    const self = await send('createGuardianLink', { studentId, guardianId: studentId });
    assert.equal(self.fields?.[0]?.path[0], 'guardianId');
    await send('archivePerson', { personId: guardianId });
    const gone = await send('createGuardianLink', { studentId: guardianId, guardianId: studentId });
    assert.equal(gone.code, 'INVALID_STATE');
  });

  it('takes OneRoster’s words in whatever letters, and words of one’s own that say so', async () => {
    const person = { schoolId, givenName: 'Mia', familyName: 'Own' };
    for (const [given, kept] of [
      ['STUDENT', 'student'],
      ['districtadministrator', 'districtAdministrator'],
      ['ext:coach', 'ext:coach'],
    ]) {
      const made = (await send('createPerson', { ...person, role: given })) as { person: { role: string } };
      assert.equal(made.person.role, kept);
    }
  });

  it('refuses what makes no sense, field by field', async () => {
    const person = { schoolId, givenName: 'Mia', familyName: 'Own', role: 'student' };
    const personId = encodeId('Person', await school.person());
    const enrollmentId = encodeId('Enrollment', newId());
    for (const [name, input, field] of [
      ['createPerson', { ...person, givenName: ' ' }, 'givenName'],
      ['createPerson', { ...person, email: 'nobody' }, 'email'],
      ['createPerson', { ...person, role: 'a\0b' }, 'role'],
      ['createPerson', { ...person, role: 'pupil' }, 'role'],
      ['createPerson', { ...person, role: 'ext:' }, 'role'],
      ['createClass', { schoolId, title: 'Chess', classType: 'club' }, 'classType'],
      ['updatePerson', { personId, username: 'x'.repeat(256) }, 'username'],
      ['updatePerson', { personId, enabled: null }, 'enabled'],
      ['createClass', { schoolId, title: '' }, 'title'],
      ['createClass', { schoolId, title: 'Chess', grades: Array(51).fill('1') }, 'grades'],
      ['createClass', { schoolId, title: 'Chess', termIds: Array(201).fill('x') }, 'termIds'],
      ['updateEnrollment', { enrollmentId, beginDate: 'soon' }, 'beginDate'],
      ['updateEnrollment', { enrollmentId, beginDate: '2026-09-02', endDate: '2026-09-01' }, 'endDate'],
      ['updateEnrollment', { enrollmentId, role: null }, 'role'],
      ['updateEnrollment', { enrollmentId, role: 'principal' }, 'role'],
      ['createTerm', { schoolId, title: 'x', type: 'age', startDate: '2026-09-01', endDate: '2027-07-01' }, 'type'],
      [
        'createTerm',
        { schoolId, title: 'x', type: 'term', startDate: '2026-09-31', endDate: '2027-07-01' },
        'startDate',
      ],
      ['createTerm', { schoolId, title: 'x', type: 'term', startDate: '2026-09-01', endDate: '2026-09-01' }, 'endDate'],
      ['updateTerm', { termId: enrollmentId, schoolYear: '26/27' }, 'schoolYear'],
      ['updateTerm', { termId: enrollmentId, title: null }, 'title'],
      ['createCourse', { schoolId, title: ' ' }, 'title'],
      ['updateCourse', { courseId: enrollmentId, grades: null }, 'grades'],
      ['updateGuardianLink', { guardianLinkId: enrollmentId, relationship: '' }, 'relationship'],
    ] as const) {
      assert.equal((await send(name, input)).fields?.[0]?.path[0], field, JSON.stringify([name, field]));
    }
  });

  it('does not let anybody touch what is another’s, nor tell it from what is not there', async () => {
    const narrow = gateway.as(tenant.id, { schoolIds: [school.id] });
    const beside = await tenant.school();
    const theirs = await (await seedTenant(gateway.database.app)).school();
    const own = await school.class();

    for (const other of [beside, theirs, null]) {
      const make = async (type: string, id: Promise<string> | undefined) => encodeId(type, (await id) ?? newId());
      const person = await make('Person', other?.person());
      const classId = await make('Class', other?.class());
      const course = await make('Course', other?.course());
      const term = await make('Term', other?.term());
      const named = { givenName: 'Eve', familyName: 'Doe', role: 'student' };
      const days = { title: 'Eve’s', type: 'term', startDate: '2026-09-01', endDate: '2027-07-01' };
      const studentId = encodeId('Person', await school.person());
      const people = other && { studentId: await other.person(), guardianId: await other.person() };
      const link = await make('GuardianLink', people ? other.guardianLink(people) : undefined);
      for (const [name, input] of [
        ['createPerson', { schoolId: encodeId('School', other?.id ?? newId()), ...named }],
        ['createClass', { schoolId: encodeId('School', other?.id ?? newId()), title: 'Eve’s' }],
        ['createClass', { schoolId, title: 'Eve’s', courseId: course }],
        ['createClass', { schoolId, title: 'Eve’s', termIds: [term] }],
        ['updatePerson', { personId: person, givenName: 'Eve' }],
        ['archivePerson', { personId: person }],
        ['restorePerson', { personId: person }],
        ['updateClass', { classId, title: 'Eve’s' }],
        ['updateClass', { classId: encodeId('Class', own), courseId: course }],
        ['archiveClass', { classId }],
        ['restoreClass', { classId: 'garbage' }],
        ['enrollPerson', { classId: encodeId('Class', own), personId: person, role: 'student' }],
        ['updateEnrollment', { enrollmentId: person, role: 'teacher' }],
        ['archiveEnrollment', { enrollmentId: classId }],
        ['createTerm', { schoolId: encodeId('School', other?.id ?? newId()), ...days }],
        ['createTerm', { schoolId, ...days, parentId: term }],
        ['updateTerm', { termId: term, title: 'Eve’s' }],
        ['updateTerm', { termId: encodeId('Term', await school.term()), parentId: term }],
        ['archiveTerm', { termId: term }],
        ['restoreTerm', { termId: term }],
        ['createCourse', { schoolId: encodeId('School', other?.id ?? newId()), title: 'Eve’s' }],
        ['updateCourse', { courseId: course, title: 'Eve’s' }],
        ['archiveCourse', { courseId: course }],
        ['restoreCourse', { courseId: course }],
        ['createGuardianLink', { studentId, guardianId: person }],
        ['createGuardianLink', { studentId: person, guardianId: studentId }],
        ['createGuardianLink', { studentId: person, guardianId: person }],
        ['updateGuardianLink', { guardianLinkId: link, relationship: 'Eve’s' }],
        ['archiveGuardianLink', { guardianLinkId: link }],
      ] as const) {
        assert.deepEqual(await send(name, input, narrow), { code: 'NOT_FOUND' }, `${name} ${JSON.stringify(input)}`);
      }
    }
    const rows = await tenant.write(
      (tx) => tx`
        select title from class where title = 'Eve’s' union all select title from term where title = 'Eve’s'
        union all select title from course where title = 'Eve’s'`,
    );
    assert.equal(rows.length, 0);
  });

  it('needs the right to write', async () => {
    const reader = gateway.as(tenant.id, { scopes: ['roster:read'] });
    for (const name of Object.keys(selections) as Mutation[]) {
      const noun = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const what = noun.replace(/^[A-Z][a-z]+/, '');
      const made: Partial<Record<Mutation, object>> = {
        enrollPerson: { classId: 'x', personId: 'x', role: 'x' },
        createPerson: { schoolId, givenName: 'x', familyName: 'x', role: 'x' },
        createClass: { schoolId, title: 'x' },
        createTerm: { schoolId, title: 'x', type: 'x', startDate: 'x', endDate: 'x' },
        createCourse: { schoolId, title: 'x' },
        createGuardianLink: { studentId: 'x', guardianId: 'x' },
      };
      const input = made[name] ?? { [`${what.charAt(0).toLowerCase()}${what.slice(1)}Id`]: 'x' };
      const { codes } = await reader.run(`mutation ($input: ${noun}Input!) { ${name}(input: $input) { __typename } }`, {
        input,
      });
      assert.deepEqual(codes, ['FORBIDDEN'], name);
    }
  });
});

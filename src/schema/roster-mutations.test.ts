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
      ] as const) {
        assert.deepEqual(await send(name, input, narrow), { code: 'NOT_FOUND' }, `${name} ${JSON.stringify(input)}`);
      }
    }
    const rows = await tenant.write((tx) => tx`select title from class where title = 'Eve’s'`);
    assert.equal(rows.length, 0);
  });

  it('needs the right to write', async () => {
    const reader = gateway.as(tenant.id, { scopes: ['roster:read'] });
    for (const name of Object.keys(selections) as Mutation[]) {
      const noun = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const what = noun.replace(/^[A-Z][a-z]+/, '').toLowerCase();
      const input =
        name === 'enrollPerson'
          ? { classId: 'x', personId: 'x', role: 'x' }
          : name === 'createPerson'
            ? { schoolId, givenName: 'x', familyName: 'x', role: 'x' }
            : name === 'createClass'
              ? { schoolId, title: 'x' }
              : { [`${what}Id`]: 'x' };
      const { codes } = await reader.run(`mutation ($input: ${noun}Input!) { ${name}(input: $input) { __typename } }`, {
        input,
      });
      assert.deepEqual(codes, ['FORBIDDEN'], name);
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authMethodOf, capabilitiesOf, directionOf } from '../kit/capabilities.ts';
import { examine, type Failure } from '../kit/examination.ts';
import { googleWorkspace } from './index.ts';
import { addressOf, admin, domainName, type School, startSchool } from './test-school.ts';

/** Every method the connector calls; all but those for tokens. */
const routes = [
  'classroom.courses.list',
  'classroom.courses.get',
  'classroom.courses.teachers.list',
  'classroom.courses.students.list',
  'directory.users.list',
  'directory.users.get',
];

const faults = {
  unauthorised: { kind: 'status', status: 401 },
  forbidden: { kind: 'status', status: 403 },
  tooMany: { kind: 'status', status: 429, retryAfter: 1 },
  unwell: { kind: 'status', status: 503 },
  brokenBody: { kind: 'truncate', ends: 'quietly' },
  html: { kind: 'html' },
} as const satisfies Record<Failure, object>;

/** Two courses a page, so that the world below fills more than one. */
const rules = { coursePage: { usual: 2, most: 2 }, rosterPage: { usual: 1, most: 1 } };

examine(googleWorkspace, {
  folder: import.meta.dirname,
  start: async () => {
    const school = await startSchool({ rules });
    const { simulator, hand, context } = school;
    fill(school);
    const { serviceAccountKey = '' } = context.credentials;
    const { private_key: pem = '' } = JSON.parse(serviceAccountKey) as { private_key?: string };

    return {
      settings: { ...context.settings },
      credentials: { ...context.credentials },
      allowedHosts: [new URL(simulator.origin).host],
      secrets: [JSON.stringify(pem).slice(1, -1)],
      personal: ['Ørsted', 'ørsted', 'zoe@', 'cas@', admin],
      requests: () => simulator.journal.count(),
      fail: (how) => {
        for (const route of routes) simulator.faults.add({ ...faults[how], route, times: 'always' });
      },
      writings: {
        accounts: {
          key: school.id('Cas'),
          row: { givenName: 'Cas', familyName: 'Dee', email: addressOf('Cas'), role: 'student' },
          change: { givenName: ' Casper ', familyName: 'D'.repeat(80) },
        },
        courses: {
          row: { title: 'Maths 5B', classCode: '5B', location: null },
          refs: { teachers: [school.id('Zoë')] },
          change: { title: 'Algebra 5B', classCode: null, location: 'Room 2' },
        },
        teachers: {
          row: { role: 'teacher' },
          refs: { class: [{ made: 'courses' }], person: [school.id('Dana')] },
        },
        students: {
          row: { role: 'student' },
          refs: { class: [{ made: 'courses' }], person: [school.id('Cas')] },
        },
      },
      loseNextCreate: (stream) => {
        const route = stream === 'courses' ? 'classroom.courses.create' : `classroom.courses.${stream}.create`;
        simulator.faults.add({ kind: 'lost', route });
      },
      count: (stream) => {
        const { courses, teachers, students } = hand.counts();
        return { courses, teachers, students }[stream] ?? 0;
      },
      close: async () => {
        assert.deepEqual(simulator.problems, []);
        await school.close();
      },
    };
  },
});

/** Seven courses of one teacher, with two students in each. */
function fill({ hand }: School): void {
  for (let number = 0; number < 7; number += 1) {
    const course = hand.createCourse({ name: `Course ${number}`, owner: addressOf('Ann'), state: 'ACTIVE' });
    for (const who of ['Cas', 'Eli']) hand.addStudent(course, addressOf(who));
  }
}

void test('Google Workspace is a destination that credentials open, and can do what its functions can', () => {
  assert.equal(directionOf(googleWorkspace), 'DESTINATION');
  assert.equal(authMethodOf(googleWorkspace), 'CREDENTIALS');
  assert.deepEqual(
    capabilitiesOf(googleWorkspace).map(({ entity, action }) => `${entity} ${action}`),
    'person PULL,person UPDATE,class PULL,class CREATE,class UPDATE,class DELETE,enrollment PULL,enrollment CREATE,enrollment DELETE'.split(
      ',',
    ),
  );
});

void test('calls are counted for the account within its project', () => {
  const settings = { domain: domainName, customer: 'my_customer' };
  const token = { clientId: 'c', clientSecret: 'hush', refreshToken: 'long' };
  assert.deepEqual(googleWorkspace.quotaKeys(settings, token), { user: `c/my_customer/${domainName}`, project: 'c' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authMethodOf, capabilitiesOf, directionOf } from '../kit/capabilities.ts';
import { examine, type Failure } from '../kit/examination.ts';
import { edusign } from './index.ts';
import { at, heard, type School, startSchool, token, webhookSecret } from './test-school.ts';

const faults = {
  unauthorised: { kind: 'status', status: 401 },
  forbidden: { kind: 'status', status: 403 },
  tooMany: { kind: 'status', status: 429, retryAfter: 1 },
  unwell: { kind: 'status', status: 503 },
  brokenBody: { kind: 'truncate', ends: 'quietly' },
  html: { kind: 'html' },
} as const satisfies Record<Failure, object>;

const routes = { groups: 'groups', learners: 'students', instructors: 'professors', sheets: 'sheets' } as const;

examine(edusign, {
  folder: import.meta.dirname,
  start: async () => {
    const school = await startSchool({}, { groupSync: true, sendCredentials: true });
    const { simulator, hand, context, person } = school;
    const known = fill(school);

    return {
      settings: { ...context.settings },
      credentials: { ...context.credentials },
      allowedHosts: [new URL(simulator.origin).host],
      secrets: [token, webhookSecret],
      personal: ['Ørsted', 'zoe@', 'l1@', 'newcomer'],
      requests: () => simulator.journal.count(),
      fail: (how) => void simulator.faults.add({ ...faults[how], times: 'always' }),
      writings: {
        learners: {
          row: { givenName: 'Newcomer', familyName: 'Ørsted', email: 'Newcomer@example.org', role: 'student' },
          change: { givenName: 'Renamed ', email: 'renamed@example.org' },
        },
        instructors: {
          row: { givenName: 'Newcomer', familyName: 'Ørsted', email: 'newcomer@example.org', role: 'teacher' },
          change: { familyName: 'Ørsted-Bos' },
        },
        groups: {
          row: { title: 'TD 1', code: '2526_ING' },
          refs: { members: [{ made: 'learners' }, known.learner] },
          change: { title: 'TD 2', code: null },
        },
        sheets: {
          row: {
            title: 'Cours § Droit',
            description: 'Session 08:30',
            startsAt: at(4, 6),
            endsAt: at(4, 8),
            location: 'Salle 210',
          },
          refs: {
            instructors: [
              { made: 'instructors' },
              known.instructor,
              person('professor', 'Cas'),
              person('professor', 'Eli'),
            ],
            learners: [{ made: 'learners' }, known.learner],
            groups: [{ made: 'groups' }],
          },
          change: { startsAt: at(20, 6), endsAt: at(20, 9), location: null, title: ' Cours § Éthique ' },
        },
      },
      loseNextCreate: (stream) =>
        void simulator.faults.add({ kind: 'lost', route: `${routes[stream as keyof typeof routes]}.create` }),
      count: (stream) =>
        ({
          groups: () => hand.groups().length,
          learners: () => hand.people('student').length,
          instructors: () => hand.people('professor').length,
          sheets: () => hand.sheets().length,
        })[stream as keyof typeof routes](),
      ring: async () => {
        const id = hand.sheets()[0]?.ID ?? '';
        return { delivery: await heard(school, () => hand.lock(id)), secret: webhookSecret };
      },
      close: async () => {
        assert.deepEqual(simulator.problems, []);
        assert.deepEqual(hand.harmed(), []);
        await simulator.close();
      },
    };
  },
});

/** 103 learners, one instructor, and a sheet for each of 43 of them. */
function fill({ person, sheet, hand }: School): { learner: string; instructor: string } {
  const instructor = person('professor', 'Zoe', '7');
  const learners = Array.from({ length: 103 }, (_, number) => person('student', `L${number}`, `l${number}`));
  for (const [number, learner] of learners.slice(0, 43).entries())
    sheet(instructor, [learner], { API_ID: `s${number}` });
  hand.addGroup({ NAME: 'Promotion', STUDENTS: learners.slice(0, 3), API_ID: 'g1' });
  return { learner: learners[0] ?? '', instructor };
}

void test('Edusign is a destination that a key opens, and never removes anybody', () => {
  assert.equal(directionOf(edusign), 'DESTINATION');
  assert.equal(authMethodOf(edusign), 'CREDENTIALS');
  assert.deepEqual(
    capabilitiesOf(edusign).map(({ entity, action }) => `${entity} ${action}`),
    'group PULL,group CREATE,group UPDATE,person PULL,person CREATE,person UPDATE,meeting PULL,meeting CREATE,meeting UPDATE,meeting DELETE,meeting WEBHOOK'.split(
      ',',
    ),
  );
});

void test('calls are counted for the key, which is not told', () => {
  const of = (edusignToken: string) => edusign.quotaKeys({}, { edusignToken });
  assert.deepEqual(of('one'), of('one'));
  assert.notDeepEqual(of('one'), of('two'));
});

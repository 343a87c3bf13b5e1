import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Api } from './api.ts';
import type { Journey } from './journey.ts';
import { type Leg, noCounts, startLeg } from './leg.ts';
import { problemsOf, tallies } from './verdict.ts';

const school = {
  sourcedId: 's',
  name: 'Elm',
  people: 79,
  classes: 42,
  enrollments: 546,
  teachers: 42,
  students: 504,
  reads: 700,
};
const survey = { name: 'District', domain: 'school.example', schools: [school], accounts: [] };
const ended: Leg = { ...startLeg(null), phase: 'ended', outcome: 'SUCCEEDED', outcomeOf: 'run-1' };
const held = { people: 79, classes: 42, enrollments: 546 };
const inClassroom = { courses: 42, teachers: 42, students: 504, invitations: 0 };
const api = {
  ask: async () => ({
    node: {
      heldReason: null,
      error: { code: 'unwell', message: 'The SIS does not answer.', remedy: 'Try again later.' },
    },
  }),
} as unknown as Api;

function journey(sis: Leg): Journey {
  const connected = { id: 'school-1', name: 'Elm', survey: school, sisId: 'sis-1', classroomId: 'classroom-1' };
  return { school: connected, told: new Set(), legs: { sis, classroom: ended } };
}

describe('the verdict', () => {
  it('finds nothing wrong where all three systems hold the same', async () => {
    const counted = tallies(survey, held, inClassroom);
    assert.deepEqual(await problemsOf(api, [journey(ended)], counted, inClassroom), []);
  });

  it('tells a missing record, and an invitation that nobody asked for', async () => {
    const classroom = { ...inClassroom, students: 503, invitations: 1 };
    const counted = tallies(survey, { ...held, people: 78 }, classroom);
    assert.deepEqual(await problemsOf(api, [journey(ended)], counted, classroom), [
      'The SIS holds 79 people, Homeroom 78.',
      'The SIS holds 546 enrollments, Homeroom 546, Classroom 545.',
      '1 invitation nobody asked for.',
    ]);
  });

  it('tells a run that failed, with what can be done about it', async () => {
    const counted = tallies(survey, held, null);
    const failed: Leg = { ...ended, outcome: 'FAILED', counts: { ...noCounts, failed: 2 } };
    assert.deepEqual(await problemsOf(api, [journey(failed)], counted, null), [
      'Elm, SIS sync: FAILED, 2 failed. The SIS does not answer. Try again later.',
    ]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callsAMinute, callsTake, classroomCalls } from './estimate.ts';

const school = {
  sourcedId: 's',
  name: 'Elm',
  people: 0,
  classes: 40,
  enrollments: 0,
  teachers: 44,
  students: 500,
  reads: 0,
};

describe('the estimate of the Classroom leg', () => {
  it('counts a call for each course, each student, and each teacher who is not the owner', () => {
    assert.equal(classroomCalls(school), 40 + 4 + 500);
  });

  it('lets a burst through and then keeps below the 1,200 calls a minute that Google allows an account', () => {
    assert.equal(callsTake(50), 0);
    assert.ok(callsAMinute() > 300 && callsAMinute() < 1_200, `${callsAMinute()}`);
    const minutes = (callsTake(200_000) - callsTake(100_000)) / 60_000;
    assert.ok(Math.abs(100_000 / minutes - callsAMinute()) < 1);
  });
});

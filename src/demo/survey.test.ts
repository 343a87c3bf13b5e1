import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generateDistrict } from '../simulators/district/generate.ts';
import { surveyDistrict } from './survey.ts';
import { surveyAside } from './survey-aside.ts';

const options = { seed: 'survey', size: 'small', asOf: new Date('2026-11-10T08:00:00Z') } as const;

describe('the survey of a district', () => {
  const survey = surveyDistrict(options);
  const district = generateDistrict(options);

  it('counts what its schools hold', () => {
    const sum = (key: 'classes' | 'enrollments' | 'teachers' | 'students') =>
      survey.schools.reduce((total, school) => total + school[key], 0);
    assert.equal(survey.schools.length, 3);
    assert.equal(sum('classes'), district.classes.length);
    assert.equal(sum('enrollments'), district.enrollments.length);
    assert.equal(sum('teachers') + sum('students'), district.enrollments.length);
    const [school] = survey.schools;
    const here = district.users.filter(({ roles }) =>
      roles.some(({ orgSourcedId }) => orgSourcedId === school?.sourcedId),
    );
    assert.equal(school?.people, here.length);
  });

  it('gives accounts to staff and students, in one domain, and not to families', () => {
    assert.ok(survey.accounts.every(({ primaryEmail }) => primaryEmail.endsWith(`@${survey.domain}`)));
    const families = district.users.filter(({ roles }) =>
      roles.every(({ role }) => /parent|guardian|relative/.test(role)),
    );
    assert.equal(survey.accounts.length, district.users.length - families.length);
  });

  it('is the same from a thread of its own', async () => {
    assert.deepEqual(await surveyAside(options), survey);
  });
});

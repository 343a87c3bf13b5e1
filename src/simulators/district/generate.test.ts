import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generateDistrict } from './generate.ts';
import type { District, Enrollment } from './records.ts';

const asOf = new Date('2026-01-15T00:00:00.000Z');

/** Everything that refers to a record that is not there, in words. */
function danglingReferences(district: District): string[] {
  const ids = (records: readonly { sourcedId: string }[]) => new Set(records.map(({ sourcedId }) => sourcedId));
  const [orgs, sessions, courses] = [ids(district.orgs), ids(district.academicSessions), ids(district.courses)];
  const [classes, users] = [ids(district.classes), ids(district.users)];
  const missing: string[] = [];
  const check = (known: ReadonlySet<string>, what: string, wanted: readonly (string | undefined)[]) => {
    for (const id of wanted) if (id !== undefined && !known.has(id)) missing.push(`${what} ${id}`);
  };

  for (const one of district.orgs) check(orgs, 'parent org', [one.parentSourcedId]);
  for (const one of district.academicSessions) check(sessions, 'parent session', [one.parentSourcedId]);
  for (const one of district.courses) {
    check(orgs, 'org of course', [one.orgSourcedId]);
    check(sessions, 'year of course', [one.schoolYearSourcedId]);
  }
  for (const one of district.classes) {
    check(courses, 'course of class', [one.courseSourcedId]);
    check(orgs, 'school of class', [one.schoolSourcedId]);
    check(sessions, 'term of class', one.termSourcedIds);
  }
  for (const one of district.users) {
    check(orgs, 'org of user', [one.primaryOrgSourcedId, ...one.roles.map(({ orgSourcedId }) => orgSourcedId)]);
    check(users, 'agent of user', one.agentSourcedIds);
  }
  for (const one of district.enrollments) {
    check(users, 'user of enrollment', [one.userSourcedId]);
    check(classes, 'class of enrollment', [one.classSourcedId]);
    check(orgs, 'school of enrollment', [one.schoolSourcedId]);
  }
  check(
    users,
    'user of demographics',
    district.demographics.map(({ sourcedId }) => sourcedId),
  );
  return missing;
}

function schoolsOf(district: District) {
  return district.orgs
    .filter(({ type }) => type === 'school')
    .map((org) => ({
      org,
      people: district.users.filter(({ roles }) => roles.some(({ orgSourcedId }) => orgSourcedId === org.sourcedId)),
      enrollments: district.enrollments.filter(({ schoolSourcedId }) => schoolSourcedId === org.sourcedId),
    }));
}

function repeated(values: readonly (string | undefined)[]): (string | undefined)[] {
  return values.filter((value, i) => value !== undefined && values.indexOf(value) !== i);
}

const byClass = (enrollments: readonly Enrollment[]) => Map.groupBy(enrollments, (one) => one.classSourcedId);

describe('a generated district', () => {
  const district = generateDistrict({ seed: 'homeroom', asOf });

  it('is the same for the same seed and another one for another seed', () => {
    assert.deepEqual(generateDistrict({ seed: 'homeroom', asOf }), district);
    assert.notDeepEqual(generateDistrict({ seed: 'other', asOf }).users, district.users);
  });

  it('has no reference that leads nowhere', () => {
    assert.deepEqual(danglingReferences(district), []);
  });

  it('gives every record an id of its own, and every person a username, number and e-mail of their own', () => {
    const { demographics: _, ...withOwnIds } = district;
    assert.deepEqual(
      repeated(
        Object.values(withOwnIds)
          .flat()
          .map(({ sourcedId }) => sourcedId),
      ),
      [],
    );
    assert.deepEqual(repeated(district.users.map(({ username }) => username)), []);
    assert.deepEqual(repeated(district.users.map(({ identifier }) => identifier)), []);
    assert.deepEqual(repeated(district.users.map(({ email }) => email)), []);
  });

  it('writes addresses in ASCII, under domains that belong to nobody', () => {
    for (const { email } of district.users) assert.match(email ?? '', /^[a-z0-9.-]{3,64}@[a-z0-9]+\.example$/u);
  });

  it('gives every class exactly one primary teacher, at least one student, and some two teachers', () => {
    const classes = byClass(district.enrollments);
    assert.equal(classes.size, district.classes.length);
    for (const members of classes.values()) {
      assert.equal(members.filter(({ role, primary }) => role === 'teacher' && primary === true).length, 1);
      assert.ok(members.some(({ role }) => role === 'student'));
    }
    for (const { enrollments } of schoolsOf(district)) {
      assert.ok(enrollments.some(({ role, primary }) => role === 'teacher' && primary === false));
    }
  });

  it('puts nobody into a class twice', () => {
    assert.deepEqual(repeated(district.enrollments.map((one) => `${one.userSourcedId} ${one.classSourcedId}`)), []);
  });

  it('gives a small school about 600 enrollments and about a hundred people', () => {
    const schools = schoolsOf(district);
    assert.equal(schools.length, 3);
    for (const { org, people, enrollments } of schools) {
      assert.ok(enrollments.length > 550 && enrollments.length < 650, `${org.name}: ${enrollments.length} enrollments`);
      assert.ok(people.length >= 80 && people.length <= 110, `${org.name}: ${people.length} people`);
    }
  });

  it('has a student at two schools, enrolled in both', () => {
    const shared = district.users.filter(({ roles }) => roles.filter(({ role }) => role === 'student').length === 2);
    assert.equal(shared.length, 1);
    const schools = district.enrollments
      .filter(({ userSourcedId }) => userSourcedId === shared[0]?.sourcedId)
      .map(({ schoolSourcedId }) => schoolSourcedId);
    assert.equal(new Set(schools).size, 2);
  });

  it('links guardians and students in both directions', () => {
    const users = new Map(district.users.map((user) => [user.sourcedId, user]));
    const linked = district.users.filter(({ agentSourcedIds }) => agentSourcedIds.length > 0);
    assert.ok(linked.length > 50);
    for (const user of linked) {
      for (const agent of user.agentSourcedIds) {
        assert.ok(users.get(agent)?.agentSourcedIds.includes(user.sourcedId));
      }
    }
  });

  it('has names that are long, short, hyphenated, apostrophised and beyond Latin-1', () => {
    const names = district.users.flatMap(({ givenName, familyName }) => [givenName, familyName]);
    assert.ok(names.some((name) => name.length > 90 && name.length <= 100));
    assert.ok(names.every((name) => name.length <= 100));
    for (const pattern of [/^.$/u, /-/u, /’/u, /'/u, /ñ/u, /ß/u, /ł/iu, /ø/iu, /ễ/u, /[\u0370-\u03ff\u3040-\u9fff]/u]) {
      assert.ok(
        names.some((name) => pattern.test(name)),
        `no name with ${pattern}`,
      );
    }
  });

  it('lies around the day it is looked at, and nothing in it was changed later', () => {
    for (const day of ['2025-08-01', '2026-01-15', '2026-07-31', '2028-02-29']) {
      const { academicSessions, users } = generateDistrict({
        seed: 1,
        schools: 1,
        asOf: new Date(`${day}T12:00:00.000Z`),
      });
      const current = academicSessions.filter(({ startDate, endDate }) => startDate <= day && day < endDate);
      assert.deepEqual(
        current.map(({ type }) => type),
        ['schoolYear', 'semester', 'term', 'gradingPeriod'],
      );
      assert.match(current[0]?.schoolYear ?? '', /^\d{4}$/u);
      assert.ok(users.every(({ dateLastModified }) => dateLastModified <= `${day}T12:00:00.000Z`));
    }
  });

  it('is untidy only when asked to be', () => {
    const untidy = generateDistrict({ seed: 'homeroom', asOf, untidy: true });
    assert.equal(district.users.filter(({ email }) => email === undefined).length, 0);
    assert.equal(untidy.users.filter(({ email }) => email === undefined).length, 3);
    assert.equal(danglingReferences(untidy).length, 6);
    const both = untidy.users.filter(({ roles }) => new Set(roles.map(({ role }) => role)).size > 1);
    assert.ok(both.length >= 1 && both.length <= 3);
  });

  it('has 10,000 students in the district size', () => {
    const big = generateDistrict({ seed: 1, size: 'district', schools: 5, asOf });
    assert.equal(big.demographics.length, 10_000);
    assert.equal(schoolsOf(big).length, 5);
    assert.equal(new Set(big.users.map(({ email }) => email)).size, big.users.length);
    for (const members of byClass(big.enrollments).values()) assert.ok(members.length <= 30);
  });
});

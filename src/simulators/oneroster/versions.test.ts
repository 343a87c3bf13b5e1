import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Version } from './options.ts';
import { type Answered, district, startTestClient, type TestClient } from './test-client.ts';
import type { Wire } from './wire-parts.ts';

const scopes = ['roster.readonly', 'roster-demographics.readonly'] as const;
const school = district.orgs.find(({ type }) => type === 'school');
const principal = district.users.find(({ roles }) => roles.some(({ role }) => role === 'principal'));
const shared = district.users.find(({ roles }) => roles.length === 2 && roles.every(({ role }) => role === 'student'));
const guardian = district.users.find(({ roles }) => roles.some(({ role }) => role === 'guardian'));

let client: TestClient;
before(async () => {
  client = await startTestClient({ clients: [{ id: 'demo', secret: 'secret', scopes }] });
});
after(async () => {
  assert.deepEqual(client.simulator.problems, []);
  await client.simulator.close();
});

const one = async (path: string, key: string, version?: Version): Promise<Wire> => {
  const { status, body } = await client.get(path, version);
  assert.equal(status, 200, path);
  return body[key] as Wire;
};

/** A reference or an object in a record. */
function part(record: Wire | undefined, field: string): Wire {
  return record?.[field] as Wire;
}

describe('OneRoster 1.1', () => {
  it('gives a user one role and a list of orgs', async () => {
    const user = await one(`/users/${principal?.sourcedId}`, 'user');
    assert.equal(user.role, 'administrator');
    assert.deepEqual(user.orgs, [
      {
        href: `${client.simulator.baseUrls['1.1']}/orgs/${principal?.roles[0]?.orgSourcedId}`,
        sourcedId: principal?.roles[0]?.orgSourcedId,
        type: 'org',
      },
    ]);
    assert.equal(user.enabledUser, 'true');
    assert.ok(!('roles' in user) && !('primaryOrg' in user));
    const student = await one(`/users/${shared?.sourcedId}`, 'user');
    assert.equal((student.orgs as Wire[]).length, 2);
  });

  it('knows two sexes and leaves the others out', async () => {
    const records = await client.list('/demographics?limit=5000');
    assert.ok(records.every(({ sex }) => sex === undefined || sex === 'male' || sex === 'female'));
  });

  it('answers errors with imsx_codeMinor', async () => {
    const { status, body } = await client.get('/users/nobody');
    assert.equal(status, 404);
    assert.match(JSON.stringify(body), /"imsx_codeMinor":\{.*"unknownobject"/u);
  });

  it('is served under the path of 1.0 as well', async () => {
    const { simulator } = client;
    const base = simulator.baseUrls['1.1'];
    simulator.baseUrls['1.1'] = `${simulator.origin}/learningdata/v1`;
    assert.equal((await client.list('/orgs')).length, district.orgs.length);
    simulator.baseUrls['1.1'] = base;
  });
});

describe('OneRoster 1.2', () => {
  it('gives a user roles at orgs and a primary org', async () => {
    const user = await one(`/users/${principal?.sourcedId}`, 'user', '1.2');
    const [role] = user.roles as Wire[];
    assert.equal(role?.role, 'principal');
    assert.equal(role?.roleType, 'primary');
    assert.equal(part(role, 'org').sourcedId, principal?.roles[0]?.orgSourcedId);
    assert.equal(part(user, 'primaryOrg').sourcedId, principal?.primaryOrgSourcedId);
    assert.ok(!('role' in user) && !('orgs' in user));
    assert.match(String(part(role, 'org').href), /\/ims\/oneroster\/rostering\/v1p2\/orgs\//u);
  });

  it('answers errors with imsx_CodeMinor', async () => {
    const { body } = await client.get('/users/nobody', '1.2');
    assert.match(JSON.stringify(body), /"imsx_CodeMinor":\{.*"unknownobject"/u);
  });

  it('is not there when the server has only 1.1, and the other way round', async () => {
    const old = await startTestClient({ versions: ['1.1'] });
    assert.deepEqual(Object.keys(old.simulator.baseUrls), ['1.1']);
    const response = await fetch(`${old.simulator.origin}/ims/oneroster/rostering/v1p2/orgs`);
    assert.equal(response.status, 404);
    await old.simulator.close();
  });
});

describe('both versions', () => {
  const collections: [path: string, envelope: string, count: number][] = [
    ['/orgs', 'orgs', district.orgs.length],
    ['/schools', 'orgs', 3],
    ['/academicSessions', 'academicSessions', 11],
    ['/terms', 'academicSessions', 4],
    ['/gradingPeriods', 'academicSessions', 4],
    ['/courses', 'courses', district.courses.length],
    ['/classes', 'classes', district.classes.length],
    ['/users', 'users', district.users.length],
    ['/students', 'users', district.demographics.length],
    ['/teachers', 'users', district.users.filter(({ roles }) => roles[0]?.role === 'teacher').length],
    ['/enrollments', 'enrollments', district.enrollments.length],
    ['/demographics', 'demographics', district.demographics.length],
  ];
  for (const [path, envelope, count] of collections) {
    it(`serve ${path} and its single records in the right envelope`, async () => {
      for (const version of ['1.1', '1.2'] as const) {
        const { body, headers } = await client.get(`${path}?limit=3`, version);
        assert.deepEqual(Object.keys(body), [envelope]);
        assert.equal(headers.get('x-total-count'), String(count));
        assert.match(headers.get('content-type') ?? '', /^application\/json/u);
        const [first] = body[envelope] as Wire[];
        assert.match(String(first?.dateLastModified), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
        const single = await client.get(`${path}/${String(first?.sourcedId)}`, version);
        assert.deepEqual(Object.values(single.body), [first]);
      }
    });
  }

  it('serve what stands below a school, a class, a course, a term and a person', async () => {
    const record = district.classes.find((one) => one.schoolSourcedId === school?.sourcedId);
    const members = district.enrollments.filter((one) => one.classSourcedId === record?.sourcedId);
    const students = members.filter(({ role }) => role === 'student');
    const [teacher] = members.filter(({ role, primary }) => role === 'teacher' && primary === true);
    const [term] = record?.termSourcedIds ?? [];
    const at = (list: readonly { schoolSourcedId: string }[]) =>
      list.filter(({ schoolSourcedId }) => schoolSourcedId === school?.sourcedId).length;
    const taught = (person: string | undefined) =>
      district.enrollments.filter(({ userSourcedId }) => userSourcedId === person).length;

    const expected: [path: string, count: number][] = [
      [`/schools/${school?.sourcedId}/classes`, at(district.classes)],
      [`/schools/${school?.sourcedId}/enrollments`, at(district.enrollments)],
      [
        `/schools/${school?.sourcedId}/courses`,
        district.courses.filter((one) => one.orgSourcedId === school?.sourcedId).length,
      ],
      [`/schools/${school?.sourcedId}/terms`, 4],
      [`/schools/${school?.sourcedId}/classes/${record?.sourcedId}/enrollments`, members.length],
      [`/schools/${school?.sourcedId}/classes/${record?.sourcedId}/students`, students.length],
      [`/schools/${school?.sourcedId}/classes/${record?.sourcedId}/teachers`, members.length - students.length],
      [`/classes/${record?.sourcedId}/students`, students.length],
      [`/classes/${record?.sourcedId}/teachers`, members.length - students.length],
      [`/courses/${record?.courseSourcedId}/classes`, 1],
      [`/terms/${term}/gradingPeriods`, 1],
      [
        `/terms/${term}/classes`,
        district.classes.filter(({ termSourcedIds }) => termSourcedIds.includes(term ?? '')).length,
      ],
      [`/students/${students[0]?.userSourcedId}/classes`, taught(students[0]?.userSourcedId)],
      [`/teachers/${teacher?.userSourcedId}/classes`, taught(teacher?.userSourcedId)],
      [`/users/${teacher?.userSourcedId}/classes`, taught(teacher?.userSourcedId)],
    ];
    for (const [path, count] of expected) {
      assert.equal((await client.get(path)).headers.get('x-total-count'), String(count), path);
    }
    const inSchool = await client.list(`/schools/${school?.sourcedId}/students?limit=1000`);
    assert.ok(inSchool.length >= 54 && inSchool.every(({ role }) => role === 'student'));
    assert.ok((await client.list(`/schools/${school?.sourcedId}/teachers`)).length >= 8);
  });

  it('answer an empty list below an unknown record and 404 for an unknown single one', async () => {
    assert.deepEqual((await client.get('/schools/1000000/students')).body, { users: [] });
    assert.equal((await client.get(`/schools/${district.orgs[0]?.sourcedId}`)).status, 404);
    assert.equal((await client.get(`/students/${principal?.sourcedId}`)).status, 404);
    assert.equal((await client.get('/planets')).status, 404);
  });

  it('write references by singular type, and children and agents in both directions', async () => {
    const org = await one(`/orgs/${school?.sourcedId}`, 'org');
    const parent = await one(`/orgs/${String(part(org, 'parent').sourcedId)}`, 'org');
    assert.ok((parent.children as Wire[]).some(({ sourcedId }) => sourcedId === school?.sourcedId));
    const contact = await one(`/users/${guardian?.sourcedId}`, 'user');
    const [child] = contact.agents as Wire[];
    assert.equal(child?.type, 'user');
    const student = await one(`/users/${String(child?.sourcedId)}`, 'user');
    assert.ok((student.agents as Wire[]).some(({ sourcedId }) => sourcedId === guardian?.sourcedId));
    const [enrollment] = await client.list('/enrollments?limit=1');
    const types = ['user', 'class', 'school'].map((field) => part(enrollment, field).type);
    assert.deepEqual(types, ['user', 'class', 'org']);
  });

  it('refuse everything but reading', async () => {
    const response = await fetch(`${client.simulator.baseUrls['1.1']}/orgs`, { method: 'PUT' });
    assert.equal(response.status, 405);
  });

  it('do without nested collections where a server has none', async () => {
    const flat = await startTestClient({ nested: false });
    assert.equal((await flat.get(`/schools/${school?.sourcedId}/classes`)).status, 404);
    assert.equal((await flat.get('/classes?limit=1')).status, 200);
    await flat.simulator.close();
  });

  it('stand behind a prefix where a server has one', async () => {
    const prefixed = await startTestClient({ prefix: '/campus' });
    assert.match(prefixed.simulator.tokenUrl, /\/campus\/oauth2\/token$/u);
    assert.match(prefixed.simulator.baseUrls['1.1'] ?? '', /\/campus\/ims\/oneroster\/v1p1$/u);
    assert.equal((await prefixed.list('/orgs')).length, 4);
    await prefixed.simulator.close();
  });
});

describe('error bodies', () => {
  const told = async (errors: 'status-info-set' | 'string-code-minor' | 'unprefixed' | 'html' | 'text' | 'empty') => {
    const asked = await startTestClient({ errors });
    const answer: Answered = await asked.get('/orgs?limit=0');
    await asked.simulator.close();
    assert.equal(answer.status, 400);
    return answer;
  };

  it('come in the shapes that servers really send', async () => {
    assert.ok(Array.isArray((await told('status-info-set')).body.statusInfoSet));
    assert.equal((await told('string-code-minor')).body.imsx_codeMinor, 'invalid_data');
    assert.equal((await told('unprefixed')).body.codeMinor, 'invaliddata');
    assert.match((await told('html')).headers.get('content-type') ?? '', /^text\/html/u);
    assert.match(String((await told('text')).body.text), /limit must be/u);
    assert.equal((await told('empty')).body.text, '');
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { compileFilter, parseFilter } from './filter.ts';
import { district, startTestClient, type TestClient } from './test-client.ts';

describe('a filter', () => {
  const user = {
    sourcedId: 'u1',
    status: 'active',
    dateLastModified: '2026-01-15T08:30:00.000Z',
    familyName: 'O’Brien',
    username: "d'arcy",
    role: 'student',
    grades: ['09', '10'],
    enabledUser: 'true',
    agents: [{ href: 'x', sourcedId: 'a1', type: 'user' }],
    metadata: { 'microsoft.userFlags': 'ELL' },
  };
  const cases: [filter: string, passes: boolean][] = [
    ["status='active'", true],
    ["status!='active'", false],
    ["sourcedId='U1'", false],
    ["dateLastModified>'2026-01-15'", true],
    ["dateLastModified>'2026-01-15T08:30:00.000Z'", false],
    ["dateLastModified>='2026-01-15T08:30:00Z'", true],
    ["dateLastModified<'2026-01-15T09:30:00+01:00'", false],
    ["dateLastModified<='2026-01-15T09:30:00.000+01:00'", true],
    ["familyName~'Bri'", true],
    ["familyName~'bri'", false],
    ["username='d'arcy'", true],
    ["grades='09,10'", true],
    ["grades='09,11'", false],
    ["grades~'11,10'", true],
    ["grades~'11,12'", false],
    ["grades!='09,10'", false],
    ["enabledUser='true'", true],
    ["middleName='x'", false],
    ["middleName!='x'", true],
    ["agents.sourcedId='a1'", true],
    ["metadata.microsoft.userFlags='ELL'", true],
    ["role='student' AND status='active'", true],
    ["role='teacher' AND status='active'", false],
    ["role='teacher' OR status='active'", true],
    ["familyName='x' OR familyName='y'", false],
  ];

  for (const [text, passes] of cases) {
    it(`${passes ? 'lets a user pass by' : 'keeps a user out by'} ${text}`, () => {
      assert.equal(compileFilter(parseFilter(text), '1.1', 'users')(user), passes);
    });
  }

  it('is refused when it cannot be read or has too many parts', () => {
    const texts = [
      'status',
      'status=active',
      "status='active' AND",
      "='x'",
      "status='a' AND status='b' AND status='c'",
    ];
    for (const text of texts) assert.throws(() => parseFilter(text), { name: 'Error' }, text);
  });

  it('is refused for an unknown field, an unknown part of one, and a date that is none', () => {
    for (const text of ["colour='red'", "agents='a1'", "agents.colour='red'", "metadata='x'", "toString='x'"]) {
      const filter = parseFilter(text);
      assert.throws(() => compileFilter(filter, '1.1', 'users'), /cannot be filtered by/u, text);
    }
    assert.throws(() => compileFilter(parseFilter("dateLastModified>'soon'"), '1.1', 'users'), /is no date/u);
  });
});

describe('filters over HTTP', () => {
  let client: TestClient;
  before(async () => {
    client = await startTestClient();
  });
  after(() => client.simulator.close());

  const where = (filter: string) => `limit=5000&filter=${encodeURIComponent(filter)}`;

  it('show what was changed since a moment, tombstones too', async () => {
    const { sis, clock } = client.simulator;
    const mark = clock.now().toISOString();
    clock.advance(60_000);
    const [enrollment] = sis.records('enrollments');
    assert.ok(enrollment);
    sis.remove('enrollments', enrollment.sourcedId);

    const changed = await client.list(`/enrollments?${where(`dateLastModified>'${mark}'`)}`);
    assert.equal(changed.length, 1);
    assert.equal(changed[0]?.sourcedId, enrollment.sourcedId);
    assert.equal(changed[0]?.status, 'tobedeleted');
    const active = await client.list(`/enrollments?${where("status='active'")}`);
    assert.equal(active.length, district.enrollments.length - 1);
  });

  it('are counted in the total before paging', async () => {
    const { headers, body } = await client.get(`/users?limit=1&filter=${encodeURIComponent("role='teacher'")}`);
    const teachers = district.users.filter(({ roles }) => roles.some(({ role }) => role === 'teacher'));
    assert.equal(headers.get('x-total-count'), String(teachers.length));
    assert.equal((body.users as unknown[]).length, 1);
  });

  it('answer an empty list when nothing passes', async () => {
    const { status, body } = await client.get(`/users?${where("sourcedId='norecords'")}`);
    assert.equal(status, 200);
    assert.deepEqual(body, { users: [] });
  });

  it('answer 400 and invalid_filter_field for a field of another version', async () => {
    const refused = await client.get(`/users?${where("role='student'")}`, '1.2');
    assert.equal(refused.status, 400);
    assert.match(JSON.stringify(refused.body), /invalid_filter_field/u);
    const students = await client.list(`/users?${where("roles.role='student'")}`, '1.2');
    assert.equal(students.length, district.demographics.length);
  });
});

describe('a server with poor filters', () => {
  const active = `/users?limit=1&filter=${encodeURIComponent("status='tobedeleted'")}`;

  it('refuses fields that are not in its short list', async () => {
    const { simulator, get } = await startTestClient({ filtering: ['status'] });
    assert.equal((await get(active)).status, 200);
    assert.equal((await get(`/users?filter=${encodeURIComponent("email='x'")}`)).status, 400);
    await simulator.close();
  });

  it('refuses them all, or ignores them', async () => {
    const strict = await startTestClient({ filtering: 'refused', sorting: 'refused' });
    assert.equal((await strict.get(active)).status, 400);
    assert.equal((await strict.get('/users?sort=sourcedId')).status, 400);
    await strict.simulator.close();

    const careless = await startTestClient({ filtering: 'ignored', sorting: 'ignored' });
    assert.equal((await careless.get(active)).headers.get('x-total-count'), String(district.users.length));
    const [first] = await careless.list('/users?sort=sourcedId&orderBy=desc');
    assert.equal(first?.sourcedId, district.users.map(({ sourcedId }) => sourcedId).sort()[0]);
    await careless.simulator.close();
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Quirk, quirks } from './quirks.ts';
import { type Answered, district, linkTo, startTestClient } from './test-client.ts';
import type { Wire } from './wire-parts.ts';

const clients = [
  { id: 'demo', secret: 'secret', scopes: ['roster.readonly', 'roster-demographics.readonly'] as const },
];
const shared = district.users.find(({ roles }) => roles.length === 2 && roles.every(({ role }) => role === 'student'));
const guardian = district.users.find(({ roles }) => roles.some(({ role }) => role === 'guardian'));
const school = district.orgs.find(({ type }) => type === 'school');

/** The first record of an answer, or the single one. */
function recordOf({ body }: Answered): Wire {
  const [value] = Object.values(body);
  return (Array.isArray(value) ? value[0] : value) as Wire;
}

const reference = (record: Wire, field: string) => record[field] as Wire;

/** What each quirk does: a path to ask, and what must be true of the answer. */
const seen: Record<Quirk, [path: string, check: (answer: Answered) => void]> = {
  'silent-cap': ['/enrollments?limit=5000', ({ body }) => assert.equal((body.enrollments as Wire[]).length, 500)],
  'no-total': ['/orgs', ({ headers }) => assert.equal(headers.get('x-total-count'), null)],
  'no-link': ['/orgs?limit=1', ({ headers }) => assert.equal(headers.get('link'), null)],
  'other-headers': [
    '/orgs?limit=1',
    ({ headers }) => {
      assert.equal(headers.get('x-count'), '4');
      assert.equal(headers.get('x-perm-rev'), '0');
      assert.equal(headers.get('x-total-count'), null);
    },
  ],
  'inflated-total': ['/orgs', ({ headers }) => assert.equal(headers.get('x-total-count'), '5')],
  'ignored-offset': [
    '/orgs?limit=1&offset=2',
    (answer) => assert.equal(recordOf(answer).sourcedId, district.orgs.map(({ sourcedId }) => sourcedId).sort()[0]),
  ],
  'next-link-loops': [
    '/orgs?limit=1&offset=1',
    ({ headers }) => assert.match(linkTo(headers, 'next') ?? '', /offset=1$/u),
  ],
  'path-envelope': ['/students?limit=1', ({ body }) => assert.deepEqual(Object.keys(body), ['students'])],
  'wrong-envelope': ['/schools', ({ body }) => assert.deepEqual(Object.keys(body), ['school'])],
  'seven-digit-dates': [
    '/orgs',
    (answer) => assert.match(String(recordOf(answer).dateLastModified), /\.\d{3}0000\+00:00$/u),
  ],
  'plain-dates': ['/orgs', (answer) => assert.match(String(recordOf(answer).dateLastModified), /^\d{4}-\d\d-\d\d$/u)],
  'no-fraction-dates': ['/orgs', (answer) => assert.match(String(recordOf(answer).dateLastModified), /:\d\dZ$/u)],
  'local-dates': ['/orgs', (answer) => assert.match(String(recordOf(answer).dateLastModified), /T\d\d:\d\d:\d\d$/u)],
  'missing-reference-id': [
    `/orgs/${school?.sourcedId}`,
    (answer) => assert.deepEqual(Object.keys(reference(recordOf(answer), 'parent')), ['href', 'type']),
  ],
  'wrong-reference-type': [
    '/enrollments?limit=1',
    (answer) => assert.equal(reference(recordOf(answer), 'school').type, 'user'),
  ],
  'upper-case-references': [
    '/enrollments?limit=1',
    (answer) => assert.match(String(reference(recordOf(answer), 'user').sourcedId), /^[0-9A-F-]{36}$/u),
  ],
  'numeric-booleans': ['/users?limit=1', (answer) => assert.equal(recordOf(answer).enabledUser, '1')],
  'real-booleans': ['/demographics?limit=1', (answer) => assert.equal(typeof recordOf(answer).asian, 'boolean')],
  'upper-booleans': ['/users?limit=1', (answer) => assert.equal(recordOf(answer).enabledUser, 'TRUE')],
  'agent-source-ids': [
    `/users/${guardian?.sourcedId}`,
    (answer) => {
      assert.deepEqual(recordOf(answer).agentSourceIds, guardian?.agentSourcedIds);
      assert.ok(!('agents' in recordOf(answer)));
    },
  ],
  'empty-username': ['/users?limit=1', (answer) => assert.equal(recordOf(answer).username, '')],
  'null-fields': ['/enrollments?limit=1', (answer) => assert.equal(recordOf(answer).metadata, null)],
  'inactive-status': [`/orgs/${school?.sourcedId}`, (answer) => assert.equal(recordOf(answer).status, 'inactive')],
  'periods-as-string': ['/classes?limit=1', (answer) => assert.equal(typeof recordOf(answer).periods, 'string')],
  'unpadded-grades': [
    "/classes?limit=1&filter=grades%3D'07'",
    (answer) => assert.deepEqual(recordOf(answer).grades, ['7']),
  ],
  'one-user-per-school': [
    `/users?limit=5000&filter=identifier%3D'${shared?.identifier}'`,
    ({ body }) => {
      const ids = (body.users as Wire[]).map(({ sourcedId }) => sourcedId);
      assert.deepEqual(ids, shared?.roles.map(({ orgSourcedId }) => `${orgSourcedId}-${shared.sourcedId}`).sort());
    },
  ],
  'unknown-parent-404': ['/schools/1000000/classes', ({ status }) => assert.equal(status, 404)],
  'token-redirect': ['/orgs', ({ status }) => assert.equal(status, 401)],
};

describe('a quirk', () => {
  for (const [name, [path, check]] of Object.entries(seen) as [Quirk, (typeof seen)[Quirk]][]) {
    it(`shows only where it is switched on: ${quirks[name]}`, async () => {
      for (const switchedOn of [[name], []]) {
        const { simulator, get } = await startTestClient({
          clients,
          quirks: name === 'token-redirect' ? [] : switchedOn,
        });
        if (name === 'inactive-status') simulator.sis.remove('orgs', school?.sourcedId ?? '');
        if (name === 'token-redirect') simulator.revokeTokens();
        const answer = await get(path);
        if (switchedOn.length > 0) check(answer);
        else if (name !== 'token-redirect') assert.throws(() => check(answer), assert.AssertionError);
        assert.deepEqual(simulator.problems, []);
        await simulator.close();
      }
    });
  }

  it('leaves every reference whole where people are split by school', async () => {
    const { simulator, list } = await startTestClient({ clients, quirks: ['one-user-per-school'] });
    const users = new Set((await list('/users?limit=5000')).map(({ sourcedId }) => sourcedId));
    for (const enrollment of await list('/enrollments?limit=5000')) {
      assert.ok(users.has(reference(enrollment, 'user').sourcedId));
    }
    for (const { sourcedId } of await list('/demographics?limit=5000')) assert.ok(users.has(sourcedId));
    for (const user of await list('/users?limit=5000')) {
      for (const agent of (user.agents ?? []) as Wire[]) assert.ok(users.has(agent.sourcedId));
    }
    await simulator.close();
  });
});

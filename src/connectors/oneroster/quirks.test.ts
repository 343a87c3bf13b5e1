import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { errorShapes } from '../../simulators/oneroster/errors.ts';
import type { Quirk } from '../../simulators/oneroster/quirks.ts';
import { NotPermitted, SetupProblem, SignInNeeded, UnexpectedShape, Unwell, Wait } from '../kit/errors.ts';
import { connect } from './client.ts';
import { id, pagesOf, type Read, readOf, type Sis, type SisOptions, secret, startSis } from './test-sis.ts';

const streams = ['orgs', 'academicSessions', 'courses', 'users', 'guardianLinks', 'classes', 'enrollments'];

async function readAll(sis: Sis): Promise<Record<string, Read[]>> {
  const all: Record<string, Read[]> = {};
  for (const name of streams) all[name] = await readOf(sis, name);
  return all;
}

/** Runs with a SIS of these options and closes it, whatever happens. */
async function withSis<T>(options: SisOptions, fn: (sis: Sis) => Promise<T>): Promise<T> {
  const sis = await startSis(options);
  try {
    return await fn(sis);
  } finally {
    await sis.close();
  }
}

/** Its mistakes are the client's business only when it does what the standard says. */
const harmless: readonly Quirk[] = [
  'silent-cap',
  'no-total',
  'no-link',
  'other-headers',
  'path-envelope',
  'wrong-envelope',
  'seven-digit-dates',
  'plain-dates',
  'no-fraction-dates',
  'local-dates',
  'wrong-reference-type',
  'numeric-booleans',
  'real-booleans',
  'upper-booleans',
  'agent-source-ids',
  'null-fields',
  'inactive-status',
  'periods-as-string',
  'unpadded-grades',
  'unknown-parent-404',
];

describe('a roster read from a server that', () => {
  const tidy: Record<string, Record<string, Read[]>> = {};
  before(async () => {
    for (const version of ['1.1', '1.2'] as const) tidy[version] = await withSis({ version }, readAll);
  });

  for (const version of ['1.1', '1.2'] as const) {
    for (const quirk of harmless) {
      test(`has the quirk ${quirk} in ${version} is the same`, () =>
        withSis({ version, quirks: [quirk], settings: { pageSize: 150 } }, async (sis) => {
          assert.deepEqual(await readAll(sis), tidy[version]);
        }));
    }
  }

  test('speaks the other version is the same, but for the roles that only 1.2 has', () => {
    const withoutRoles = (all: Record<string, Read[]> = {}) =>
      Object.values(all)
        .flat()
        .map((read) => ({ ...read, values: { ...read.values, role: undefined } }));
    assert.deepEqual(withoutRoles(tidy['1.1']), withoutRoles(tidy['1.2']));
  });

  const oddities: [string, SisOptions][] = [
    ['caps pages silently and tells neither total nor links', { pageCap: 40, quirks: ['no-total', 'no-link'] }],
    ['caps pages silently and has links alone', { pageCap: 40, quirks: ['no-total'] }],
    ['caps pages silently and has the total alone', { pageCap: 40, quirks: ['no-link'] }],
    ['refuses every filter', { filtering: 'refused' }],
    ['ignores every filter', { filtering: 'ignored' }],
    ['refuses to sort', { sorting: 'refused' }],
    [
      'refuses to sort and to filter, in words of its own',
      { sorting: 'refused', filtering: 'refused', errors: 'text' },
    ],
    ['ignores the order', { sorting: 'ignored' }],
    ['has no collections below others', { nested: false }],
    ['stands behind a prefix', { prefix: '/campus' }],
    ['wants credentials in the body', { token: { credentialsIn: 'body' } }],
    ['wants them in a header', { token: { credentialsIn: 'basic' } }],
    ['reads them as they are', { token: { basicEncoding: 'raw', credentialsIn: 'basic' } }],
    ['does not say how long a token lives', { token: { expiresIn: 'absent', tellsScope: false } }],
    ['says so in a text', { token: { expiresIn: 'string' } }],
    ['wants a scope', { token: { emptyScope: 'refused', unknownScope: 'refused' } }],
    [
      'knows only other scopes',
      { token: { unknownScope: 'refused' }, clients: [{ id, secret, scopes: ['roster.readonly'] }] },
    ],
    ['lets tokens live for a minute', { token: { lifetime: 60 } }],
    ['wants signed requests', { clients: [{ id, secret, kind: 'oauth1' }] }],
  ];
  for (const [title, options] of oddities) {
    test(`${title} is the same`, () =>
      withSis(options, async (sis) => {
        assert.deepEqual(await readAll(sis), tidy['1.1']);
        assert.deepEqual(sis.simulator.problems, []);
      }));
  }

  test('leaves out the ids of parents has no parents', () =>
    withSis({ quirks: ['missing-reference-id'] }, async (sis) => {
      for (const { refs } of await readOf(sis, 'academicSessions')) assert.deepEqual(refs.parent, []);
    }));

  test('sends empty usernames has people without one', () =>
    withSis({ quirks: ['empty-username'] }, async (sis) => {
      for (const { values } of await readOf(sis, 'users')) assert.equal(values.username, null);
    }));

  test('writes references in capitals is not joined by guessing', () =>
    withSis({ quirks: ['upper-case-references'] }, async (sis) => {
      const people = new Set((await readOf(sis, 'users')).map(({ key }) => key));
      const named = (await readOf(sis, 'enrollments')).flatMap(({ refs }) => refs.person ?? []);
      assert.ok(named.length > 0 && named.every((key) => !people.has(key)));
    }));

  test('makes one user of a person in each school keeps them apart, with one identifier', () =>
    withSis({ quirks: ['one-user-per-school'] }, async (sis) => {
      const people = await readOf(sis, 'users');
      const identifiers = people.map(({ values }) => values.identifier).filter((one) => one !== null);
      assert.equal(new Set(people.map(({ key }) => key)).size, people.length);
      assert.ok(new Set(identifiers).size < identifiers.length);
    }));
});

describe('nothing is believed when a server', () => {
  const wrong = (kind: new (...args: never[]) => Error, code: string) => (error: Error & { code?: string }) => {
    assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
    assert.equal(error.code, code);
    return true;
  };
  const at = (sis: Sis, path: string): Sis => {
    const settings = { ...sis.context.settings, baseUrl: sis.simulator.origin + path };
    return { ...sis, client: connect({ ...sis.context, settings }) };
  };

  const refusals: [string, SisOptions, new (...args: never[]) => Error, string][] = [
    ['counts a record that it never shows', { quirks: ['inflated-total'] }, UnexpectedShape, 'oneroster_pages_wrong'],
    ['sends one page again and again', { quirks: ['ignored-offset'] }, UnexpectedShape, 'oneroster_pages_wrong'],
    ['links a page to itself', { quirks: ['next-link-loops'] }, UnexpectedShape, 'oneroster_pages_wrong'],
    ['wants the secret elsewhere', { quirks: ['token-redirect'] }, SetupProblem, 'oneroster_token_address_moved'],
    ['knows another secret', { clients: [{ id, secret: 'other' }] }, SignInNeeded, 'oneroster_credentials_refused'],
    [
      'knows another secret for signatures',
      { clients: [{ id, secret: 'other', kind: 'oauth1' }] },
      SignInNeeded,
      'oneroster_sign_in_refused',
    ],
    [
      'gives us no right to read',
      { clients: [{ id, secret, scopes: ['roster-demographics.readonly'] }] },
      NotPermitted,
      'oneroster_not_permitted',
    ],
  ];
  for (const [title, options, kind, code] of refusals) {
    test(title, () =>
      withSis({ ...options, settings: { pageSize: 50 } }, (sis) =>
        assert.rejects(pagesOf(sis, 'users'), wrong(kind, code)),
      ),
    );
  }

  test('has no OneRoster at the address', () =>
    withSis({}, (sis) =>
      assert.rejects(pagesOf(at(sis, '/elsewhere'), 'orgs'), wrong(SetupProblem, 'oneroster_not_found_at_address')),
    ));

  for (const errors of errorShapes) {
    test(`explains itself as ${errors}, and the class of the error is the same`, () =>
      withSis({ errors }, async (sis) => {
        const { faults } = sis.simulator;
        for (const [status, kind] of [
          [401, SignInNeeded],
          [403, NotPermitted],
          [404, SetupProblem],
          [422, SetupProblem],
          [500, Unwell],
        ] as const) {
          const fault = faults.add({ kind: 'status', status, route: 'getAllOrgs', times: 'always' });
          await assert.rejects(pagesOf(sis, 'orgs'), (error) => error instanceof kind, `${status}`);
          fault.remove();
        }
      }));
  }
});

describe('courses', () => {
  for (const status of [403, 404]) {
    test(`that a server does not share (${status}) are none, and the roster goes on`, () =>
      withSis({}, async (sis) => {
        sis.simulator.faults.add({ kind: 'status', status, route: 'getAllCourses', times: 'always' });
        assert.deepEqual(await pagesOf(sis, 'courses'), [{ records: [], next: null }]);
        assert.ok((await readOf(sis, 'classes')).length > 0);
      }));
  }
});

describe('a server in trouble', () => {
  test('is asked for the same page again, and what was read is kept', () =>
    withSis({ settings: { pageSize: 100 } }, async (sis) => {
      const undisturbed = await readOf(sis, 'enrollments');
      const { faults, journal } = sis.simulator;
      const route = 'getAllEnrollments';
      faults.add({ kind: 'status', status: 502, route, nth: 3 });
      faults.add({ kind: 'reset', route, nth: 6 });
      faults.add({ kind: 'provider', name: 'too-many-in-html', route, nth: 9 });
      faults.add({ kind: 'truncate', ends: 'early', route, nth: 12 });
      journal.clear();
      assert.deepEqual(await readOf(sis, 'enrollments'), undisturbed);
      assert.equal(sis.pauses.length, 4);
      assert.ok(
        sis.pauses.some((pause) => pause > 57_000),
        'it waited as long as the server asked',
      );
      assert.equal(journal.count({ route }), Math.ceil(undisturbed.length / 100) + 4, 'no page was read again');
    }));

  test('that revokes the token gets a new sign-in, once', () =>
    withSis({ settings: { pageSize: 100 } }, async (sis) => {
      const { simulator } = sis;
      await pagesOf(sis, 'orgs');
      simulator.revokeTokens();
      await pagesOf(sis, 'orgs');
      assert.equal(simulator.journal.count({ route: 'token' }), 2);
      assert.equal(simulator.journal.count({ status: 401 }), 1);
    }));

  test('that asks for more patience than a run has is left until then', () =>
    withSis({}, async (sis) => {
      sis.simulator.faults.add({ kind: 'status', status: 429, retryAfter: 600, route: 'getAllOrgs' });
      await assert.rejects(pagesOf(sis, 'orgs'), (error) => {
        assert.ok(error instanceof Wait);
        assert.ok(error.until.getTime() - sis.context.clock.now().getTime() > 590_000);
        return true;
      });
      assert.deepEqual(sis.pauses, []);
    }));
});

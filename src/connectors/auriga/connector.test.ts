import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { demoClient, demoUser, startAurigaSimulator } from '../../simulators/auriga/simulator.ts';
import { type AurigaWorld, makeAurigaWorld } from '../../simulators/auriga/world.ts';
import { authMethodOf, capabilitiesOf, directionOf } from '../kit/capabilities.ts';
import { examine, type Failure } from '../kit/examination.ts';
import { auriga } from './index.ts';

const faults = {
  unauthorised: { kind: 'status', status: 401 },
  forbidden: { kind: 'status', status: 403 },
  tooMany: { kind: 'status', status: 429, retryAfter: 58 },
  unwell: { kind: 'status', status: 503 },
  brokenBody: { kind: 'truncate', ends: 'quietly' },
  html: { kind: 'html' },
} as const satisfies Record<Failure, object>;

/** More learners than a page of a stream has, one of them without an e-mail address, and a group nobody knows. */
function world(): AurigaWorld {
  const made = makeAurigaWorld({ from: '2026-10-19', days: 3, learners: 230, groupSize: 40 });
  const [person] = made.people.values();
  const [session] = made.sessions.values();
  if (person) made.people.set(person.id, { ...person, email: null });
  if (session) made.sessions.set(session.id, { ...session, groups: [...session.groups, '9999'] });

  return made;
}

for (const [title, style, prefixes] of [
  ['rows in order, labels as objects, a Keycloak of today', { rows: 'positional', labels: 'object' }, ['']],
  ['rows by heading, labels as text, a Keycloak under /auth', { rows: 'keyed', labels: 'text' }, ['/auth']],
] as const) {
  describe(title, () => {
    examine(auriga, {
      folder: import.meta.dirname,
      start: async () => {
        const simulator = await startAurigaSimulator({ world: world(), style, pageCap: 100, keycloak: { prefixes } });
        const { keycloak, favorites } = simulator;

        return {
          settings: {
            url: simulator.origin,
            // As a person finds it in the address of the log-in page.
            keycloakUrl: `${keycloak.bases[0]}/realms/your-company/protocol/openid-connect/auth?client_id=x`,
            interventionsDetailFavoriteQueryId: favorites.interventions,
            GroupesDetailFavoriteQueryId: favorites.groups,
          },
          credentials: { clientId: demoClient.id, clientSecret: demoClient.secret, ...demoUser },
          allowedHosts: [new URL(simulator.origin).host, new URL(keycloak.origin).host],
          secrets: [demoClient.secret, demoUser.password],
          personal: [...simulator.world.people.values()].flatMap(({ email }) => email ?? []).slice(0, 50),
          requests: () => simulator.journal.count() + keycloak.journal.count(),
          fail: (how) => void simulator.faults.add({ ...faults[how], route: 'searchResult', times: 'always' }),
          close: async () => {
            assert.deepEqual([simulator.problems, keycloak.problems], [[], []]);
            await simulator.close();
          },
        };
      },
    });
  });
}

test('Auriga is a source of people, groups and meetings that credentials open, and is only read', () => {
  assert.equal(directionOf(auriga), 'SOURCE');
  assert.equal(authMethodOf(auriga), 'CREDENTIALS');
  assert.deepEqual(capabilitiesOf(auriga), [
    { entity: 'person', action: 'PULL' },
    { entity: 'group', action: 'PULL' },
    { entity: 'meeting', action: 'PULL' },
  ]);
});

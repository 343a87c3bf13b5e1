import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Version } from '../../simulators/oneroster/options.ts';
import { authMethodOf, capabilitiesOf, directionOf } from '../kit/capabilities.ts';
import { examine, type Failure } from '../kit/examination.ts';
import { oneroster } from './index.ts';
import { id, secret, startSis } from './test-sis.ts';

/** Every route the connector reads; all but the one for tokens. */
const routes = ['Orgs', 'AcademicSessions', 'Courses', 'Users', 'Classes', 'Enrollments'].map(
  (name) => `getAll${name}`,
);

const faults = {
  unauthorised: { kind: 'status', status: 401 },
  forbidden: { kind: 'status', status: 403 },
  tooMany: { kind: 'provider', name: 'too-many-in-html' },
  unwell: { kind: 'status', status: 503 },
  brokenBody: { kind: 'truncate', ends: 'quietly' },
  html: { kind: 'html' },
} as const satisfies Record<Failure, object>;

for (const [version, kind] of [
  ['1.1', 'oauth2'],
  ['1.2', 'oauth2'],
  ['1.1', 'oauth1'],
] as const satisfies readonly [Version, string][]) {
  describe(`OneRoster ${version} with ${kind}`, () => {
    examine(oneroster, {
      folder: import.meta.dirname,
      start: async () => {
        const sis = await startSis({ version, clients: [{ id, secret, kind }], settings: { pageSize: 100 } });
        const { simulator, context } = sis;
        const people = simulator.sis.records('users');

        return {
          settings: { ...context.settings },
          credentials: { ...context.credentials },
          allowedHosts: [new URL(simulator.origin).host],
          secrets: [secret],
          personal: [...new Set(people.flatMap(({ email, familyName }) => [email ?? familyName, familyName]))].filter(
            (word) => word.length > 4,
          ),
          requests: () => simulator.journal.count(),
          fail: (how) => {
            for (const route of routes) simulator.faults.add({ ...faults[how], route, times: 'always' });
          },
          close: async () => {
            assert.deepEqual(simulator.problems, []);
            await sis.close();
          },
        };
      },
    });
  });
}

test('OneRoster is a source that credentials open, and only reads', () => {
  assert.equal(directionOf(oneroster), 'SOURCE');
  assert.equal(authMethodOf(oneroster), 'CREDENTIALS');
  assert.deepEqual([...new Set(capabilitiesOf(oneroster).map(({ action }) => action))], ['PULL']);
  assert.equal(capabilitiesOf(oneroster).length, 7);
});

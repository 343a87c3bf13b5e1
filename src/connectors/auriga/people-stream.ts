/** Learners and instructors, as they travel in the sessions. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { AurigaClient } from './client.ts';
import type { PersonRecord } from './gather-people.ts';
import { inPages } from './pages.ts';
import { interventionsOf } from './read-interventions.ts';

export const people = stream<AurigaClient, 'person', PersonRecord>({
  entity: 'person',
  born: 'there',
  action: 'auriga.roster.person',
  wire: z.custom<PersonRecord>((value) => typeof value === 'object' && value !== null && 'findings' in value),
  key: ({ id }) => id,
  findings: ({ findings }) => findings,
  fields: {
    givenName: { read: ({ givenName }) => givenName, owner: 'provider' },
    familyName: { read: ({ familyName }) => familyName, owner: 'provider' },
    email: { read: ({ email }) => email, owner: 'provider' },
    role: { read: ({ role }) => role, owner: 'provider' },
  },
  pull: {
    // Who has no session in the favourite just now is not gone.
    covers: 'nothing',
    all: async function* (from) {
      from.signal.throwIfAborted();
      const { people } = await interventionsOf(from.client, from.signal);
      yield* inPages(people, from, false);
    },
  },
});

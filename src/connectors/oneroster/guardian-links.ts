/** Who belongs to a student at home. A link has no record of its own: it is in the student's list of agents. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { hasRole } from './roles.ts';
import { agentFields } from './users.ts';
import { keysOf } from './values.ts';
import { base, field, gone } from './wire.ts';

const guardianLink = z.object({ student: z.string().min(1), guardian: z.string().min(1) });
type GuardianLink = z.output<typeof guardianLink>;

const carrier = z.object({ ...base, ...agentFields, role: field, roles: field });

export const guardianLinks = stream<OneRosterClient, 'guardianLink', GuardianLink>({
  entity: 'guardianLink',
  born: 'there',
  action: 'oneroster.roster.guardian',
  wire: guardianLink,
  key: ({ student, guardian }) => `${student}:${guardian}`,
  // What the guardian is to the student is not said here: it is the guardian's own role.
  fields: {},
  refs: {
    student: { stream: 'users', read: ({ student }) => [student], missing: 'wait' },
    guardian: { stream: 'users', read: ({ guardian }) => [guardian], missing: 'wait' },
  },
  pull: { within: { stream: 'users', records: linksOf, owned: true, carrier: 'student' } },
});

/** The standard has each link twice, also from a parent to the children; only the student's end counts. */
function linksOf(wire: unknown): GuardianLink[] {
  const user = carrier.safeParse(wire).data;
  if (user === undefined || gone(user) || !hasRole(user, 'student')) return [];

  const student = String(user.sourcedId);
  const agents = [user.agents, user.agentSourceIds, user.agentSourcedIds].flatMap(keysOf);
  return [...new Set(agents)].filter((guardian) => guardian !== student).map((guardian) => ({ student, guardian }));
}

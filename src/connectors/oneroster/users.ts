/** Everybody: students, staff and families. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { from } from './fields.ts';
import { roleOf } from './roles.ts';
import { pullOf, type Raw } from './school.ts';
import { boolean, email, grades, keyOf, keysOf, text } from './values.ts';
import { base, field, gone, key } from './wire.ts';

/** `agents` under its own name and under two that were seen instead. */
export const agentFields = { agents: field, agentSourceIds: field, agentSourcedIds: field };

const user = z.object({
  ...base,
  ...agentFields,
  givenName: field,
  familyName: field,
  middleName: field,
  username: field,
  email: field,
  role: field,
  roles: field,
  primaryOrg: field,
  identifier: field,
  phone: field,
  sms: field,
  grades: field,
  enabledUser: field,
});

export const users = stream<OneRosterClient, 'person', z.output<typeof user>>({
  entity: 'person',
  born: 'there',
  action: 'oneroster.roster.person',
  wire: user,
  key,
  gone,
  fields: {
    givenName: from('givenName', text),
    familyName: from('familyName', text),
    middleName: from('middleName', text),
    username: from('username', text),
    email: from('email', email),
    role: {
      read: (wire, settings) => roleOf(wire, settings.schoolSourcedId),
      given: (wire) => wire.role ?? wire.roles,
      owner: 'provider',
    },
    identifier: from('identifier', text),
    phone: from('phone', text),
    sms: from('sms', text),
    grades: from('grades', grades),
    enabled: from('enabledUser', boolean),
  },
  pull: pullOf({ name: 'users', words: ['users', 'user', 'students', 'teachers'] }, { belongs: isAt }),
});

/** 1.1 lists orgs, 1.2 has one in each role. */
function isAt({ orgs, roles, primaryOrg }: Raw, school: string): boolean {
  const ofRoles = Array.isArray(roles) ? roles.map((one: unknown) => keyOf((one as Raw | null)?.org)) : [];
  const all = [...keysOf(orgs), ...ofRoles, keyOf(primaryOrg)].filter((org) => org !== undefined);
  return all.length === 0 || all.includes(school);
}

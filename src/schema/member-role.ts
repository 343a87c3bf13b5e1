import { type Role, rightsOf, roles } from '../model/roles.ts';
import { builder } from './builder.ts';

const meanings: Record<Role, string> = {
  TENANT_ADMIN: 'Runs the tenant: everything, in every school, and who else may enter.',
  SCHOOL_ADMIN: 'Runs the named schools: their integrations, syncs, conflicts and records.',
  VIEWER: 'Looks at everything in all schools or in named ones, contact details too, and changes nothing.',
  PARTNER: 'Somebody from outside: reads the records of named schools, without contact details.',
};

function describe(role: Role): string {
  return `${meanings[role]} Scopes: ${rightsOf[role].scopes.map((scope) => `\`${scope}\``).join(', ')}.`;
}

export const MemberRole = builder.enumType('MemberRole', {
  description: 'What a person may do.',
  values: Object.fromEntries(roles.map((role) => [role, { description: describe(role) }])) as Record<
    Role,
    { description: string }
  >,
});

/** What people may do: a role names the scopes of its members, and whether it is for all schools of the tenant or for named ones. */
import { type Scope, scopes } from './identity.ts';

export const roles = ['TENANT_ADMIN', 'SCHOOL_ADMIN', 'VIEWER', 'PARTNER'] as const;

export type Role = (typeof roles)[number];

export interface RoleRights {
  readonly scopes: readonly Scope[];
  /** `all`: every school, also one that is added later. `named`: those that are listed. `either`: as the member is set up. */
  readonly reach: 'all' | 'named' | 'either';
}

const reading = ['roster:read', 'pii:read'] as const satisfies readonly Scope[];

export const rightsOf: Readonly<Record<Role, RoleRights>> = {
  TENANT_ADMIN: { scopes, reach: 'all' },
  SCHOOL_ADMIN: {
    scopes: [...reading, 'roster:write', 'sync:run', 'sync:approve', 'integration:admin'],
    reach: 'named',
  },
  VIEWER: { scopes: reading, reach: 'either' },
  // Somebody from outside: records without contact details.
  PARTNER: { scopes: ['roster:read'], reach: 'named' },
};

/** Users on the wire: where OneRoster 1.1 and 1.2 differ most. */
import type { User, UserRole } from '../district/records.ts';
import { booleanText, filled, type Refer, type Wire } from './wire-parts.ts';

/** 1.1 has one word for everybody who runs something. */
const ADMINISTRATORS = new Set([
  'districtAdministrator',
  'siteAdministrator',
  'systemAdministrator',
  'principal',
  'counselor',
]);

function common(user: User, refer: Refer): Wire {
  return {
    username: user.username,
    userIds: filled(user.userIds),
    enabledUser: booleanText(user.enabledUser),
    givenName: user.givenName,
    familyName: user.familyName,
    middleName: user.middleName,
    identifier: user.identifier,
    email: user.email,
    sms: user.sms,
    phone: user.phone,
    agents: filled(user.agentSourcedIds.map((id) => refer('users', id))),
    grades: filled(user.grades),
  };
}

/** The one role of 1.1: the primary role at the primary org, else the first primary role, else any. */
function roleV1p1({ roles, primaryOrgSourcedId }: User): string | undefined {
  const primary = roles.filter(({ roleType }) => roleType === 'primary');
  const atHome = primary.find(({ orgSourcedId }) => orgSourcedId === primaryOrgSourcedId);
  const role = (atHome ?? primary[0] ?? roles[0])?.role;
  return role !== undefined && ADMINISTRATORS.has(role) ? 'administrator' : role;
}

/** One `role` and a list of `orgs`. */
export function userV1p1(user: User, refer: Refer): Wire {
  const orgs = [...new Set(user.roles.map(({ orgSourcedId }) => orgSourcedId))];
  return { ...common(user, refer), role: roleV1p1(user), orgs: orgs.map((id) => refer('orgs', id)) };
}

/** A list of `roles`, each at an org, and a `primaryOrg`. */
export function userV1p2(user: User, refer: Refer): Wire {
  const home = user.primaryOrgSourcedId;
  return {
    ...common(user, refer),
    preferredFirstName: user.preferredFirstName,
    primaryOrg: home === undefined ? undefined : refer('orgs', home),
    roles: user.roles.map((role) => roleV1p2(role, refer)),
  };
}

function roleV1p2({ role, roleType, orgSourcedId, beginDate, endDate }: UserRole, refer: Refer): Wire {
  return { roleType, role, org: refer('orgs', orgSourcedId), beginDate, endDate };
}

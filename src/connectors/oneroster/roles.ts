/** The one role a person has for us, from the one of OneRoster 1.1 or the list of 1.2. */
import { keyOf, text, wordOf } from './values.ts';

/** A role in the standard's spelling; its enumeration is open. */
export const role = wordOf([
  'administrator',
  'aide',
  'counselor',
  'districtAdministrator',
  'guardian',
  'parent',
  'principal',
  'proctor',
  'relative',
  'siteAdministrator',
  'student',
  'systemAdministrator',
  'teacher',
]);

/** An item of 1.2's `roles`. */
interface RoleAt {
  role: string;
  org: string | undefined;
  isPrimary: boolean;
}

/**
 * What the person is at the school we mirror, where the settings name one; else the primary role at the primary org, else
 * the first primary role, else the first. A 1.1 user has one role. ClassLink serves users of 1.2 under the path of 1.1,
 * so the record decides which it is.
 */
export function roleOf(
  user: { role?: unknown; roles?: unknown; primaryOrg?: unknown },
  school?: unknown,
): string | null {
  const roles = rolesOf(user.roles);
  const primary = keyOf(user.primaryOrg);
  const best =
    pick(roles.filter(({ org }) => org !== undefined && org === school)) ??
    roles.find(({ org, isPrimary }) => isPrimary && org !== undefined && org === primary) ??
    pick(roles);

  return best?.role ?? role(user.role);
}

/** Whether any of the person's roles is this one. */
export function hasRole(user: { role?: unknown; roles?: unknown }, wanted: string): boolean {
  return role(user.role) === wanted || rolesOf(user.roles).some((one) => one.role === wanted);
}

function pick(roles: readonly RoleAt[]): RoleAt | undefined {
  return roles.find(({ isPrimary }) => isPrimary) ?? roles[0];
}

function rolesOf(roles: unknown): RoleAt[] {
  if (!Array.isArray(roles)) return [];
  return roles.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const given = item as { role?: unknown; roleType?: unknown; org?: unknown };
    const named = role(given.role);
    const isPrimary = text(given.roleType)?.toLowerCase() === 'primary';
    return named === null ? [] : [{ role: named, org: keyOf(given.org), isPrimary }];
  });
}

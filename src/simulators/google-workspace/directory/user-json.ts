// A user as the Directory API shows it.
import type { User } from '../world.ts';

export type Projection = 'basic' | 'custom' | 'full';

/** The user resource; `basic` leaves out the custom schemas. */
export function userJson(user: User, projection: Projection = 'full'): object {
  const { customSchemas, ...others } = user.others;
  const { givenName, familyName, primaryEmail, suspended, deletedAt } = user;
  const aliases = [...user.aliases];

  return {
    kind: 'admin#directory#user',
    id: user.id,
    etag: etagOf(user),
    primaryEmail,
    name: { givenName, familyName, fullName: `${givenName} ${familyName}` },
    isAdmin: user.isAdmin,
    isDelegatedAdmin: false,
    lastLoginTime: '1970-01-01T00:00:00.000Z',
    creationTime: user.createdAt.toISOString(),
    ...(deletedAt && { deletionTime: deletedAt.toISOString() }),
    agreedToTerms: false,
    suspended,
    ...(suspended && { suspensionReason: 'ADMIN' }),
    archived: user.archived,
    changePasswordAtNextLogin: false,
    ipWhitelisted: false,
    emails: [{ address: primaryEmail, primary: true }, ...aliases.map((address) => ({ address }))],
    ...(user.externalIds.length > 0 && { externalIds: user.externalIds }),
    ...(aliases.length > 0 && { aliases }),
    customerId: user.domain.customerId,
    orgUnitPath: user.orgUnitPath,
    isMailboxSetup: true,
    isEnrolledIn2Sv: false,
    isEnforcedIn2Sv: false,
    includeInGlobalAddressList: true,
    ...others,
    ...(projection !== 'basic' && customSchemas !== undefined && { customSchemas }),
  };
}

/** Changes with every change of the user. */
export function etagOf({ id, domain, version }: User): string {
  return `"${Buffer.from(`${domain.customerId} ${id} ${version}`).toString('base64url')}"`;
}

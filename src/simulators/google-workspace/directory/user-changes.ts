// What may be written into a user: read with patch semantics, where null clears and what is absent stays.
import { z } from 'zod';
import { directoryRefusal } from '../errors.ts';
import type { UserChange } from '../people.ts';
import type { Domain, User } from '../world.ts';

const LONGEST_NAME = 60;

const externalIds = z.array(
  z.object({ value: z.string(), type: z.string().optional(), customType: z.string().optional() }),
);
const personName = z.string().min(1).max(LONGEST_NAME);

/** The fields that mean something here; everything else is kept as it comes, or ignored when only Google sets it. */
const userBody = z.object({
  primaryEmail: z.string().optional(),
  name: z.object({ givenName: personName.optional(), familyName: personName.optional() }).optional(),
  password: z.string().min(8).max(100).optional(),
  suspended: z.boolean().optional(),
  archived: z.boolean().optional(),
  orgUnitPath: z.string().startsWith('/').optional(),
  externalIds: externalIds.nullish(),
});

const KEPT = new Set(
  (
    'addresses changePasswordAtNextLogin customSchemas gender ims includeInGlobalAddressList keywords languages locations ' +
    'notes organizations phones posixAccounts recoveryEmail recoveryPhone relations sshPublicKeys websites'
  ).split(' '),
);

export interface UserWrite {
  readonly primaryEmail: string | undefined;
  readonly password: string | undefined;
  readonly change: UserChange;
}

/** Reads a body of insert, update or patch. Refuses a field of the wrong kind with 400 `invalid`. */
export function readUserWrite(body: Readonly<Record<string, unknown>>, user?: User): UserWrite {
  const parsed = userBody.safeParse(body);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw directoryRefusal(400, 'invalid', `Invalid Input: ${field}`);
  }

  const { primaryEmail, name, password, suspended, archived, orgUnitPath, externalIds } = parsed.data;
  const others = new Map(Object.entries(user?.others ?? {}));
  for (const [field, value] of Object.entries(body)) {
    if (!KEPT.has(field)) continue;
    if (value === null) others.delete(field);
    else others.set(field, value);
  }

  return {
    primaryEmail: primaryEmail?.toLowerCase(),
    password,
    change: {
      ...(name?.givenName !== undefined && { givenName: name.givenName }),
      ...(name?.familyName !== undefined && { familyName: name.familyName }),
      ...(suspended !== undefined && { suspended }),
      ...(archived !== undefined && { archived }),
      ...(orgUnitPath !== undefined && { orgUnitPath }),
      ...(externalIds !== undefined && { externalIds: externalIds ?? [] }),
      others: Object.fromEntries(others),
    },
  };
}

/** Refuses an address outside the domain. */
export function checkAddress(domain: Domain, email: string): void {
  const [local, host, ...more] = email.split('@');
  if (!local || host === undefined || more.length > 0)
    throw directoryRefusal(400, 'invalid', 'Invalid Input: primary_user_email');
  if (host !== domain.name) throw directoryRefusal(404, 'notFound', 'Domain not found.');
}

// Changes to the users of a simulated domain, for the Directory API and for the hand at the Google side alike.
import { type Domain, digitsOf, type ExternalId, type User, type World } from './world.ts';

export interface NewUser {
  readonly primaryEmail: string;
  readonly givenName: string;
  readonly familyName: string;
  /** The organisation's own id for this person; kept in `externalIds` with type `organization`. */
  readonly externalId?: string | undefined;
  readonly externalIds?: readonly ExternalId[] | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly orgUnitPath?: string | undefined;
}

/** Makes a user. The caller has made sure that the address is free. */
export function addUser(world: World, domain: Domain, given: NewUser): User {
  const primaryEmail = given.primaryEmail.toLowerCase();
  if (world.usersByEmail.has(primaryEmail)) throw new Error(`${primaryEmail} is taken`);

  const user: User = {
    id: digitsOf(`${primaryEmail} ${domain.deletedUsers.size}`, 21),
    domain,
    primaryEmail,
    aliases: new Set(),
    givenName: given.givenName,
    familyName: given.familyName,
    isAdmin: given.isAdmin ?? false,
    suspended: false,
    archived: false,
    orgUnitPath: given.orgUnitPath ?? '/',
    externalIds:
      given.externalIds ?? (given.externalId === undefined ? [] : [{ value: given.externalId, type: 'organization' }]),
    others: {},
    createdAt: world.clock.now(),
    version: 1,
    courses: new Set(),
  };
  domain.users.set(user.id, user);
  domain.usersVersion += 1;
  world.usersById.set(user.id, user);
  world.usersByEmail.set(primaryEmail, user);
  return user;
}

export type UserChange = Partial<
  Pick<
    User,
    'givenName' | 'familyName' | 'suspended' | 'archived' | 'orgUnitPath' | 'externalIds' | 'others' | 'isAdmin'
  >
>;

/** Changes what is given. */
export function changeUser(user: User, change: UserChange): void {
  Object.assign(user, change);
  user.version += 1;
  user.domain.usersVersion += 1;
}

/** Gives a user a new primary address; the old one stays as an alias. The caller has made sure that the address is free. */
export function moveUser(world: World, user: User, primaryEmail: string): void {
  user.aliases.add(user.primaryEmail);
  user.primaryEmail = primaryEmail.toLowerCase();
  user.aliases.delete(user.primaryEmail);
  world.usersByEmail.set(user.primaryEmail, user);
  changeUser(user, {});
}

/** Deletes a user: gone from every class, but a course that was his keeps naming him as its owner. */
export function removeUser(world: World, user: User): void {
  for (const course of user.courses) {
    course.students.delete(user.id);
    course.teachers.delete(user.id);
  }
  user.courses.clear();
  user.deletedAt = world.clock.now();
  user.domain.users.delete(user.id);
  user.domain.deletedUsers.set(user.id, user);
  user.domain.usersVersion += 1;
  world.usersById.delete(user.id);
  for (const email of [user.primaryEmail, ...user.aliases]) world.usersByEmail.delete(email);
}

/** Finds a living user of any domain by numeric id, primary address or alias. */
export function findUser(world: World, key: string): User | undefined {
  return world.usersById.get(key) ?? world.usersByEmail.get(key.toLowerCase());
}

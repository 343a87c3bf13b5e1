// What the simulated Google holds: domains, users, courses and who is in them, with the indexes that keep it fast.
import { createHash } from 'node:crypto';
import type { SimulatorClock } from '../kit/clock.ts';

export interface ExternalId {
  readonly value: string;
  readonly type?: string;
  readonly customType?: string;
}

export interface User {
  readonly id: string;
  readonly domain: Domain;
  primaryEmail: string;
  readonly aliases: Set<string>;
  givenName: string;
  familyName: string;
  isAdmin: boolean;
  suspended: boolean;
  archived: boolean;
  orgUnitPath: string;
  externalIds: readonly ExternalId[];
  /** Further fields that a Directory write may set, kept as they came. */
  others: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  deletedAt?: Date;
  /** Goes up with every change; the etag is made of it. */
  version: number;
  /** Every course this person teaches or attends. */
  readonly courses: Set<Course>;
}

export interface Domain {
  readonly name: string;
  readonly customerId: string;
  readonly users: Map<string, User>;
  readonly deletedUsers: Map<string, User>;
  readonly courses: Map<string, Course>;
  /** Goes up when a user comes, goes or changes, so that sorted lists can be kept until then. */
  usersVersion: number;
}

export type CourseState = 'ACTIVE' | 'ARCHIVED' | 'PROVISIONED' | 'DECLINED' | 'SUSPENDED';
export type Role = 'students' | 'teachers';

/** The fields of a course that are plain text for whoever may change it. */
export interface CourseTexts {
  name: string;
  section?: string;
  descriptionHeading?: string;
  description?: string;
  room?: string;
  subject?: string;
  levels?: string;
}

export interface Course extends Record<Role, Map<string, number>> {
  readonly id: string;
  readonly number: number;
  readonly domain: Domain;
  readonly enrollmentCode: string;
  readonly createdAt: Date;
  /** Alias as written, to the key it is found by. */
  readonly aliases: Map<string, string>;
  texts: CourseTexts;
  owner: User;
  /** Until when the last owner's things are still being moved, and who that was. */
  ownerBefore?: { readonly user: User; readonly until: Date };
  state: CourseState;
  updatedAt: Date;
  activatedAt?: Date;
}

export interface Invitation {
  readonly id: string;
  readonly number: number;
  readonly course: Course;
  readonly user: User;
  readonly role: 'STUDENT' | 'TEACHER' | 'OWNER';
}

export interface World {
  readonly clock: SimulatorClock;
  readonly domains: Map<string, Domain>;
  readonly usersById: Map<string, User>;
  /** By primary e-mail and by alias, lower case. */
  readonly usersByEmail: Map<string, User>;
  readonly courses: Map<string, Course>;
  readonly coursesByAlias: Map<string, Course>;
  readonly invitations: Map<string, Invitation>;
  /** The next number of anything that is counted up here. */
  nextNumber(): number;
}

/** A Google without a single customer. */
export function createWorld(clock: SimulatorClock): World {
  let lastNumber = 0;
  return {
    clock,
    domains: new Map(),
    usersById: new Map(),
    usersByEmail: new Map(),
    courses: new Map(),
    coursesByAlias: new Map(),
    invitations: new Map(),
    nextNumber: () => {
      lastNumber += 1;
      return lastNumber;
    },
  };
}

/** Makes an empty domain, a Workspace customer of its own. */
export function addDomain(world: World, name: string): Domain {
  if (world.domains.has(name)) throw new Error(`the domain ${name} is there already`);

  const domain: Domain = {
    name,
    customerId: `C${digitsOf(`customer ${name}`, 8)}`,
    users: new Map(),
    deletedUsers: new Map(),
    courses: new Map(),
    usersVersion: 0,
  };
  world.domains.set(name, domain);
  return domain;
}

/** So many decimal digits that look random and are the same for the same text; the first is not 0. */
export function digitsOf(text: string, count: number): string {
  const number = BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`);
  const lowest = 10n ** BigInt(count - 1);
  return String(lowest + (number % (9n * lowest)));
}

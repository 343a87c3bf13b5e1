/**
 * The records of a district in OneRoster's words, neither 1.1 nor 1.2: references are the CSV binding's `…SourcedId`
 * columns, roles are 1.2's `roles[]`, booleans are booleans. Who serves them writes them out in a version's own form.
 *
 * They are Zod shapes because records also come in from outside, by a simulator's control door. Enumerations are plain
 * strings: OneRoster 1.2 leaves them open, and a test may want to see what an unknown value does.
 */
import { z } from 'zod';

const id = z.string().min(1);
const ids = z.array(id).default([]);
const words = z.array(z.string()).default([]);

const base = {
  sourcedId: id,
  /** `active` or `tobedeleted`. */
  status: z.string().default('active'),
  /** When the SIS last changed it; filled by the store when it takes a record in. */
  dateLastModified: z.string().default(''),
  metadata: z.record(z.string(), z.unknown()).optional(),
};

const org = z.object({
  ...base,
  name: z.string(),
  type: z.string(),
  identifier: z.string().optional(),
  parentSourcedId: id.optional(),
});

const academicSession = z.object({
  ...base,
  title: z.string(),
  type: z.string(),
  /** Included. */
  startDate: z.string(),
  /** Not included: the next session may start on it. */
  endDate: z.string(),
  parentSourcedId: id.optional(),
  schoolYear: z.string(),
});

const course = z.object({
  ...base,
  title: z.string(),
  courseCode: z.string().optional(),
  schoolYearSourcedId: id.optional(),
  grades: words,
  subjects: words,
  subjectCodes: words,
  orgSourcedId: id.optional(),
});

const classRecord = z.object({
  ...base,
  title: z.string(),
  classCode: z.string().optional(),
  classType: z.string().optional(),
  location: z.string().optional(),
  grades: words,
  subjects: words,
  subjectCodes: words,
  periods: words,
  courseSourcedId: id,
  schoolSourcedId: id,
  termSourcedIds: ids,
});

const userRole = z.object({
  role: z.string(),
  roleType: z.string().default('primary'),
  orgSourcedId: id,
  beginDate: z.string().optional(),
  endDate: z.string().optional(),
});

const user = z.object({
  ...base,
  username: z.string().optional(),
  userIds: z.array(z.object({ type: z.string(), identifier: z.string() })).default([]),
  enabledUser: z.boolean().default(true),
  givenName: z.string(),
  familyName: z.string(),
  middleName: z.string().optional(),
  preferredFirstName: z.string().optional(),
  identifier: z.string().optional(),
  email: z.string().optional(),
  sms: z.string().optional(),
  phone: z.string().optional(),
  agentSourcedIds: ids,
  grades: words,
  roles: z.array(userRole).default([]),
  primaryOrgSourcedId: id.optional(),
});

const enrollment = z.object({
  ...base,
  userSourcedId: id,
  classSourcedId: id,
  schoolSourcedId: id,
  role: z.string(),
  /** Teachers only; one is true in a class. */
  primary: z.boolean().optional(),
  beginDate: z.string().optional(),
  endDate: z.string().optional(),
});

/** Its `sourcedId` is the user's. */
const demographics = z.object({
  ...base,
  birthDate: z.string().optional(),
  sex: z.string().optional(),
  americanIndianOrAlaskaNative: z.boolean().optional(),
  asian: z.boolean().optional(),
  blackOrAfricanAmerican: z.boolean().optional(),
  nativeHawaiianOrOtherPacificIslander: z.boolean().optional(),
  white: z.boolean().optional(),
  demographicRaceTwoOrMoreRaces: z.boolean().optional(),
  hispanicOrLatinoEthnicity: z.boolean().optional(),
  countryOfBirthCode: z.string().optional(),
  stateOfBirthAbbreviation: z.string().optional(),
  cityOfBirth: z.string().optional(),
  publicSchoolResidenceStatus: z.string().optional(),
});

/** How a record of each collection looks; what an outsider sends is read with these. */
export const recordShapes = {
  orgs: org,
  academicSessions: academicSession,
  courses: course,
  classes: classRecord,
  users: user,
  enrollments: enrollment,
  demographics,
};

export type Org = z.infer<typeof org>;
export type AcademicSession = z.infer<typeof academicSession>;
export type Course = z.infer<typeof course>;
export type Class = z.infer<typeof classRecord>;
export type UserRole = z.infer<typeof userRole>;
export type User = z.infer<typeof user>;
export type Enrollment = z.infer<typeof enrollment>;
export type Demographics = z.infer<typeof demographics>;

/** Which record lives in which collection. */
export interface Records {
  orgs: Org;
  academicSessions: AcademicSession;
  courses: Course;
  classes: Class;
  users: User;
  enrollments: Enrollment;
  demographics: Demographics;
}

export type CollectionName = keyof Records;

/** A whole district: one list for each collection, in no particular order. */
export type District = { [C in CollectionName]: Records[C][] };

export const collectionNames = [
  'orgs',
  'academicSessions',
  'courses',
  'classes',
  'users',
  'enrollments',
  'demographics',
] as const satisfies readonly CollectionName[];

/** What a generated district holds, counted apart from the SIS that serves it: what the syncs are held against. */
import { type DistrictOptions, generateDistrict } from '../simulators/district/generate.ts';
import type { User } from '../simulators/district/records.ts';

export interface SchoolSurvey {
  sourcedId: string;
  name: string;
  people: number;
  classes: number;
  enrollments: number;
  teachers: number;
  students: number;
  /** Records of all kinds that a full pull of this school reads, near enough for a bar. */
  reads: number;
}

/** An account of the district's Google domain. */
export interface Account {
  primaryEmail: string;
  givenName: string;
  familyName: string;
}

export interface Survey {
  name: string;
  /** E-mail domain of staff and students. */
  domain: string;
  schools: SchoolSurvey[];
  accounts: Account[];
}

const families: ReadonlySet<string> = new Set(['parent', 'guardian', 'relative']);

/** Whether they work or learn at a school: families have addresses of their own elsewhere. */
export function hasAccount({ roles, email }: Pick<User, 'roles' | 'email'>): boolean {
  return email !== undefined && roles.some(({ role }) => !families.has(role));
}

export function accountOf({ email = '', givenName, familyName }: User): Account {
  return { primaryEmail: email.toLowerCase(), givenName, familyName };
}

/** Generates the district and counts it: for the largest that is five seconds of work and 600 MB. */
export function surveyDistrict(options: DistrictOptions): Survey {
  const { orgs, academicSessions, courses, classes, users, enrollments } = generateDistrict(options);
  const accounts = users.filter(hasAccount).map(accountOf);
  const peopleAt = countBy(users, ({ roles }) => new Set(roles.map(({ orgSourcedId }) => orgSourcedId)));
  const classesAt = countBy(classes, ({ schoolSourcedId }) => [schoolSourcedId]);
  const memberships = countBy(enrollments, ({ schoolSourcedId, role }) => [
    schoolSourcedId,
    `${schoolSourcedId} ${role}`,
  ]);

  const schools = orgs
    .filter(({ type }) => type === 'school')
    .map(({ sourcedId, name }): SchoolSurvey => {
      const people = peopleAt.get(sourcedId) ?? 0;
      const here = { classes: classesAt.get(sourcedId) ?? 0, enrollments: memberships.get(sourcedId) ?? 0 };
      const coursesHere = courses.filter(
        ({ orgSourcedId }) => orgSourcedId === undefined || orgSourcedId === sourcedId,
      );
      return {
        sourcedId,
        name,
        people,
        ...here,
        teachers: memberships.get(`${sourcedId} teacher`) ?? 0,
        students: memberships.get(`${sourcedId} student`) ?? 0,
        reads: 1 + academicSessions.length + coursesHere.length + people + here.classes + here.enrollments,
      };
    });

  return {
    name: orgs.find(({ type }) => type === 'district')?.name ?? 'The district',
    domain: accounts[0]?.primaryEmail.split('@')[1] ?? 'school.example',
    schools,
    accounts,
  };
}

function countBy<T>(items: readonly T[], keysOf: (item: T) => Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) for (const key of keysOf(item)) counts.set(key, (counts.get(key) ?? 0) + 1);

  return counts;
}

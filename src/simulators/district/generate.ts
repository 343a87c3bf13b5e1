/** Makes up a whole school district from a seed. Every name, address and number in it is invented. */
import { makeCalendar, makeStamps } from './calendar.ts';
import { makeDemographics } from './demographics.ts';
import { makeFamilies, type Student } from './families.ts';
import { planLessons } from './lessons.ts';
import { familyName, personName } from './naming.ts';
import { type Office, openOffice } from './office.ts';
import { createRandom, type Random } from './random.ts';
import type { District, User } from './records.ts';
import { type DistrictSize, makeOrgs, type School } from './schools.ts';
import { assignTeachers } from './teachers.ts';
import { type Timetable, writeTimetable } from './timetable.ts';
import { makeUntidy } from './untidy.ts';

export interface DistrictOptions {
  seed: string | number;
  /**
   * `small`: 54 students and about 600 enrollments a school; `district`: 10,000 students; `large`: 100,000 students and
   * more than a million enrollments. Default `small`.
   */
  size?: DistrictSize;
  /** How many schools: primary, middle, high and again from the start. Default 3. */
  schools?: number;
  /** The day the district is looked at: it lies in the school year, and nothing was changed after it. */
  asOf: Date;
  /** With students without e-mail, orphaned enrollments and a teacher who is a parent too. Default false. */
  untidy?: boolean;
}

/** The same options give the same district, on every machine. */
export function generateDistrict(options: DistrictOptions): District {
  const { seed, size = 'small', schools: schoolCount = 3, asOf, untidy = false } = options;
  const random = createRandom(seed);
  const stamp = makeStamps(asOf, random);
  const { org, domain, schools } = makeOrgs({ size, schools: schoolCount }, random, stamp);
  const calendar = makeCalendar(asOf, random, stamp);
  const office = openOffice(domain, random, stamp);

  const { students, guardians } = makeFamilies(schools, office, random);
  const bySchool = Map.groupBy(students, ({ school }) => school);
  const administrators = makeAdministrators(org.sourcedId, schools, office, random);
  const teachers: User[] = [];
  const timetables: Timetable[] = [];
  for (const school of schools) {
    const lessons = planLessons(school, bySchool.get(school) ?? [], random);
    const hire = () => office.staff(anyName(random), 'teacher', school.org.sourcedId);
    const teaching = assignTeachers(lessons, hire, random);
    teachers.push(...teaching.teachers);
    timetables.push(writeTimetable(school, teaching.taught, { calendar, random, stamp }));
  }
  shareStudent(students, schools, timetables, random);

  const startYear = Number(calendar.schoolYear.schoolYear) - 1;
  const district: District = {
    orgs: [org, ...schools.map((school) => school.org)],
    academicSessions: calendar.sessions,
    courses: timetables.flatMap(({ courses }) => courses),
    classes: timetables.flatMap(({ classes }) => classes),
    users: [...administrators, ...teachers, ...students.map(({ user }) => user), ...guardians],
    enrollments: timetables.flatMap(({ enrollments }) => enrollments),
    demographics: students.map((student) => makeDemographics(student, startYear, random, stamp)),
  };
  if (untidy) makeUntidy(district, random);
  return district;
}

function anyName(random: Random) {
  return personName(random, familyName(random), random.chance(0.6) ? 'female' : 'male');
}

function makeAdministrators(districtId: string, schools: readonly School[], office: Office, random: Random): User[] {
  const posts = [
    { role: 'districtAdministrator', org: districtId },
    { role: 'systemAdministrator', org: districtId },
    ...schools.flatMap(({ org, level }) => [
      { role: 'principal', org: org.sourcedId },
      { role: 'siteAdministrator', org: org.sourcedId },
      ...(level === 'primary' ? [] : [{ role: 'counselor', org: org.sourcedId }]),
    ]),
  ];
  return posts.map(({ role, org }) => office.staff(anyName(random), role, org));
}

/** One of the oldest students of the middle school (or of the first) takes a class at the next school as well. */
function shareStudent(
  students: readonly Student[],
  schools: readonly School[],
  timetables: readonly Timetable[],
  random: Random,
): void {
  const at = Math.max(
    0,
    schools.findIndex(({ level }) => level === 'middle'),
  );
  const [home, away, lessons] = [
    schools[at],
    schools[at + 1] ?? schools[at - 1],
    timetables[at + 1] ?? timetables[at - 1],
  ];
  if (!home || !away || !lessons) return;

  const lastGrade = home.grades.at(-1)?.grade;
  const { user } = random.pick(students.filter(({ school, grade }) => school === home && grade === lastGrade));
  const place = random.pick(
    lessons.classes.filter(({ classType, termSourcedIds }) => classType === 'scheduled' && termSourcedIds.length === 4),
  );
  const classmate = lessons.enrollments.find(
    ({ classSourcedId, role }) => classSourcedId === place.sourcedId && role === 'student',
  );
  if (!classmate) return;

  user.roles.push({ role: 'student', roleType: 'primary', orgSourcedId: away.org.sourcedId });
  lessons.enrollments.push({ ...classmate, sourcedId: random.uuid(), userSourcedId: user.sourcedId });
}

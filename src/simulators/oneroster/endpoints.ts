/** Every rostering endpoint of OneRoster 1.1 and 1.2, by the operation names of its OpenAPI files. */
import type { Class, CollectionName, Enrollment, Records, User } from '../district/records.ts';
import type { Reading } from './scopes.ts';
import type { Source } from './source.ts';

type Params = Readonly<Record<string, string>>;
type AnyRecord = Records[CollectionName];

export interface Endpoint {
  /** `getAllUsers`: journal and fault switches go by it. */
  name: string;
  /** Behind the version's base. */
  path: string;
  collection: CollectionName;
  reading: Reading;
  /** Key of the answer: the collection's, or the singular for a single record. */
  envelope: string;
  /** Name of the path parameter that holds the id of a single record. */
  single?: string;
  /** The record that a collection stands below. */
  parent?: { collection: CollectionName; parameter: string };
  /** Which of the collection's records belong to the endpoint; all, when absent. */
  select?: (params: Params, source: Source) => (record: AnyRecord) => boolean;
}

const SINGULAR: Record<CollectionName, string> = {
  orgs: 'org',
  academicSessions: 'academicSession',
  courses: 'course',
  classes: 'class',
  users: 'user',
  enrollments: 'enrollment',
  demographics: 'demographics',
};

type Select<C extends CollectionName> = (params: Params, source: Source) => (record: Records[C]) => boolean;

/** A collection and its singles, both at the top. */
function flat<C extends CollectionName>(
  path: string,
  names: readonly [all: string, one: string],
  collection: C,
  only?: (record: Records[C]) => boolean,
): Endpoint[] {
  const common = {
    collection,
    reading: collection === 'demographics' ? ('demographics' as const) : ('core' as const),
    ...(only && { select: () => only as (record: AnyRecord) => boolean }),
  };
  return [
    { ...common, name: names[0], path: `/${path}`, envelope: collection },
    { ...common, name: names[1], path: `/${path}/{id}`, envelope: SINGULAR[collection], single: 'id' },
  ];
}

/** A collection below a record: `/schools/{schoolId}/classes`. */
function below<C extends CollectionName>(path: string, name: string, collection: C, select: Select<C>): Endpoint {
  const [, word = '', parameter = ''] = /^\/(\w+)\/\{(\w+)\}/u.exec(path) ?? [];
  const parent = { collection: PARENTS[word] ?? 'users', parameter };
  return {
    name,
    path,
    collection,
    reading: 'nested',
    envelope: collection,
    parent,
    select: select as Endpoint['select'],
  };
}

const PARENTS: Record<string, CollectionName> = {
  schools: 'orgs',
  classes: 'classes',
  courses: 'courses',
  terms: 'academicSessions',
};

const isActive = ({ status }: { status: string }) => status === 'active';
const hasRole = (role: string) => (user: User) => user.roles.some((one) => one.role === role);
const hasRoleAt = (role: string, org: string | undefined) => (user: User) =>
  user.roles.some((one) => one.role === role && one.orgSourcedId === org);

/** Users with an active enrollment of this role that passes the test. */
function enrolled(source: Source, role: string, test: (enrollment: Enrollment) => boolean) {
  const fits = source.records('enrollments').filter((one) => isActive(one) && one.role === role && test(one));
  const ids = new Set(fits.map(({ userSourcedId }) => userSourcedId));
  return ({ sourcedId }: User) => ids.has(sourcedId);
}

/** Classes in which the person has an active enrollment. */
function classesOf(source: Source, person: string | undefined, role?: string) {
  const fits = source
    .records('enrollments')
    .filter((one) => isActive(one) && one.userSourcedId === person && (role ?? one.role) === one.role);
  const ids = new Set(fits.map(({ classSourcedId }) => classSourcedId));
  return ({ sourcedId }: Class) => ids.has(sourcedId);
}

const inClass =
  (role: string): Select<'users'> =>
  ({ classId }, source) =>
    enrolled(source, role, ({ classSourcedId }) => classSourcedId === classId);
const inClassOfSchool =
  (role: string): Select<'users'> =>
  ({ schoolId, classId }, source) =>
    enrolled(source, role, (one) => one.classSourcedId === classId && one.schoolSourcedId === schoolId);

/** Paths that hold others come first where a path could be taken for two. */
export const endpoints: readonly Endpoint[] = [
  below(
    '/schools/{schoolId}/classes/{classId}/enrollments',
    'getEnrollmentsForClassInSchool',
    'enrollments',
    (params) => (one) => one.schoolSourcedId === params.schoolId && one.classSourcedId === params.classId,
  ),
  below(
    '/schools/{schoolId}/classes/{classId}/students',
    'getStudentsForClassInSchool',
    'users',
    inClassOfSchool('student'),
  ),
  below(
    '/schools/{schoolId}/classes/{classId}/teachers',
    'getTeachersForClassInSchool',
    'users',
    inClassOfSchool('teacher'),
  ),
  below(
    '/schools/{schoolId}/classes',
    'getClassesForSchool',
    'classes',
    ({ schoolId }) =>
      (one) =>
        one.schoolSourcedId === schoolId,
  ),
  below(
    '/schools/{schoolId}/courses',
    'getCoursesForSchool',
    'courses',
    ({ schoolId }) =>
      (one) =>
        one.orgSourcedId === schoolId,
  ),
  below(
    '/schools/{schoolId}/enrollments',
    'getEnrollmentsForSchool',
    'enrollments',
    ({ schoolId }) =>
      (one) =>
        one.schoolSourcedId === schoolId,
  ),
  below('/schools/{schoolId}/students', 'getStudentsForSchool', 'users', ({ schoolId }) =>
    hasRoleAt('student', schoolId),
  ),
  below('/schools/{schoolId}/teachers', 'getTeachersForSchool', 'users', ({ schoolId }) =>
    hasRoleAt('teacher', schoolId),
  ),
  below('/schools/{schoolId}/terms', 'getTermsForSchool', 'academicSessions', ({ schoolId }, source) => {
    const classes = source.records('classes').filter((one) => one.schoolSourcedId === schoolId);
    const ids = new Set(classes.flatMap(({ termSourcedIds }) => termSourcedIds));
    return ({ sourcedId, type }) => type === 'term' && ids.has(sourcedId);
  }),
  below('/classes/{classId}/students', 'getStudentsForClass', 'users', inClass('student')),
  below('/classes/{classId}/teachers', 'getTeachersForClass', 'users', inClass('teacher')),
  below(
    '/courses/{courseId}/classes',
    'getClassesForCourse',
    'classes',
    ({ courseId }) =>
      (one) =>
        one.courseSourcedId === courseId,
  ),
  below(
    '/terms/{termId}/classes',
    'getClassesForTerm',
    'classes',
    ({ termId = '' }) =>
      (one) =>
        one.termSourcedIds.includes(termId),
  ),
  below(
    '/terms/{termId}/gradingPeriods',
    'getGradingPeriodsForTerm',
    'academicSessions',
    ({ termId }) =>
      (one) =>
        one.type === 'gradingPeriod' && one.parentSourcedId === termId,
  ),
  below('/students/{studentId}/classes', 'getClassesForStudent', 'classes', ({ studentId }, source) =>
    classesOf(source, studentId, 'student'),
  ),
  below('/teachers/{teacherId}/classes', 'getClassesForTeacher', 'classes', ({ teacherId }, source) =>
    classesOf(source, teacherId, 'teacher'),
  ),
  below('/users/{userId}/classes', 'getClassesForUser', 'classes', ({ userId }, source) => classesOf(source, userId)),
  ...flat('academicSessions', ['getAllAcademicSessions', 'getAcademicSession'], 'academicSessions'),
  ...flat('terms', ['getAllTerms', 'getTerm'], 'academicSessions', ({ type }) => type === 'term'),
  ...flat(
    'gradingPeriods',
    ['getAllGradingPeriods', 'getGradingPeriod'],
    'academicSessions',
    ({ type }) => type === 'gradingPeriod',
  ),
  ...flat('orgs', ['getAllOrgs', 'getOrg'], 'orgs'),
  ...flat('schools', ['getAllSchools', 'getSchool'], 'orgs', ({ type }) => type === 'school'),
  ...flat('courses', ['getAllCourses', 'getCourse'], 'courses'),
  ...flat('classes', ['getAllClasses', 'getClass'], 'classes'),
  ...flat('users', ['getAllUsers', 'getUser'], 'users'),
  ...flat('students', ['getAllStudents', 'getStudent'], 'users', hasRole('student')),
  ...flat('teachers', ['getAllTeachers', 'getTeacher'], 'users', hasRole('teacher')),
  ...flat('enrollments', ['getAllEnrollments', 'getEnrollment'], 'enrollments'),
  ...flat('demographics', ['getAllDemographics', 'getDemographics'], 'demographics'),
];

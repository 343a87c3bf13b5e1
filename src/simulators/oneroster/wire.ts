/** Writes records the way OneRoster 1.1 and 1.2 send them. */
import type { CollectionName, Demographics, Records, User } from '../district/records.ts';
import type { Version } from './options.ts';
import { booleanText, filled, type Refer, type Wire } from './wire-parts.ts';
import { userV1p1, userV1p2 } from './wire-user.ts';

interface WriterOptions {
  version: Version;
  /** Start of every link: origin, prefix and the version's path. */
  baseUrl: string;
  /** Records of the same collection whose parent this one is. */
  childrenOf: (collection: 'orgs' | 'academicSessions', sourcedId: string) => readonly string[];
  /** What a server's quirks do to a record, in place. */
  rewrite?: ((wire: Wire) => void) | undefined;
}

type Writer = <C extends CollectionName>(collection: C, record: Records[C]) => Wire;

/** A reference's `type` is the singular of its collection. */
const TYPES: Record<CollectionName, string> = {
  orgs: 'org',
  academicSessions: 'academicSession',
  courses: 'course',
  classes: 'class',
  users: 'user',
  enrollments: 'enrollment',
  demographics: 'demographics',
};

type Writers = { [C in CollectionName]: (record: Records[C]) => Wire };

/** The writer of one version of the API. */
export function createWriter({ version, baseUrl, childrenOf, rewrite }: WriterOptions): Writer {
  const refer: Refer = (collection, sourcedId) => ({
    href: `${baseUrl}/${collection}/${encodeURIComponent(sourcedId)}`,
    sourcedId,
    type: TYPES[collection],
  });
  const referMaybe = (collection: CollectionName, id: string | undefined) =>
    id === undefined ? undefined : refer(collection, id);
  const referAll = (collection: CollectionName, ids: readonly string[]) => ids.map((id) => refer(collection, id));
  const writeUser = version === '1.1' ? userV1p1 : userV1p2;

  const writers: Writers = {
    orgs: (org) => ({
      ...base(org),
      name: org.name,
      type: org.type,
      identifier: org.identifier,
      parent: referMaybe('orgs', org.parentSourcedId),
      children: filled(referAll('orgs', childrenOf('orgs', org.sourcedId))),
    }),
    academicSessions: (session) => ({
      ...base(session),
      title: session.title,
      startDate: session.startDate,
      endDate: session.endDate,
      type: session.type,
      parent: referMaybe('academicSessions', session.parentSourcedId),
      children: filled(referAll('academicSessions', childrenOf('academicSessions', session.sourcedId))),
      schoolYear: session.schoolYear,
    }),
    courses: (course) => ({
      ...base(course),
      title: course.title,
      schoolYear: referMaybe('academicSessions', course.schoolYearSourcedId),
      courseCode: course.courseCode,
      grades: filled(course.grades),
      subjects: filled(course.subjects),
      org: referMaybe('orgs', course.orgSourcedId),
      subjectCodes: filled(course.subjectCodes),
    }),
    classes: (one) => ({
      ...base(one),
      title: one.title,
      classCode: one.classCode,
      classType: one.classType,
      location: one.location,
      grades: filled(one.grades),
      subjects: filled(one.subjects),
      course: refer('courses', one.courseSourcedId),
      school: refer('orgs', one.schoolSourcedId),
      terms: referAll('academicSessions', one.termSourcedIds),
      subjectCodes: filled(one.subjectCodes),
      periods: filled(one.periods),
    }),
    users: (user) => ({ ...base(user), ...writeUser(user, refer) }),
    enrollments: (enrollment) => ({
      ...base(enrollment),
      user: refer('users', enrollment.userSourcedId),
      class: refer('classes', enrollment.classSourcedId),
      school: refer('orgs', enrollment.schoolSourcedId),
      role: enrollment.role,
      primary: booleanText(enrollment.primary),
      beginDate: enrollment.beginDate,
      endDate: enrollment.endDate,
    }),
    demographics: (record) => demographics(record, version),
  };

  return (collection, record) => {
    const wire = writers[collection](record);
    rewrite?.(wire);
    return wire;
  };
}

function base({ sourcedId, status, dateLastModified, metadata }: User | Demographics): Wire {
  return { sourcedId, status, dateLastModified, metadata };
}

// 1.1 knows two sexes; a server of 1.1 leaves the others out.
function demographics(record: Demographics, version: Version): Wire {
  const sex = version === '1.2' || record.sex === 'male' || record.sex === 'female' ? record.sex : undefined;
  return {
    ...record,
    sex,
    americanIndianOrAlaskaNative: booleanText(record.americanIndianOrAlaskaNative),
    asian: booleanText(record.asian),
    blackOrAfricanAmerican: booleanText(record.blackOrAfricanAmerican),
    nativeHawaiianOrOtherPacificIslander: booleanText(record.nativeHawaiianOrOtherPacificIslander),
    white: booleanText(record.white),
    demographicRaceTwoOrMoreRaces: booleanText(record.demographicRaceTwoOrMoreRaces),
    hispanicOrLatinoEthnicity: booleanText(record.hispanicOrLatinoEthnicity),
  };
}

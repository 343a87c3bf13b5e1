/** The fields a record can have on the wire: what may be filtered, sorted and selected by. */
import type { CollectionName } from '../district/records.ts';
import type { Version } from './options.ts';

/**
 * `text` is compared as it is, `instant` and `date` as points in time, `list` holds words. `reference` and `references`
 * are reached by `school.sourcedId`, `type` and `href`; `objects` have the parts named behind the colon.
 */
type Kind = 'text' | 'instant' | 'date' | 'list' | 'reference' | 'references' | `objects:${string}`;

const base = { sourcedId: 'text', status: 'text', dateLastModified: 'instant' } as const;

type Fields = Readonly<Record<string, Kind>>;

const user: Fields = {
  ...base,
  username: 'text',
  userIds: 'objects:type identifier',
  enabledUser: 'text',
  givenName: 'text',
  familyName: 'text',
  middleName: 'text',
  identifier: 'text',
  email: 'text',
  sms: 'text',
  phone: 'text',
  agents: 'references',
  grades: 'list',
  password: 'text',
};

const common: Record<Exclude<CollectionName, 'users'>, Fields> = {
  orgs: { ...base, name: 'text', type: 'text', identifier: 'text', parent: 'reference', children: 'references' },
  academicSessions: {
    ...base,
    title: 'text',
    type: 'text',
    startDate: 'date',
    endDate: 'date',
    parent: 'reference',
    children: 'references',
    schoolYear: 'text',
  },
  courses: {
    ...base,
    title: 'text',
    schoolYear: 'reference',
    courseCode: 'text',
    grades: 'list',
    subjects: 'list',
    subjectCodes: 'list',
    org: 'reference',
    resources: 'references',
  },
  classes: {
    ...base,
    title: 'text',
    classCode: 'text',
    classType: 'text',
    location: 'text',
    grades: 'list',
    subjects: 'list',
    subjectCodes: 'list',
    periods: 'list',
    course: 'reference',
    school: 'reference',
    terms: 'references',
    resources: 'references',
  },
  enrollments: {
    ...base,
    user: 'reference',
    class: 'reference',
    school: 'reference',
    role: 'text',
    primary: 'text',
    beginDate: 'date',
    endDate: 'date',
  },
  demographics: {
    ...base,
    birthDate: 'date',
    sex: 'text',
    americanIndianOrAlaskaNative: 'text',
    asian: 'text',
    blackOrAfricanAmerican: 'text',
    nativeHawaiianOrOtherPacificIslander: 'text',
    white: 'text',
    demographicRaceTwoOrMoreRaces: 'text',
    hispanicOrLatinoEthnicity: 'text',
    countryOfBirthCode: 'text',
    stateOfBirthAbbreviation: 'text',
    cityOfBirth: 'text',
    publicSchoolResidenceStatus: 'text',
  },
};

const tables: Record<Version, Record<CollectionName, Fields>> = {
  '1.1': { ...common, users: { ...user, role: 'text', orgs: 'references' } },
  '1.2': {
    ...common,
    users: {
      ...user,
      userMasterIdentifier: 'text',
      preferredFirstName: 'text',
      preferredMiddleName: 'text',
      preferredLastName: 'text',
      pronouns: 'text',
      primaryOrg: 'reference',
      roles: 'objects:role roleType org.sourcedId beginDate endDate',
      userProfiles: 'objects:profileId profileType vendorId',
      resources: 'references',
    },
  },
};

/** Whether a record of the collection can have this field at its top level. */
export function isField(version: Version, collection: CollectionName, field: string): boolean {
  return field === 'metadata' || Object.hasOwn(tables[version][collection], field);
}

/** How the values of a field, or of a part of one (`class.sourcedId`), are compared; undefined for an unknown field. */
export function comparison(
  version: Version,
  collection: CollectionName,
  path: string,
): 'text' | 'instant' | 'date' | 'list' | undefined {
  const [head = '', ...rest] = path.split('.');
  const part = rest.join('.');
  if (head === 'metadata') return part === '' ? undefined : 'text';

  const kind = Object.hasOwn(tables[version][collection], head) ? tables[version][collection][head] : undefined;
  switch (kind) {
    case undefined:
      return undefined;
    case 'text':
    case 'instant':
    case 'date':
    case 'list':
      return part === '' ? kind : undefined;
    case 'reference':
    case 'references':
      return ['sourcedId', 'type', 'href'].includes(part) ? 'text' : undefined;
    default:
      return kind.slice('objects:'.length).split(' ').includes(part) ? 'text' : undefined;
  }
}

/** All values a record has under a path, as text; none when the field is absent. */
export function valuesAt(wire: Readonly<Record<string, unknown>>, path: string): string[] {
  if (!path.includes('.')) return textsOf([wire[path]]);

  const [head = '', ...rest] = path.split('.');
  // Names of metadata may themselves have dots.
  const steps = head === 'metadata' ? [head, rest.join('.')] : [head, ...rest];
  let values: unknown[] = [wire];
  for (const step of steps) {
    values = values.flatMap((value) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : [],
    );
  }
  return textsOf(values);
}

function textsOf(values: readonly unknown[]): string[] {
  return values
    .flat()
    .filter((value) => value !== undefined && value !== null)
    .map(String);
}

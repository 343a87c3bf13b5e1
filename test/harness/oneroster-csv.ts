/** Reads the files of a OneRoster 1.1 CSV folder into a district, so that the simulator can serve them over REST. */
import { parse } from 'csv-parse/sync';
import type { Demographics, District } from '#src/simulators/district/records.ts';

type Row = Record<string, string>;

/**
 * @param files file texts by name (`users.csv`); a missing file is an empty collection. A bulk file may leave status and
 * dateLastModified empty: then records are active and of `modified`.
 */
export function districtFromCsv(
  files: Readonly<Record<string, string>>,
  modified = '2026-01-01T00:00:00.000Z',
): District {
  const rows = (name: string): Row[] =>
    parse(files[name] ?? '', { columns: true, bom: true, trim: true, skip_empty_lines: true });
  const base = (row: Row) => ({
    sourcedId: row.sourcedId ?? '',
    status: row.status || 'active',
    dateLastModified: row.dateLastModified || modified,
    ...metadataOf(row),
  });

  return {
    orgs: rows('orgs.csv').map((row) => ({
      ...base(row),
      name: row.name ?? '',
      type: row.type ?? '',
      identifier: text(row.identifier),
      parentSourcedId: text(row.parentSourcedId),
    })),
    academicSessions: rows('academicSessions.csv').map((row) => ({
      ...base(row),
      title: row.title ?? '',
      type: row.type ?? '',
      startDate: row.startDate ?? '',
      endDate: row.endDate ?? '',
      parentSourcedId: text(row.parentSourcedId),
      schoolYear: row.schoolYear ?? '',
    })),
    courses: rows('courses.csv').map((row) => ({
      ...base(row),
      title: row.title ?? '',
      courseCode: text(row.courseCode),
      schoolYearSourcedId: text(row.schoolYearSourcedId),
      grades: list(row.grades),
      subjects: list(row.subjects),
      subjectCodes: list(row.subjectCodes),
      orgSourcedId: text(row.orgSourcedId),
    })),
    classes: rows('classes.csv').map((row) => ({
      ...base(row),
      title: row.title ?? '',
      classCode: text(row.classCode),
      classType: text(row.classType),
      location: text(row.location),
      grades: list(row.grades),
      subjects: list(row.subjects),
      subjectCodes: list(row.subjectCodes),
      periods: list(row.periods),
      courseSourcedId: row.courseSourcedId ?? '',
      schoolSourcedId: row.schoolSourcedId ?? '',
      termSourcedIds: list(row.termSourcedIds),
    })),
    users: rows('users.csv').map((row) => ({
      ...base(row),
      username: text(row.username),
      userIds: userIds(row.userIds),
      enabledUser: truth(row.enabledUser) ?? true,
      givenName: row.givenName ?? '',
      familyName: row.familyName ?? '',
      middleName: text(row.middleName),
      identifier: text(row.identifier),
      email: text(row.email),
      sms: text(row.sms),
      phone: text(row.phone),
      agentSourcedIds: list(row.agentSourcedIds),
      grades: list(row.grades),
      // One role at every org; the first org is the person's own.
      roles: list(row.orgSourcedIds).map((orgSourcedId) => ({
        role: row.role ?? '',
        roleType: 'primary',
        orgSourcedId,
      })),
      primaryOrgSourcedId: list(row.orgSourcedIds)[0],
    })),
    enrollments: rows('enrollments.csv').map((row) => ({
      ...base(row),
      userSourcedId: row.userSourcedId ?? '',
      classSourcedId: row.classSourcedId ?? '',
      schoolSourcedId: row.schoolSourcedId ?? '',
      role: row.role ?? '',
      primary: truth(row.primary),
      beginDate: text(row.beginDate),
      endDate: text(row.endDate),
    })),
    demographics: rows('demographics.csv').map(
      (row): Demographics => ({
        ...base(row),
        birthDate: text(row.birthDate),
        sex: text(row.sex),
        americanIndianOrAlaskaNative: truth(row.americanIndianOrAlaskaNative),
        asian: truth(row.asian),
        blackOrAfricanAmerican: truth(row.blackOrAfricanAmerican),
        nativeHawaiianOrOtherPacificIslander: truth(row.nativeHawaiianOrOtherPacificIslander),
        white: truth(row.white),
        demographicRaceTwoOrMoreRaces: truth(row.demographicRaceTwoOrMoreRaces),
        hispanicOrLatinoEthnicity: truth(row.hispanicOrLatinoEthnicity),
        countryOfBirthCode: text(row.countryOfBirthCode),
        stateOfBirthAbbreviation: text(row.stateOfBirthAbbreviation),
        cityOfBirth: text(row.cityOfBirth),
        publicSchoolResidenceStatus: text(row.publicSchoolResidenceStatus),
      }),
    ),
  };
}

/** An empty cell is an absent field. */
function text(cell: string | undefined): string | undefined {
  return cell === undefined || cell === '' ? undefined : cell;
}

function list(cell: string | undefined): string[] {
  return (cell ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function truth(cell: string | undefined): boolean | undefined {
  return text(cell) === undefined ? undefined : cell?.toLowerCase() === 'true';
}

/** `{LDAP:jdoe},{LTI:42}` */
function userIds(cell: string | undefined): { type: string; identifier: string }[] {
  return [...(cell ?? '').matchAll(/\{([^:}]*):([^}]*)\}/gu)].map(([, type = '', identifier = '']) => ({
    type,
    identifier,
  }));
}

/** Extension columns are named `metadata.<name>`. */
function metadataOf(row: Row): { metadata?: Record<string, unknown> } {
  const extensions = Object.entries(row).filter(([name, cell]) => name.startsWith('metadata.') && cell !== '');
  if (extensions.length === 0) return {};
  return { metadata: Object.fromEntries(extensions.map(([name, cell]) => [name.slice('metadata.'.length), cell])) };
}

/**
 * What every argument of the API is filled with: written by hand, by name and type. The generator complains about an argument
 * that has nothing here, and about what is here and fills nothing.
 */
import { encodeId, splitId } from '../../src/schema/ids.ts';
import type { OwnedType, World } from './world.ts';

export interface Filler {
  readonly own: (world: World) => unknown;
  /** Of what belongs to somebody: the same in form, right beside it in any order, and nobody's. Left out: it is nobody's anyway. */
  readonly nobodys?: (value: unknown) => unknown;
}

export interface Fillers {
  /** By `name: Type`; a list is filled with one of them. */
  readonly byName: Readonly<Record<string, Filler>>;
  /** Those that mean something else in one place, by their coordinate. */
  readonly byPlace: Readonly<Record<string, Filler>>;
  /** By type, where the name does not matter. */
  readonly byType: Readonly<Record<string, Filler>>;
  /** What else has to be given with an argument for it to mean anything, or with none for its field to. */
  readonly company: Readonly<Record<string, readonly string[]>>;
}

const idOf = (type: OwnedType): Filler => ({ own: ({ ids }) => ids[type], nobodys: (id) => unknownId(String(id)) });
const plain = (value: unknown): Filler => ({ own: () => value });
const text = (own: (world: World) => string): Filler => ({ own, nobodys: (value) => `${String(value)}~` });

/** Where no one has anything to hide, or refusing what is taken already is what it is for. */
const words = plain('words');

export const fillers: Fillers = {
  byName: {
    'apiKeyId: ID': idOf('ApiKey'),
    'classId: ID': idOf('Class'),
    'conflictId: ID': idOf('SyncConflict'),
    'courseId: ID': idOf('Course'),
    'courseIds: ID': idOf('Course'),
    'classIds: ID': idOf('Class'),
    'enrollmentId: ID': idOf('Enrollment'),
    'exportId: ID': idOf('Export'),
    'guardianId: ID': idOf('Person'),
    'guardianIds: ID': idOf('Person'),
    'guardianLinkId: ID': idOf('GuardianLink'),
    'integrationId: ID': idOf('Integration'),
    'integrationIds: ID': idOf('Integration'),
    'memberId: ID': idOf('Member'),
    'parentId: ID': idOf('Term'),
    'personId: ID': idOf('Person'),
    'personIds: ID': idOf('Person'),
    'providerId: ID': plain(encodeId('Provider', 'edusign')),
    'recordId: ID': idOf('Person'),
    'recordIds: ID': idOf('Person'),
    'schoolId: ID': idOf('School'),
    'schoolIds: ID': idOf('School'),
    'studentId: ID': idOf('Person'),
    'studentIds: ID': idOf('Person'),
    'syncRunId: ID': idOf('SyncRun'),
    'termId: ID': idOf('Term'),
    'termIds: ID': idOf('Term'),

    'sourcedIds: String': text(({ told }) => told.sourcedId),
    'externalId: String': text(({ told }) => told.externalId),
    'planHash: String': text(({ told }) => told.planHash),
    'search: String': text(({ mark }) => mark),
    'version: Int': { own: ({ told }) => told.version, nobodys: (version) => Number(version) + 1_000 },

    'action: String': plain('google_classroom'),
    'classCode: String': words,
    'classType: String': words,
    'courseCode: String': words,
    'beginDate: String': plain('2026-09-01'),
    'days: Int': plain(1),
    'email: String': plain('nobody@school.example'),
    'endDate: String': plain('2027-07-01'),
    'expression: String': plain('0 4 * * *'),
    'familyName: String': words,
    'field: String': plain('email'),
    'fields: String': plain('givenName'),
    'first: Int': plain(3),
    'from: String': plain('08:00'),
    'givenName: String': words,
    'grades: String': words,
    'identifier: String': words,
    'issuer: String': plain('https://login.example'),
    'last: Int': plain(3),
    'location: String': words,
    'middleName: String': words,
    'name: String': words,
    'on: String': plain('2026-10-01'),
    'periods: String': words,
    'phone: String': words,
    'relationship: String': words,
    'removalMax: Int': plain(10),
    'returnPath: String': plain('/done'),
    'role: String': plain('student'),
    'schoolYear: String': plain('2027'),
    'scopes: String': plain('roster:read'),
    'sms: String': words,
    'sourcedId: String': words,
    'startDate: String': plain('2026-09-01'),
    'subject: String': words,
    'subjectCodes: String': words,
    'subjects: String': words,
    'timeZone: String': plain('Europe/Paris'),
    'title: String': words,
    'type: String': plain('term'),
    'until: String': plain('12:00'),
    'username: String': words,
    'credentials: JSON': plain({ edusignToken: 'token' }),
    'settings: JSON': plain({}),
  },
  byPlace: {
    'BlackoutDatesInput.from': plain('2026-12-20'),
    'BlackoutDatesInput.until': plain('2027-01-03'),
    // So that no school is made.
    'CreateSchoolInput.timeZone': plain('Nowhere'),
    'Query.export.id': idOf('Export'),
    'Query.integration.id': idOf('Integration'),
    'Query.school.id': idOf('School'),
    'ResolveConflictInput.externalId': text(({ told }) => told.candidate),
    'Subscription.syncRunUpdated.id': idOf('SyncRun'),
  },
  byType: {
    Boolean: plain(true),
    DateTime: plain('2026-09-01T00:00:00Z'),
    Float: plain(0.5),
  },
  company: {
    'ConnectIntegrationInput.schoolId': ['credentials'],
    'CreateApiKeyInput.name': ['schoolIds'],
    'Integration.explain': ['recordId'],
    'Integration.explain.classId': ['recordId'],
    'InviteMemberInput.role': ['email', 'schoolIds'],
    'InviteMemberInput.subject': ['issuer'],
    'TestConnectionInput.schoolId': ['providerId', 'settings', 'credentials'],
  },
};

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The id beside it, which nothing has: so near that no other lies between the two. */
const beside = (id: string) => id.slice(0, -2) + ((Number.parseInt(id.slice(-2), 16) ^ 1) + 256).toString(16).slice(1);

function unknownId(globalId: string): string {
  const parts = splitId(globalId);
  if (parts === undefined) throw new Error(`${globalId} is no id.`);

  return encodeId(parts.type, parts.id.replace(uuid, beside));
}

/** The place right beside that of a page's cursor. */
export function unknownCursor(cursor: string): string {
  return Buffer.from(Buffer.from(cursor, 'base64url').toString().replace(uuid, beside)).toString('base64url');
}

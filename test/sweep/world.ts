/**
 * One school with one of everything, whose words all begin with its mark: found in somebody else's answer, they have leaked.
 * Providers, dates and the school's id in its SIS are the same in all of them.
 */
import { orm } from '../../src/db/client.ts';
import { insertExport } from '../../src/db/queries/export.ts';
import type { SeededIntegration, SeededSchool, SeededTenant } from '../../src/db/seed.ts';
import { fieldRule } from '../../src/db/tables/field-rule.ts';
import { link } from '../../src/db/tables/link.ts';
import { member } from '../../src/db/tables/member.ts';
import { org } from '../../src/db/tables/org.ts';
import { problem } from '../../src/db/tables/problem.ts';
import { recordEdit } from '../../src/db/tables/record-edit.ts';
import { newId } from '../../src/model/ids.ts';
import { encodeId } from '../../src/schema/ids.ts';
import { issuer, type Product } from './product.ts';

/** Names of the types that have an id and belong to somebody. */
export const ownedTypes = [
  'ApiKey',
  'Class',
  'Course',
  'Enrollment',
  'Export',
  'Group',
  'GuardianLink',
  'Integration',
  'Meeting',
  'Member',
  'Org',
  'Person',
  'School',
  'SyncConflict',
  'SyncLog',
  'SyncRun',
  'Tenant',
  'Term',
  'Viewer',
] as const;
export type OwnedType = (typeof ownedTypes)[number];

/** What is no id, and is somebody's own all the same. */
export interface Told {
  readonly email: string;
  readonly subject: string;
  readonly externalId: string;
  readonly candidate: string;
  readonly planHash: string;
  readonly version: number;
  readonly username: string;
  readonly sourcedId: string;
}

export interface World {
  readonly mark: string;
  readonly tenantId: string;
  readonly schoolId: string;
  /** A key for this school, or for the whole tenant. */
  readonly key: string;
  /** Global. */
  readonly ids: Readonly<Record<OwnedType, string>>;
  /** A person who is in no class yet. */
  readonly newcomer: string;
  readonly told: Told;
}

export interface WorldOptions {
  readonly mark: string;
  readonly tenant: SeededTenant;
  /** Its conflict's version, unlike others'. */
  readonly version: number;
  /** Whether its key opens every school of the tenant. */
  readonly wholeTenant?: boolean;
}

const settings = { blackouts: [{ from: '2026-12-20', until: '2027-01-03' }] };
const day = { startsAt: new Date('2026-09-07T08:30:00Z'), endsAt: new Date('2026-09-07T10:00:00Z') };

export async function seedWorld(product: Product, options: WorldOptions): Promise<World> {
  const { mark, tenant, version } = options;
  const of = (noun: string) => `${mark}-${noun}`;
  const school = await tenant.school({ name: of('School'), sourcedId: 'org-1', settings });
  const roster = await seedRoster(school, of);
  const told: Told = {
    email: `${mark.toLowerCase()}@school.example`,
    subject: of('Subject'),
    externalId: of('Account'),
    candidate: of('Candidate'),
    planHash: of('PlanHash'),
    version,
    username: of('Username'),
    sourcedId: of('Person-1'),
  };
  const integration = await seedIntegration(school, { of, told, ...roster });
  const place = { tenantId: tenant.id, schoolId: school.id };
  const memberId = newId();
  await tenant.write((tx) =>
    orm(tx)
      .insert(member)
      .values({
        tenantId: tenant.id,
        id: memberId,
        email: told.email,
        issuer,
        subject: told.subject,
        name: of('Member'),
        role: 'SCHOOL_ADMIN',
        schoolIds: [school.id],
        invitedBy: of('Inviter'),
      }),
  );
  const viewer = await product.key(tenant.id, options.wholeTenant ? null : [school.id]);
  const spare = await product.key(tenant.id, [school.id]);
  const raw = {
    ...roster,
    ...integration,
    ApiKey: spare.id,
    Export: await seedExport(school, viewer.id, of),
    Member: memberId,
    School: school.id,
    Tenant: tenant.id,
    Viewer: viewer.id,
  };
  const ids = Object.fromEntries(ownedTypes.map((type) => [type, encodeId(type, raw[type])]));

  return {
    mark,
    ...place,
    key: viewer.key,
    ids: ids as World['ids'],
    newcomer: encodeId('Person', roster.newcomer),
    told,
  };
}

type Named = (noun: string) => string;

async function seedRoster(school: SeededSchool, of: Named) {
  const Course = await school.course({ title: of('Course'), courseCode: of('CourseCode'), sourcedId: of('course-1') });
  const year = await school.term({ title: of('Year'), sourcedId: of('year-1') });
  const Term = await school.term({
    title: of('Term'),
    type: 'term',
    sourcedId: of('term-1'),
    parentId: year,
    schoolYear: of('2027'),
  });
  const Class = await school.class({
    title: of('Class'),
    classCode: of('ClassCode'),
    location: of('Location'),
    grades: [of('Grade')],
    subjects: [of('Subject')],
    subjectCodes: [of('SubjectCode')],
    periods: [of('Period')],
    sourcedId: of('class-1'),
    courseId: Course,
    termsIds: [Term],
  });
  const person = (noun: string, role: string) =>
    school.person({
      givenName: of(`${noun}Given`),
      familyName: of(`${noun}Family`),
      middleName: of(`${noun}Middle`),
      username: noun === 'Learner' ? of('Username') : null,
      email: `${of(noun)}@school.example`,
      identifier: of(`${noun}Number`),
      phone: of(`${noun}Phone`),
      sms: of(`${noun}Sms`),
      sourcedId: noun === 'Learner' ? of('Person-1') : of(noun),
      role,
    });
  const Person = await person('Learner', 'student');
  const guardian = await person('Guardian', 'parent');
  const teacher = await person('Teacher', 'teacher');
  const newcomer = await school.person({ givenName: of('NewGiven'), familyName: of('NewFamily') });
  const Enrollment = await school.enrollment({ classId: Class, personId: Person, sourcedId: of('enrollment-1') });
  await school.enrollment({ classId: Class, personId: teacher, role: 'teacher', primary: true });
  const GuardianLink = await school.guardianLink({
    studentId: Person,
    guardianId: guardian,
    relationship: of('Relationship'),
  });
  // So that one person has lists both ways.
  await school.guardianLink({ studentId: newcomer, guardianId: Person, relationship: of('Sibling') });
  const Group = await school.group({ title: of('Group'), code: of('GroupCode'), membersIds: [Person] });
  const Meeting = await school.meeting({
    title: of('Meeting'),
    description: of('Description'),
    location: of('Room'),
    ...day,
    classId: Class,
    instructorsIds: [teacher],
    learnersIds: [Person],
    groupsIds: [Group],
  });
  const Org = newId();
  const { tenant } = school;
  const place = { tenantId: tenant.id, schoolId: school.id };
  await tenant.write(async (tx) => {
    await orm(tx)
      .insert(org)
      .values({ ...place, id: Org, name: of('Org'), type: 'district', identifier: of('OrgNumber') });
    await orm(tx)
      .insert(recordEdit)
      .values({
        ...place,
        id: newId(),
        entity: 'person',
        recordId: Person,
        action: 'person.update',
        before: { givenName: of('Before') },
        after: { givenName: of('After') },
        reason: of('EditReason'),
        actor: of('Editor'),
        at: new Date(),
      });
  });

  return { Course, Term, Class, Person, Enrollment, GuardianLink, Group, Meeting, Org, newcomer };
}

async function seedExport({ tenant, id: schoolId }: SeededSchool, askedBy: string, of: Named): Promise<string> {
  const id = newId();
  const now = new Date();
  await tenant.write((tx) =>
    insertExport(tx, {
      tenantId: tenant.id,
      schoolId,
      id,
      entities: ['person'],
      recordStatus: ['ACTIVE'],
      updatedSince: null,
      contacts: true,
      liveCursor: of('LiveCursor'),
      askerKind: 'API_KEY',
      askedBy,
      askerName: of('Asker'),
      createdAt: now,
      expiresAt: new Date(now.getTime() + 86_400_000),
    }),
  );

  return id;
}

interface About {
  readonly of: Named;
  readonly told: Told;
  readonly Person: string;
  readonly Class: string;
  readonly Enrollment: string;
}

async function seedIntegration(school: SeededSchool, about: About) {
  const { of, told, Person: personId } = about;
  const integration = await school.integration({
    settings: { domain: `${of('Domain')}.example` },
    status: 'DEGRADED',
    statusReason: of('StatusReason'),
    schedule: { kind: 'cron', cron: '0 4 * * *' },
    webhookEndpoint: of('WebhookEndpoint'),
    lastSyncedAt: new Date(),
  });
  const run = await integration.run({
    status: 'HELD',
    heldReason: of('HeldReason'),
    planHash: told.planHash,
    planExpiresAt: new Date(Date.now() + 86_400_000),
    requestedBy: of('Requester'),
  });
  await integration.run({
    status: 'FAILED',
    error: { code: 'unwell', message: of('ErrorMessage'), remedy: of('ErrorRemedy'), turn: 'SCHOOL' },
  });
  const person = { entity: 'person' as const, recordId: personId, key: told.externalId, name: of('LogName') };
  const change = { before: { givenName: of('LogBefore') }, after: { givenName: of('LogAfter') } };
  const [SyncLog = ''] = await run.logs(1, {
    ...person,
    ...change,
    stream: 'accounts',
    reason: of('LogReason'),
    details: { note: of('LogDetails') },
  });
  const waiting = { status: 'PENDING', waits: true } as const;
  await run.logs(1, { reason: of('ClassReason'), entity: 'class', recordId: about.Class, ...waiting });
  await run.logs(1, { reason: of('PlaceReason'), entity: 'enrollment', recordId: about.Enrollment, ...waiting });
  const SyncConflict = await integration.conflict({
    recordId: personId,
    stream: 'accounts',
    kind: 'DUPLICATE_MATCH',
    key: told.externalId,
    name: of('ConflictName'),
    version: told.version,
    fields: [{ name: 'givenName', baseValue: of('Base'), localValue: of('Local'), externalValue: of('External') }],
    candidates: [{ externalId: told.candidate, name: of('CandidateName') }],
  });
  await seedBesides(integration, about);

  return { Integration: integration.id, SyncRun: run.id, SyncLog, SyncConflict };
}

async function seedBesides({ id: integrationId, school }: SeededIntegration, { of, told, Person: personId }: About) {
  const place = { tenantId: school.tenant.id, schoolId: school.id, integrationId };
  await school.tenant.write(async (tx) => {
    await orm(tx)
      .insert(link)
      .values({
        ...place,
        stream: 'accounts',
        key: told.externalId,
        recordId: personId,
        state: 'LINKED',
        base: { givenName: of('LinkBase') },
        external: { givenName: of('LinkExternal') },
        syncedAt: new Date(),
      });
    await orm(tx)
      .insert(fieldRule)
      .values({ ...place, entity: 'person', field: 'givenName', rule: 'ASK', decidedBy: of('Decider') });
    await orm(tx)
      .insert(problem)
      .values({
        ...place,
        code: 'no_email',
        message: of('ProblemMessage'),
        remedy: of('ProblemRemedy'),
        turn: 'SCHOOL',
        since: new Date(),
        affectedCount: 1,
      });
  });
}

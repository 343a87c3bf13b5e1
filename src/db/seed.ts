/**
 * Builds a small world by nesting, for tests: a tenant has schools, a school has integrations and people, an
 * integration has runs, a run has a log. Everything has a default, so that a test names only what it is about.
 *
 * ```ts
 * const tenant = await seedTenant(database.app);
 * const school = await tenant.school();
 * const run = await (await school.integration()).run({ status: 'FAILED' });
 * ```
 */
import type { InferInsertModel } from 'drizzle-orm';
import type { PgInsertValue, PgTable } from 'drizzle-orm/pg-core';
import { newId } from '../model/ids.ts';
import { asTenant, orm, type Sql, type TransactionSql } from './client.ts';
import { classTable } from './tables/class.ts';
import { course } from './tables/course.ts';
import { enrollment } from './tables/enrollment.ts';
import { groupTable } from './tables/group.ts';
import { guardianLink } from './tables/guardian-link.ts';
import { integration } from './tables/integration.ts';
import { meeting } from './tables/meeting.ts';
import { person } from './tables/person.ts';
import { school } from './tables/school.ts';
import { syncConflict } from './tables/sync-conflict.ts';
import { syncLog } from './tables/sync-log.ts';
import { syncRun } from './tables/sync-run.ts';
import { tenant } from './tables/tenant.ts';
import { term } from './tables/term.ts';

type Row<Table extends PgTable> = Partial<InferInsertModel<Table>>;

export interface SeededTenant {
  readonly id: string;
  /** Runs a function in a transaction of this tenant. */
  readonly write: <T>(fn: (tx: TransactionSql) => Promise<T>) => Promise<T>;
  school(row?: Row<typeof school>): Promise<SeededSchool>;
}

export interface SeededSchool {
  readonly id: string;
  readonly tenant: SeededTenant;
  integration(row?: Row<typeof integration>): Promise<SeededIntegration>;
  person(row?: Row<typeof person>): Promise<string>;
  class(row?: Row<typeof classTable>): Promise<string>;
  course(row?: Row<typeof course>): Promise<string>;
  term(row?: Row<typeof term>): Promise<string>;
  guardianLink(row: Row<typeof guardianLink> & { studentId: string; guardianId: string }): Promise<string>;
  enrollment(row: Row<typeof enrollment> & { classId: string; personId: string }): Promise<string>;
  group(row?: Row<typeof groupTable>): Promise<string>;
  meeting(row?: Row<typeof meeting>): Promise<string>;
}

export interface SeededIntegration {
  readonly id: string;
  readonly school: SeededSchool;
  run(row?: Row<typeof syncRun>): Promise<SeededRun>;
  conflict(row?: Row<typeof syncConflict>): Promise<string>;
}

export interface SeededRun {
  readonly id: string;
  readonly integration: SeededIntegration;
  /** Adds entries to the end of the log and answers their ids. */
  logs(count: number, row?: Row<typeof syncLog>): Promise<string[]>;
}

/** @param app a pool of the role that serves requests: what is seeded passes the same policies as what is served. */
export async function seedTenant(
  app: Sql,
  { name = 'Harbour District' }: { name?: string } = {},
): Promise<SeededTenant> {
  const id = newId();
  const identity = { tenantId: id, schoolIds: null, actor: 'seed' };
  const write: SeededTenant['write'] = (fn) => asTenant(app, identity, fn);
  const seeded: SeededTenant = { id, write, school: (row) => seedSchool(seeded, row) };
  await insert(seeded, tenant, { id, name });

  return seeded;
}

/** An insert that the types of drizzle let through for any table. */
async function insert<Table extends PgTable>(
  { write }: SeededTenant,
  table: Table,
  rows: PgInsertValue<Table> | PgInsertValue<Table>[],
): Promise<void> {
  await write((tx) =>
    orm(tx)
      .insert(table)
      .values(rows as PgInsertValue<Table>[]),
  );
}

async function seedSchool(owner: SeededTenant, row: Row<typeof school> = {}): Promise<SeededSchool> {
  const id = row.id ?? newId();
  const place = { tenantId: owner.id, schoolId: id };
  await insert(owner, school, { tenantId: owner.id, name: 'Elm Street School', ...row, id });

  const seeded: SeededSchool = {
    id,
    tenant: owner,
    integration: (values) => seedIntegration(seeded, values),
    async person(values = {}) {
      const personId = values.id ?? newId();
      const defaults = { ...place, givenName: 'Zoë', familyName: 'Åkesson', role: 'student' };
      await insert(owner, person, { ...defaults, ...values, id: personId });

      return personId;
    },
    async class(values = {}) {
      const classId = values.id ?? newId();
      await insert(owner, classTable, { ...place, title: 'Biology 7b', ...values, id: classId });

      return classId;
    },
    async course(values = {}) {
      const courseId = values.id ?? newId();
      await insert(owner, course, { ...place, title: 'Biology', ...values, id: courseId });

      return courseId;
    },
    async term(values = {}) {
      const termId = values.id ?? newId();
      const year = { type: 'schoolYear', startDate: '2026-09-01', endDate: '2027-07-01' };
      await insert(owner, term, { ...place, title: '2026–27', ...year, ...values, id: termId });

      return termId;
    },
    async guardianLink(values) {
      const linkId = values.id ?? newId();
      await insert(owner, guardianLink, { ...place, relationship: 'parent', ...values, id: linkId });

      return linkId;
    },
    async enrollment(values) {
      const enrollmentId = values.id ?? newId();
      await insert(owner, enrollment, { ...place, role: 'student', ...values, id: enrollmentId });

      return enrollmentId;
    },
    async group(values = {}) {
      const groupId = values.id ?? newId();
      await insert(owner, groupTable, { ...place, title: 'Seminar group 1', ...values, id: groupId });

      return groupId;
    },
    async meeting(values = {}) {
      const meetingId = values.id ?? newId();
      const hours = { startsAt: new Date('2026-09-07T08:30:00Z'), endsAt: new Date('2026-09-07T10:00:00Z') };
      await insert(owner, meeting, { ...place, title: 'Lecture § Ethics', ...hours, ...values, id: meetingId });

      return meetingId;
    },
  };

  return seeded;
}

async function seedIntegration(owner: SeededSchool, row: Row<typeof integration> = {}): Promise<SeededIntegration> {
  const id = row.id ?? newId();
  const place = { tenantId: owner.tenant.id, schoolId: owner.id };
  const defaults = { ...place, provider: 'google-workspace', settings: {}, status: 'CONNECTED' as const };
  await insert(owner.tenant, integration, { ...defaults, ...row, id });

  const seeded: SeededIntegration = {
    id,
    school: owner,
    run: (values) => seedRun(seeded, values),
    async conflict(values = {}) {
      const conflictId = values.id ?? newId();
      const field = { name: 'givenName', baseValue: 'Zoe', localValue: 'Zoe', externalValue: 'Zoë' };
      await insert(owner.tenant, syncConflict, {
        ...place,
        integrationId: id,
        kind: 'FIELD_CHANGED',
        status: 'OPEN',
        stream: 'course',
        entity: 'person',
        recordId: newId(),
        key: 'there-1',
        name: 'Zoë Åkesson',
        fields: [field],
        detectedAt: new Date(),
        ...values,
        id: conflictId,
      });

      return conflictId;
    },
  };

  return seeded;
}

async function seedRun(owner: SeededIntegration, row: Row<typeof syncRun> = {}): Promise<SeededRun> {
  const id = row.id ?? newId();
  const { tenant: customer, id: schoolId } = owner.school;
  const place = { tenantId: customer.id, schoolId };
  const now = new Date();
  await insert(customer, syncRun, {
    ...place,
    integrationId: owner.id,
    status: 'SUCCEEDED',
    trigger: 'MANUAL',
    mode: 'DELTA',
    whole: true,
    dueAt: now,
    startedAt: now,
    ...row,
    id,
  });

  let seq = 0;
  return {
    id,
    integration: owner,
    async logs(count, values = {}) {
      const rows = Array.from({ length: count }, () => ({
        ...place,
        runId: id,
        stream: 'student',
        side: 'there' as const,
        kind: 'create' as const,
        action: 'google_classroom.roster.student.add',
        status: 'SUCCESS' as const,
        entity: 'enrollment' as const,
        recordId: newId(),
        name: 'Zoë Åkesson',
        reason: 'New in Homeroom.',
        at: new Date(),
        ...values,
        id: newId(),
        seq: ++seq,
      }));
      await insert(customer, syncLog, rows);

      return rows.map((log) => log.id);
    },
  };
}

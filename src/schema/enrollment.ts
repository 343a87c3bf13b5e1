import { type EnrollmentRow, enrollments } from '../db/queries/enrollment.ts';
import { builder } from './builder.ts';
import { Class } from './class.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { Person } from './person.ts';
import { loadRecords, recordInterfaces, recordList, recordListArgs } from './record.ts';
import { School } from './school.ts';

export const Enrollment = builder.loadableObject('Enrollment', {
  description: 'A person in a class, with a role.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<EnrollmentRow[]> => loadRecords(context, enrollments, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Enrollment')),
    role: t.exposeString('role', {
      description: 'What the person is in the class, in OneRoster’s words: `student`, `teacher` …',
    }),
    primary: t.exposeBoolean('primary', { description: 'Whether they are the class’s first teacher.' }),
    beginDate: t.exposeString('beginDate', {
      nullable: true,
      description: 'Its first day: `2026-09-01`; null when the source does not say.',
    }),
    endDate: t.exposeString('endDate', {
      nullable: true,
      description: 'The first day after it; null when the source does not say.',
    }),
    class: t.field({ type: Class, description: 'The class.', resolve: (row) => row.classId }),
    person: t.field({ type: Person, description: 'The person.', resolve: (row) => row.personId }),
  }),
});

registerNode(Enrollment);

const EnrollmentConnection = builder.connectionObject(
  { type: Enrollment, name: 'EnrollmentConnection', description: 'A page of enrollments.' },
  { name: 'EnrollmentEdge', description: 'An enrollment in a list.' },
);

builder.objectField(School, 'enrollments', (t) =>
  t.field({
    type: EnrollmentConnection,
    description: 'Who is in which class of the school.',
    authScopes: { scope: 'roster:read' },
    args: recordListArgs,
    resolve: recordList('enrollmentsOfSchool', enrollments, 'school_id'),
  }),
);

builder.objectField(Class, 'enrollments', (t) =>
  t.field({
    type: EnrollmentConnection,
    description: 'Who is in the class.',
    authScopes: { scope: 'roster:read' },
    args: recordListArgs,
    resolve: recordList('enrollmentsOfClass', enrollments, 'class_id'),
  }),
);

builder.objectField(Person, 'enrollments', (t) =>
  t.field({
    type: EnrollmentConnection,
    description: 'In which classes the person is.',
    authScopes: { scope: 'roster:read' },
    args: recordListArgs,
    resolve: recordList('enrollmentsOfPerson', enrollments, 'person_id'),
  }),
);

import { type EnrollmentRow, enrollments } from '../db/queries/enrollment.ts';
import { isOneOf } from '../db/queries/record.ts';
import { builder } from './builder.ts';
import { Class } from './class.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { Person } from './person.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { given, idsAmong, idsLimit, plain } from './record-filter.ts';
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

const EnrollmentFilter = builder.inputType('EnrollmentFilter', {
  description: 'Which enrollments to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    role: t.stringList({ description: 'With one of these roles in the class: `student`, `teacher` …' }),
    classIds: t.idList({ description: `In one of these classes. ${idsLimit}` }),
    personIds: t.idList({ description: `Of one of these people. ${idsLimit}` }),
  }),
});

const EnrollmentOrder = orderInput('Enrollment', createdFirst);

const enrollmentListArgs = {
  ...pageArgs,
  ...builder.args((t) => ({
    filter: t.field({ type: EnrollmentFilter, description: 'Which enrollments; left out: those that are ACTIVE.' }),
    orderBy: t.field({ type: EnrollmentOrder, description: 'In which order; left out: as they came.' }),
  })),
};

const enrollmentsWhere = ({ role, classIds, personIds }: typeof EnrollmentFilter.$inferInput) => [
  ...given(role, (roles) => isOneOf('role', 'text', roles.map(plain))),
  ...given(classIds, (ids) => isOneOf('class_id', 'uuid', idsAmong('Class', ids))),
  ...given(personIds, (ids) => isOneOf('person_id', 'uuid', idsAmong('Person', ids))),
];

builder.objectField(School, 'enrollments', (t) =>
  t.field({
    type: EnrollmentConnection,
    description: 'Who is in which class of the school.',
    authScopes: { scope: 'roster:read' },
    args: enrollmentListArgs,
    resolve: recordList('enrollmentsOfSchool', enrollments, 'school_id', enrollmentsWhere),
  }),
);

builder.objectField(Class, 'enrollments', (t) =>
  t.field({
    type: EnrollmentConnection,
    description: 'Who is in the class.',
    authScopes: { scope: 'roster:read' },
    args: enrollmentListArgs,
    resolve: recordList('enrollmentsOfClass', enrollments, 'class_id', enrollmentsWhere),
  }),
);

builder.objectField(Person, 'enrollments', (t) =>
  t.field({
    type: EnrollmentConnection,
    description: 'In which classes the person is.',
    authScopes: { scope: 'roster:read' },
    args: enrollmentListArgs,
    resolve: recordList('enrollmentsOfPerson', enrollments, 'person_id', enrollmentsWhere),
  }),
);

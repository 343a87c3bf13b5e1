import { type GuardianLinkRow, guardianLinks } from '../db/queries/guardian-link.ts';
import { isOneOf } from '../db/queries/record.ts';
import { builder } from './builder.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { Person } from './person.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { given, idsAmong, idsLimit, plain } from './record-filter.ts';
import { School } from './school.ts';

export const GuardianLink = builder.loadableObject('GuardianLink', {
  description: 'An adult who answers for a student.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<GuardianLinkRow[]> => loadRecords(context, guardianLinks, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('GuardianLink')),
    relationship: t.exposeString('relationship', {
      nullable: true,
      description: 'What the adult is to the student: `parent`, `guardian` …; null when the source does not say.',
    }),
    student: t.field({ type: Person, description: 'The student.', resolve: (row) => row.studentId }),
    guardian: t.field({ type: Person, description: 'The adult.', resolve: (row) => row.guardianId }),
  }),
});

registerNode(GuardianLink);

const GuardianLinkConnection = builder.connectionObject(
  { type: GuardianLink, name: 'GuardianLinkConnection', description: 'A page of guardian links.' },
  { name: 'GuardianLinkEdge', description: 'A guardian link in a list.' },
);

const GuardianLinkFilter = builder.inputType('GuardianLinkFilter', {
  description: 'Which guardian links to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    relationship: t.stringList({ description: 'With one of these relationships: `parent`, `guardian` …' }),
    studentIds: t.idList({ description: `To one of these students. ${idsLimit}` }),
    guardianIds: t.idList({ description: `From one of these adults. ${idsLimit}` }),
  }),
});

const guardianLinksWhere = ({ relationship, studentIds, guardianIds }: typeof GuardianLinkFilter.$inferInput) => [
  ...given(relationship, (words) => isOneOf('relationship', 'text', words.map(plain))),
  ...given(studentIds, (ids) => isOneOf('student_id', 'uuid', idsAmong('Person', ids))),
  ...given(guardianIds, (ids) => isOneOf('guardian_id', 'uuid', idsAmong('Person', ids))),
];

const GuardianLinkOrder = orderInput('GuardianLink', createdFirst);

const guardianLinkListArgs = {
  ...pageArgs,
  ...builder.args((t) => ({
    filter: t.field({ type: GuardianLinkFilter, description: 'Which links; left out: those that are ACTIVE.' }),
    orderBy: t.field({ type: GuardianLinkOrder, description: 'In which order; left out: as they came.' }),
  })),
};

builder.objectField(School, 'guardianLinks', (t) =>
  t.field({
    type: GuardianLinkConnection,
    description: 'Which adult answers for which student of the school.',
    authScopes: { scope: 'roster:read' },
    args: guardianLinkListArgs,
    resolve: recordList('guardianLinksOfSchool', guardianLinks, 'school_id', guardianLinksWhere),
  }),
);

builder.objectField(Person, 'guardians', (t) =>
  t.field({
    type: GuardianLinkConnection,
    description: 'The adults who answer for this person.',
    authScopes: { scope: 'roster:read' },
    args: guardianLinkListArgs,
    resolve: recordList('guardiansOfPerson', guardianLinks, 'student_id', guardianLinksWhere),
  }),
);

builder.objectField(Person, 'guardianOf', (t) =>
  t.field({
    type: GuardianLinkConnection,
    description: 'The students whom this person answers for.',
    authScopes: { scope: 'roster:read' },
    args: guardianLinkListArgs,
    resolve: recordList('studentsOfGuardian', guardianLinks, 'guardian_id', guardianLinksWhere),
  }),
);

import { type ClassRow, classes, classesCalled, classesOfPeople, classesOfTerms } from '../db/queries/class.ts';
import { isOneOf } from '../db/queries/record.ts';
import { builder } from './builder.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { Course } from './course.ts';
import { globalId, registerNode } from './node.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { given, idsAmong, idsLimit, searchLimit, wordsIn } from './record-filter.ts';
import { School } from './school.ts';
import { Term } from './term.ts';

const nullable = true;

export const Class = builder.loadableObject('Class', {
  description: 'People who meet for a course in a term.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<ClassRow[]> => loadRecords(context, classes, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Class')),
    title: t.exposeString('title', { description: 'What people call it.' }),
    classCode: t.exposeString('classCode', { nullable, description: 'Its short code; null when there is none.' }),
    classType: t.exposeString('classType', {
      nullable,
      description: 'What it is, in OneRoster’s words: `homeroom`, `scheduled`; null when the source does not say.',
    }),
    location: t.exposeString('location', {
      nullable,
      description: 'Where it meets; null when the source does not say.',
    }),
    grades: t.stringList({ description: 'Grades, in the source’s codes.', resolve: (row) => [...row.grades] }),
    subjects: t.stringList({ description: 'Subjects, in words.', resolve: (row) => [...row.subjects] }),
    subjectCodes: t.stringList({ description: 'Subjects, as codes.', resolve: (row) => [...row.subjectCodes] }),
    periods: t.stringList({ description: 'Periods in which it meets.', resolve: (row) => [...row.periods] }),
    course: t.field({
      type: Course,
      nullable,
      description: 'The course it is an instance of; null when the source does not say.',
      resolve: (row) => row.courseId,
    }),
    terms: t.field({
      type: [Term],
      description: 'The terms in which it meets.',
      authScopes: { scope: 'roster:read' },
      resolve: (row) => [...row.termIds],
    }),
  }),
});

registerNode(Class);

const ClassConnection = builder.connectionObject(
  { type: Class, name: 'ClassConnection', description: 'A page of classes.' },
  { name: 'ClassEdge', description: 'A class in a list.' },
);

const ClassFilter = builder.inputType('ClassFilter', {
  description: 'Which classes to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    search: t.string({
      description: `Each of whose words is in the title or the code, in whatever case. ${searchLimit}`,
    }),
    termIds: t.idList({ description: `That meet in one of these terms. ${idsLimit}` }),
    courseIds: t.idList({ description: `Of one of these courses. ${idsLimit}` }),
    personIds: t.idList({ description: `In which one of these people is now. ${idsLimit}` }),
  }),
});

const ClassOrder = orderInput('Class', {
  ...createdFirst,
  TITLE: { description: 'The title. What is renamed while somebody pages may come twice, or not at all.' },
});

const classListArgs = {
  ...pageArgs,
  ...builder.args((t) => ({
    filter: t.field({ type: ClassFilter, description: 'Which classes; left out: those that are ACTIVE.' }),
    orderBy: t.field({ type: ClassOrder, description: 'In which order; left out: as they came.' }),
  })),
};

const classesWhere = ({ search, termIds, courseIds, personIds }: typeof ClassFilter.$inferInput) => [
  ...given(search, (text) => classesCalled(wordsIn(text))),
  ...given(termIds, (ids) => classesOfTerms(idsAmong('Term', ids))),
  ...given(courseIds, (ids) => isOneOf('course_id', 'uuid', idsAmong('Course', ids))),
  ...given(personIds, (ids) => classesOfPeople(idsAmong('Person', ids))),
];

builder.objectField(School, 'classes', (t) =>
  t.field({
    type: ClassConnection,
    description: 'The school’s classes.',
    authScopes: { scope: 'roster:read' },
    args: classListArgs,
    resolve: recordList('classes', classes, 'school_id', classesWhere),
  }),
);

builder.objectField(Course, 'classes', (t) =>
  t.field({
    type: ClassConnection,
    description: 'The classes in which it is taught.',
    authScopes: { scope: 'roster:read' },
    args: classListArgs,
    resolve: recordList('classesOfCourse', classes, 'course_id', classesWhere),
  }),
);

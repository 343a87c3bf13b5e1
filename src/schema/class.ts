import { type ClassRow, classes } from '../db/queries/class.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { Course } from './course.ts';
import { globalId, registerNode } from './node.ts';
import { loadRecords, recordInterfaces, recordList, recordListArgs } from './record.ts';
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

builder.objectField(School, 'classes', (t) =>
  t.field({
    type: ClassConnection,
    description: 'The school’s classes.',
    authScopes: { scope: 'roster:read' },
    args: recordListArgs,
    resolve: recordList('classes', classes, 'school_id'),
  }),
);

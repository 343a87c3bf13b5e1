import { type CourseRow, courses } from '../db/queries/course.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { loadRecords, recordInterfaces } from './record.ts';

export const Course = builder.loadableObject('Course', {
  description: 'A subject as taught at a level; classes are its instances.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<CourseRow[]> => loadRecords(context, courses, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Course')),
    title: t.exposeString('title', { description: 'What people call it.' }),
    courseCode: t.exposeString('courseCode', {
      nullable: true,
      description: 'Its short code; null when there is none.',
    }),
    grades: t.stringList({
      description: 'Grades it is for, in the source’s codes.',
      resolve: (row) => [...row.grades],
    }),
    subjects: t.stringList({ description: 'Subjects, in words.', resolve: (row) => [...row.subjects] }),
    subjectCodes: t.stringList({ description: 'Subjects, as codes.', resolve: (row) => [...row.subjectCodes] }),
  }),
});

registerNode(Course);

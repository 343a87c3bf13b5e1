import { type CourseRow, courses, coursesCalled } from '../db/queries/course.ts';
import { builder } from './builder.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { given, searchLimit, wordsIn } from './record-filter.ts';
import { School } from './school.ts';

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

const CourseConnection = builder.connectionObject(
  { type: Course, name: 'CourseConnection', description: 'A page of courses.' },
  { name: 'CourseEdge', description: 'A course in a list.' },
);

const CourseFilter = builder.inputType('CourseFilter', {
  description: 'Which courses to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    search: t.string({
      description: `Each of whose words is in the title or the code, in whatever case. ${searchLimit}`,
    }),
  }),
});

const CourseOrder = orderInput('Course', {
  ...createdFirst,
  TITLE: { description: 'The title. What is renamed while somebody pages may come twice, or not at all.' },
});

builder.objectField(School, 'courses', (t) =>
  t.field({
    type: CourseConnection,
    description: 'What the school teaches.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: CourseFilter, description: 'Which courses; left out: those that are ACTIVE.' }),
      orderBy: t.arg({ type: CourseOrder, description: 'In which order; left out: as they came.' }),
    },
    resolve: recordList('courses', courses, 'school_id', ({ search }: typeof CourseFilter.$inferInput) =>
      given(search, (text) => coursesCalled(wordsIn(text))),
    ),
  }),
);

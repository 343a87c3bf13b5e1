import { foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { course } from './course.ts';
import { recordColumns, recordKeys, schoolReference } from './record.ts';

/** People who meet for a course in a term. */
export const classTable = pgTable(
  'class',
  {
    ...recordColumns(),
    title: text('title').notNull(),
    classCode: text('class_code'),
    classType: text('class_type'),
    location: text('location'),
    grades: text('grades').array().notNull().default([]),
    subjects: text('subjects').array().notNull().default([]),
    subjectCodes: text('subject_codes').array().notNull().default([]),
    periods: text('periods').array().notNull().default([]),
    courseId: uuid('course_id'),
    termsIds: uuid('terms_ids').array().notNull().default([]),
  },
  (table) => [
    ...recordKeys(table, 'class'),
    schoolReference(table),
    index('class_of_course').on(table.tenantId, table.courseId, table.id),
    foreignKey({
      name: 'class_course',
      columns: [table.tenantId, table.schoolId, table.courseId],
      foreignColumns: [course.tenantId, course.schoolId, course.id],
    }),
  ],
);

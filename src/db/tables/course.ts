import { pgTable, text } from 'drizzle-orm/pg-core';
import { recordColumns, recordKeys, schoolReference } from './record.ts';

/** A subject as taught at a level; classes are its instances. */
export const course = pgTable(
  'course',
  {
    ...recordColumns(),
    title: text('title').notNull(),
    courseCode: text('course_code'),
    grades: text('grades').array().notNull().default([]),
    subjects: text('subjects').array().notNull().default([]),
    subjectCodes: text('subject_codes').array().notNull().default([]),
  },
  (table) => [...recordKeys(table, 'course'), schoolReference(table)],
);

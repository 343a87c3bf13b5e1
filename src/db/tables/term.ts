import { date, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { recordColumns, recordKeys, schoolReference } from './record.ts';

/** An academic session: a school year, a semester, a term. `endDate` is the first day after it. */
export const term = pgTable(
  'term',
  {
    ...recordColumns(),
    title: text('title').notNull(),
    type: text('type').notNull(),
    startDate: date('start_date').notNull(),
    endDate: date('end_date').notNull(),
    schoolYear: text('school_year'),
    parentId: uuid('parent_id'),
  },
  (table) => [...recordKeys(table, 'term'), schoolReference(table)],
);

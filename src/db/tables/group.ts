import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { recordColumns, recordKeys, schoolReference } from './record.ts';

/** People who are taken together: a seminar group, half of a year. */
export const groupTable = pgTable(
  'group',
  {
    ...recordColumns(),
    title: text('title').notNull(),
    code: text('code'),
    membersIds: uuid('members_ids').array().notNull().default([]),
  },
  (table) => [...recordKeys(table, 'group'), schoolReference(table)],
);

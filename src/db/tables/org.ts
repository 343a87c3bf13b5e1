import { pgTable, text } from 'drizzle-orm/pg-core';
import { recordColumns, recordKeys, schoolReference } from './record.ts';

/** An organisation as a source tells of it: the school itself, its district. */
export const org = pgTable(
  'org',
  {
    ...recordColumns(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    identifier: text('identifier'),
  },
  (table) => [...recordKeys(table, 'org'), schoolReference(table)],
);

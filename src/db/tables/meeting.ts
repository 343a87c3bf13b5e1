import { foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { classTable } from './class.ts';
import { instant } from './columns.ts';
import { recordColumns, recordKeys, schoolReference } from './record.ts';

/** A session: people who meet at a time, in a room. */
export const meeting = pgTable(
  'meeting',
  {
    ...recordColumns(),
    title: text('title').notNull(),
    description: text('description'),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    location: text('location'),
    classId: uuid('class_id'),
    instructorsIds: uuid('instructors_ids').array().notNull().default([]),
    learnersIds: uuid('learners_ids').array().notNull().default([]),
    groupsIds: uuid('groups_ids').array().notNull().default([]),
  },
  (table) => [
    ...recordKeys(table, 'meeting'),
    schoolReference(table),
    index('meeting_starts').on(table.tenantId, table.schoolId, table.startsAt),
    foreignKey({
      name: 'meeting_class',
      columns: [table.tenantId, table.schoolId, table.classId],
      foreignColumns: [classTable.tenantId, classTable.schoolId, classTable.id],
    }),
  ],
);

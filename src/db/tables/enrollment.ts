import { boolean, date, foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { classTable } from './class.ts';
import { person } from './person.ts';
import { recordColumns, recordKeys } from './record.ts';

/** A person in a class, with a role. */
export const enrollment = pgTable(
  'enrollment',
  {
    ...recordColumns(),
    role: text('role').notNull(),
    primary: boolean('primary').notNull().default(false),
    beginDate: date('begin_date'),
    endDate: date('end_date'),
    classId: uuid('class_id').notNull(),
    personId: uuid('person_id').notNull(),
  },
  (table) => [
    ...recordKeys(table, 'enrollment'),
    index('enrollment_class').on(table.tenantId, table.classId, table.id),
    index('enrollment_person').on(table.tenantId, table.personId, table.id),
    foreignKey({
      name: 'enrollment_of_class',
      columns: [table.tenantId, table.schoolId, table.classId],
      foreignColumns: [classTable.tenantId, classTable.schoolId, classTable.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'enrollment_of_person',
      columns: [table.tenantId, table.schoolId, table.personId],
      foreignColumns: [person.tenantId, person.schoolId, person.id],
    }).onDelete('cascade'),
  ],
);

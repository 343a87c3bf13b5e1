import { foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { person } from './person.ts';
import { recordColumns, recordKeys } from './record.ts';

/** An adult who answers for a student. */
export const guardianLink = pgTable(
  'guardian_link',
  {
    ...recordColumns(),
    relationship: text('relationship'),
    studentId: uuid('student_id').notNull(),
    guardianId: uuid('guardian_id').notNull(),
  },
  (table) => [
    ...recordKeys(table, 'guardian_link'),
    index('guardian_link_student').on(table.tenantId, table.studentId, table.id),
    index('guardian_link_guardian').on(table.tenantId, table.guardianId, table.id),
    foreignKey({
      name: 'guardian_link_of_student',
      columns: [table.tenantId, table.schoolId, table.studentId],
      foreignColumns: [person.tenantId, person.schoolId, person.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'guardian_link_of_guardian',
      columns: [table.tenantId, table.schoolId, table.guardianId],
      foreignColumns: [person.tenantId, person.schoolId, person.id],
    }).onDelete('cascade'),
  ],
);

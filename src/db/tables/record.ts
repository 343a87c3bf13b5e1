/** The columns every roster table begins with, and the keys they share. */
import { sql } from 'drizzle-orm';
import { foreignKey, index, type PgColumn, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { Status } from '../../model/entities.ts';
import { createdAt, exactText, schoolId, tenantId, updatedAt } from './columns.ts';
import { school } from './school.ts';

export const recordColumns = () => ({
  tenantId: tenantId(),
  schoolId: schoolId(),
  id: uuid('id').notNull(),
  /** The source's own id; null for a record made in Homeroom. */
  sourcedId: exactText('sourced_id'),
  status: text('status').$type<Status>().notNull().default('ACTIVE'),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

interface RecordTable {
  tenantId: PgColumn;
  schoolId: PgColumn;
  id: PgColumn;
  sourcedId: PgColumn;
  status: PgColumn;
}

/** Keys begin with the tenant; `(tenant, school, id)` lets a reference prove that both ends belong to one school. */
export const recordKeys = (table: RecordTable, name: string) => [
  primaryKey({ columns: [table.tenantId, table.id] }),
  unique(`${name}_school_id`).on(table.tenantId, table.schoolId, table.id),
  index(`${name}_sourced_id`).on(table.tenantId, table.schoolId, table.sourcedId),
  index(`${name}_archived`)
    .on(table.tenantId, table.schoolId, table.sourcedId)
    .where(sql`${table.status} = 'ARCHIVED'`),
];

export const schoolReference = (table: RecordTable) =>
  foreignKey({ columns: [table.tenantId, table.schoolId], foreignColumns: [school.tenantId, school.id] }).onDelete(
    'cascade',
  );

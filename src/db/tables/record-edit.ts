import { foreignKey, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { EntityName, Values } from '../../model/entities.ts';
import { instant, schoolId, tenantId } from './columns.ts';
import { school } from './school.ts';

/** What a person did to a record: an edit here, or an answer to a conflict. What runs do is in the log. */
export const recordEdit = pgTable(
  'record_edit',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    id: uuid('id').notNull(),
    entity: text('entity').$type<EntityName>().notNull(),
    recordId: uuid('record_id').notNull(),
    /** `person.update`, `conflict.push_local` … */
    action: text('action').notNull(),
    /** The integration whose conflict was answered; null for an edit in Homeroom. */
    integrationId: uuid('integration_id'),
    before: jsonb('before').$type<Values>(),
    after: jsonb('after').$type<Values>(),
    reason: text('reason').notNull(),
    /** The person's name, or the key's. */
    actor: text('actor').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({ columns: [table.tenantId, table.schoolId], foreignColumns: [school.tenantId, school.id] }).onDelete(
      'cascade',
    ),
    index('record_edit_record').on(table.tenantId, table.recordId, table.id),
  ],
);

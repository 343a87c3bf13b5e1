import { foreignKey, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { EntityName, Value } from '../../model/entities.ts';
import { createdAt, schoolId, tenantId } from './columns.ts';
import { school } from './school.ts';

/** A value a person keeps against its source, until the source says something else. */
export const override = pgTable(
  'override',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    entity: text('entity').$type<EntityName>().notNull(),
    recordId: uuid('record_id').notNull(),
    field: text('field').notNull(),
    value: jsonb('value').$type<Value>(),
    /** What the source said when the person decided. */
    sourceValue: jsonb('source_value').$type<Value>(),
    decidedBy: text('decided_by'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.recordId, table.field] }),
    foreignKey({ columns: [table.tenantId, table.schoolId], foreignColumns: [school.tenantId, school.id] }).onDelete(
      'cascade',
    ),
  ],
);

import { foreignKey, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { EntityName } from '../../model/entities.ts';
import type { FieldRule } from '../../model/sync.ts';
import { schoolId, tenantId, updatedAt } from './columns.ts';
import { integration } from './integration.ts';

/** What a school has decided once and for all about a field of one integration; no row means ASK. */
export const fieldRule = pgTable(
  'field_rule',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    entity: text('entity').$type<EntityName>().notNull(),
    field: text('field').notNull(),
    rule: text('rule').$type<FieldRule>().notNull(),
    decidedBy: text('decided_by').notNull(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.entity, table.field] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
  ],
);

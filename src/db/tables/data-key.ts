import { foreignKey, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { bytes, createdAt, tenantId } from './columns.ts';
import { tenant } from './tenant.ts';

/** A tenant's key for its secrets, wrapped by the master key. */
export const dataKey = pgTable(
  'data_key',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    wrapped: bytes('wrapped').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({ columns: [table.tenantId], foreignColumns: [tenant.id] }).onDelete('cascade'),
  ],
);

import { doublePrecision, foreignKey, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, tenantId } from './columns.ts';
import { tenant } from './tenant.ts';

/** A provider's quota as a bucket of calls, shared by all workers. */
export const tokenBucket = pgTable(
  'token_bucket',
  {
    tenantId: tenantId(),
    name: text('name').notNull(),
    tokens: doublePrecision('tokens').notNull(),
    refilledAt: instant('refilled_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.name] }),
    foreignKey({ columns: [table.tenantId], foreignColumns: [tenant.id] }).onDelete('cascade'),
  ],
);

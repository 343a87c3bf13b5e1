import { foreignKey, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { IntegrationStatus } from '../../model/sync.ts';
import { bytes, createdAt, instant, schoolId, tenantId, updatedAt } from './columns.ts';
import { school } from './school.ts';

/** One school's configured use of one connector. `credentials` is a sealed box; null after a disconnect. */
export const integration = pgTable(
  'integration',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    id: uuid('id').notNull(),
    provider: text('provider').notNull(),
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
    credentials: bytes('credentials'),
    status: text('status').$type<IntegrationStatus>().notNull(),
    statusReason: text('status_reason'),
    lastSyncedAt: instant('last_synced_at'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({ columns: [table.tenantId, table.schoolId], foreignColumns: [school.tenantId, school.id] }).onDelete(
      'cascade',
    ),
    index('integration_school').on(table.tenantId, table.schoolId, table.id),
  ],
);

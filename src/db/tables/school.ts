import { foreignKey, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { SchoolSettings } from '../../model/school-settings.ts';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { tenant } from './tenant.ts';

export const school = pgTable(
  'school',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    sourcedId: text('sourced_id'),
    timeZone: text('time_zone').notNull().default('UTC'),
    settings: jsonb('settings').$type<SchoolSettings>().notNull().default({}),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({ columns: [table.tenantId], foreignColumns: [tenant.id] }).onDelete('cascade'),
  ],
);

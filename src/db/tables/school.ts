import { foreignKey, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { tenant } from './tenant.ts';

/** Numbers of the guards a school may set itself; absent ones take the engine's defaults. */
export interface SchoolSettings {
  /** Share of mirrored records whose removal waits for a person, 0 to 1. */
  removalShare?: number;
  /** Number of removals that wait for a person whatever the share. */
  removalMax?: number;
  /** Share of mirrored records whose key field may change at once, 0 to 1. */
  keyFieldShare?: number;
  /** The first plan of a destination waits until a person has approved it. Absent: it does. */
  previewFirst?: boolean;
  /** Local dates (`YYYY-MM-DD`, both included) on which no schedule starts a run: the year's rollover, holidays. */
  blackouts?: readonly { from: string; until: string }[];
}

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

import { foreignKey, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { exactText, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';

/** A time at which a schedule was due, taken once: its row is what makes one run per window, whoever looks first. */
export const scheduleSlot = pgTable(
  'schedule_slot',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    /** Names the slot in local time: `2026-10-25 05:30`, or the instant a cron expression was due. */
    slot: exactText('slot').notNull(),
    dueAt: instant('due_at').notNull(),
    takenAt: instant('taken_at').notNull(),
    outcome: text('outcome').$type<'RUN' | 'MISSED' | 'BLACKOUT'>().notNull(),
    runId: uuid('run_id'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.slot] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
  ],
);

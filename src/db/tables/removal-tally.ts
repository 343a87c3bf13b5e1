import { foreignKey, index, integer, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { exactText, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';

/** Removals a run carried out that nobody was asked about: what the guards count over the last 24 hours. */
export const removalTally = pgTable(
  'removal_tally',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    stream: exactText('stream').notNull(),
    runId: uuid('run_id').notNull(),
    removed: integer('removed').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.stream, table.runId] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
    index('removal_tally_at').on(table.tenantId, table.integrationId, table.at),
  ],
);

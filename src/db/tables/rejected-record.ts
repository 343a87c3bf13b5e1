import { foreignKey, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { EntityName } from '../../model/entities.ts';
import { exactText, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';

/** An external record that was skipped at the door; the row goes when the record is read well, or is no longer there. */
export const rejectedRecord = pgTable(
  'rejected_record',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    stream: exactText('stream').notNull(),
    key: exactText('key').notNull(),
    entity: text('entity').$type<EntityName>().notNull(),
    name: text('name'),
    /** `required_value_missing`, `not_readable` … */
    code: text('code').notNull(),
    /** The field and what is wrong with it, never its value. */
    problem: text('problem').notNull(),
    runId: uuid('run_id').notNull(),
    since: instant('since').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.stream, table.key] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
    index('rejected_record_run').on(table.tenantId, table.runId),
  ],
);

import { foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { ProblemTurn } from '../../model/sync.ts';
import { instant, schoolId, tenantId, updatedAt } from './columns.ts';
import { integration } from './integration.ts';

/** What is wrong with an integration now, one row a cause; the row goes when the cause does. */
export const problem = pgTable(
  'problem',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    code: text('code').notNull(),
    message: text('message').notNull(),
    remedy: text('remedy').notNull(),
    turn: text('turn').$type<ProblemTurn>().notNull(),
    since: instant('since').notNull(),
    affectedCount: integer('affected_count').notNull(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.code] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
  ],
);

import { sql } from 'drizzle-orm';
import { bigint, customType, foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, tenantId } from './columns.ts';
import { tenant } from './tenant.ts';

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });

export type ActivityKind = 'run' | 'log' | 'integration' | 'conflict' | 'record';

/**
 * Ids of what changed, in commit order by `(xid, seq)`; read only below the horizon `pg_snapshot_xmin`,
 * because a plain sequence loses rows that commit late.
 */
export const activity = pgTable(
  'activity',
  {
    tenantId: tenantId(),
    schoolId: uuid('school_id'),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
    seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    kind: text('kind').$type<ActivityKind>().notNull(),
    /** The entity of `record` rows. */
    entity: text('entity'),
    /** The run of `run` and `log` rows, the integration of `integration` rows. */
    parentId: uuid('parent_id'),
    /** What changed: at most 100 log entries or 1,000 records in a row. */
    ids: uuid('ids').array().notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [
    index('activity_cursor').on(table.xid, table.seq),
    index('activity_tenant').on(table.tenantId, table.xid, table.seq),
    foreignKey({ columns: [table.tenantId], foreignColumns: [tenant.id] }).onDelete('cascade'),
  ],
);

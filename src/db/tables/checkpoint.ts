import { boolean, foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { exactText, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';
import { syncRun } from './sync-run.ts';

/** How far a stream has been read for good: where the next delta begins and when it was last read whole. */
export const checkpoint = pgTable(
  'checkpoint',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    stream: exactText('stream').notNull(),
    cursor: text('cursor'),
    readWholeAt: instant('read_whole_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.stream] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
  ],
);

/** How far a live run has read a stream: where to go on after a crash, and how many rows must still be staged. */
export const pullProgress = pgTable(
  'pull_progress',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    runId: uuid('run_id').notNull(),
    stream: exactText('stream').notNull(),
    /** Absence of a record means something: the stream is read whole, or exactly what was asked for. */
    snapshot: boolean('snapshot').notNull(),
    pages: integer('pages').notNull().default(0),
    staged: integer('staged').notNull().default(0),
    /** Records on pages that came back as they were, which are not staged. */
    known: integer('known').notNull().default(0),
    next: text('next'),
    mark: text('mark'),
    done: boolean('done').notNull().default(false),
    /** Before the first page was fetched: what another run has written since is newer than what this one has read. */
    beganAt: instant('began_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId, table.stream] }),
    foreignKey({ columns: [table.tenantId, table.runId], foreignColumns: [syncRun.tenantId, syncRun.id] }).onDelete(
      'cascade',
    ),
  ],
);

import { boolean, foreignKey, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, exactText, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';

/**
 * A page as it last came: while it comes back byte for byte, its records count as seen and are not parsed. Unlogged: after
 * a crash of the database nothing is known, and everything is read.
 */
export const knownPage = pgTable(
  'known_page',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    stream: exactText('stream').notNull(),
    /** Where the page stands in a whole pull. */
    place: exactText('place').notNull(),
    /** Of the bytes as they came. */
    digest: bytes('digest').notNull(),
    /** Fingerprint of the mapping it was read with. */
    mapping: text('mapping').notNull(),
    /** Of the records that are there; one that is told to be gone is not among them. */
    keys: text('keys').array().notNull(),
    /** What the connector wants to be told when it is not parsed. */
    note: text('note').notNull(),
    /** The last run that saw it. */
    runId: uuid('run_id').notNull(),
    /** The run that read it came to its end with nothing left over in this stream: only then may it be known again. */
    settled: boolean('settled').notNull().default(false),
    readAt: instant('read_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.stream, table.place] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
  ],
);

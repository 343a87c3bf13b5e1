import { foreignKey, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, exactText, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';

/** A page as it last came: while it comes back byte for byte, its records count as seen and are not parsed. */
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
    keys: text('keys').array().notNull(),
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

import { foreignKey, index, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { bytes, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';

/** A webhook's message that was taken: its row is what makes a repeat one. Of what it said nothing is kept but a digest. */
export const webhookDelivery = pgTable(
  'webhook_delivery',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    /** Of the provider's id of the message, or of its content. */
    digest: bytes('digest').notNull(),
    receivedAt: instant('received_at').notNull(),
    /** From then on the same is news again. */
    until: instant('until').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.integrationId, table.digest] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
    index('webhook_delivery_received').on(table.tenantId, table.integrationId, table.receivedAt),
  ],
);

import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { Schedule } from '../../model/schedule.ts';
import type { IntegrationStatus } from '../../model/sync.ts';
import { bytes, createdAt, instant, schoolId, tenantId, updatedAt } from './columns.ts';
import { school } from './school.ts';

/** One school's configured use of one connector. `credentials` is a sealed box; null after a disconnect. */
export const integration = pgTable(
  'integration',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    id: uuid('id').notNull(),
    provider: text('provider').notNull(),
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
    credentials: bytes('credentials'),
    status: text('status').$type<IntegrationStatus>().notNull(),
    statusReason: text('status_reason'),
    lastSyncedAt: instant('last_synced_at'),
    schedule: jsonb('schedule').$type<Schedule>(),
    /** When the schedule starts the next run; null without a schedule. */
    nextSyncAt: instant('next_sync_at'),
    /** When the first scheduled sync was due that no sync has made good since; null: what was promised is kept. */
    owedSince: instant('owed_since'),
    /** Until then what is owed is not late; null once it is, and while nothing is owed. */
    graceUntil: instant('grace_until'),
    /** A person has changed settings or credentials: what runs did before then is not held against it. */
    forgivenAt: instant('forgiven_at'),
    /** When a person approved its first plan; null: the next whole run of a destination is a preview, if the school wants one. */
    approvedAt: instant('approved_at'),
    /** Among a school's sources the smallest that says something about a field owns it; equal ones in the order they were connected. */
    position: integer('position').notNull().default(0),
    /** The random last part of its webhook address; null where its provider rings no bell. */
    webhookEndpoint: text('webhook_endpoint'),
    /** A sealed box. */
    webhookSecret: bytes('webhook_secret'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({ columns: [table.tenantId, table.schoolId], foreignColumns: [school.tenantId, school.id] }).onDelete(
      'cascade',
    ),
    uniqueIndex('integration_webhook_endpoint').on(table.webhookEndpoint),
    index('integration_next_sync').on(table.nextSyncAt),
    index('integration_grace').on(table.graceUntil).where(sql`${table.graceUntil} is not null`),
    index('integration_school').on(table.tenantId, table.schoolId, table.id),
  ],
);

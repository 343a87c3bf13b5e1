import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { Values } from '../../model/entities.ts';
import type { LinkState } from '../../model/sync.ts';
import { bytes, exactText, instant, schoolId, tenantId } from './columns.ts';
import { integration } from './integration.ts';

/** What a person decided about a link; kept until the values it was about move. */
export interface Decisions {
  /** FIELD_CHANGED answered with IGNORE: this pair of values is not asked again. */
  ignored?: Record<string, { local: unknown; external: unknown }>;
  /** DELETED_EXTERNALLY answered with IGNORE: the content hash of our record then. */
  ignoredAbsence?: string;
  /** PUSH_LOCAL: these fields are written there in the next run. */
  push?: readonly string[];
  /** DELETED_EXTERNALLY answered with PUSH_LOCAL: made there again in the next run. */
  makeAgain?: true;
  /** DELETED_LOCALLY answered with IGNORE: the content hash of their record then. */
  ignoredPresence?: string;
  /** DUPLICATE_MATCH answered with a candidate: link this one; `push` says whose values go on. */
  adopt?: string;
  /** DUPLICATE_MATCH answered with PUSH_LOCAL without a candidate: make a new one, whoever looks alike. */
  makeNew?: true;
}

/** The provider said that the record must not be touched any more; not asked again while the content is this one. */
export interface ClosedThere {
  code: string;
  message: string;
  remedy: string;
  /** Hash of what was to be done, and of what it would have replaced. */
  content: string;
}

/** This record *is* that external record, per stream, with the values both sides last agreed on. */
export const link = pgTable(
  'link',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    stream: exactText('stream').notNull(),
    /** The provider's key; null while the record is still in the making there. */
    key: exactText('key'),
    /** Our record; null while an external record waits for a reference. */
    recordId: uuid('record_id'),
    state: text('state').$type<LinkState>().notNull(),
    /** Content hash of the external values last agreed on. */
    hash: bytes('hash'),
    /** Agreed values of the fields the provider does not own. */
    base: jsonb('base').$type<Values>(),
    /** External values while they differ or wait; absent once agreed. */
    external: jsonb('external').$type<Values>(),
    /** Keys it referred to, kept beside `external`. */
    refs: jsonb('refs').$type<Record<string, readonly string[]>>(),
    decisions: jsonb('decisions').$type<Decisions>(),
    /** Why it waits or may not be written: a blocker's code. */
    blocker: text('blocker'),
    closed: jsonb('closed').$type<ClosedThere>(),
    handle: text('handle'),
    /** MAKING: not before this instant is it looked at again. */
    until: instant('until'),
    /** Raised each time the record is made there again; part of the idempotency key. */
    generation: integer('generation').notNull().default(1),
    runId: uuid('run_id'),
    syncedAt: instant('synced_at'),
  },
  (table) => [
    uniqueIndex('link_key').on(table.tenantId, table.integrationId, table.stream, table.key),
    uniqueIndex('link_record').on(table.tenantId, table.recordId, table.integrationId, table.stream),
    index('link_blocked')
      .on(table.tenantId, table.integrationId, table.stream, table.key)
      .where(sql`${table.blocker} is not null`),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
  ],
);

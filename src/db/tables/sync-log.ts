import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import type { EntityName, Values } from '../../model/entities.ts';
import type { LogStatus, OperationKind, Side } from '../../model/sync.ts';
import { exactText, instant, schoolId, tenantId } from './columns.ts';
import { syncRun } from './sync-run.ts';

/** The plan of a run and, as it is carried out, the account of it: one row an operation, in the order of the plan. */
export const syncLog = pgTable(
  'sync_log',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    runId: uuid('run_id').notNull(),
    id: uuid('id').notNull(),
    /** Its place in the plan; never changes. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    stream: exactText('stream').notNull(),
    side: text('side').$type<Side>().notNull(),
    kind: text('kind').$type<OperationKind>().notNull(),
    action: text('action').notNull(),
    status: text('status').$type<LogStatus>().notNull(),
    /** Waits for a person: a guard stopped it. */
    waits: boolean('waits').notNull().default(false),
    entity: text('entity').$type<EntityName>().notNull(),
    recordId: uuid('record_id'),
    key: exactText('key'),
    /** What a person recognises the record by. */
    name: text('name'),
    before: jsonb('before').$type<Values>(),
    after: jsonb('after').$type<Values>(),
    /** Record ids a created or changed record refers to, by reference name. */
    refs: jsonb('refs').$type<Record<string, string | readonly string[] | null>>(),
    reason: text('reason').notNull(),
    details: jsonb('details').$type<Record<string, unknown>>(),
    /** More than one: a batch of creates, the staged keys from `key` to `lastKey`. */
    size: integer('size').notNull().default(1),
    lastKey: exactText('last_key'),
    fingerprint: text('fingerprint'),
    sentAt: instant('sent_at'),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId, table.seq] }),
    foreignKey({ columns: [table.tenantId, table.runId], foreignColumns: [syncRun.tenantId, syncRun.id] }).onDelete(
      'cascade',
    ),
    index('sync_log_id').on(table.tenantId, table.id),
    index('sync_log_record').on(table.tenantId, table.recordId, table.id).where(sql`${table.recordId} is not null`),
    index('sync_log_pending')
      .on(table.tenantId, table.runId, table.stream, table.seq)
      .where(sql`${table.status} = 'PENDING'`),
    index('sync_log_status').on(table.tenantId, table.runId, table.status, table.seq),
    // By the beginning of the action's name, whatever the database sorts text by.
    index('sync_log_action').on(table.tenantId, table.runId, table.action.op('text_pattern_ops'), table.seq),
  ],
);

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
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { RunError, RunLane, RunMode, RunPhase, RunStatus, RunTrigger } from '../../model/sync.ts';
import { createdAt, instant, schoolId, tenantId, updatedAt } from './columns.ts';
import { integration } from './integration.ts';

/** One reconcile of one integration, from its request to its end. */
export const syncRun = pgTable(
  'sync_run',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    id: uuid('id').notNull(),
    status: text('status').$type<RunStatus>().notNull(),
    trigger: text('trigger').$type<RunTrigger>().notNull(),
    mode: text('mode').$type<RunMode>().notNull(),
    /** The whole integration, or only the records in `sync_scope`. */
    whole: boolean('whole').notNull(),
    lane: text('lane').$type<RunLane>().notNull().default('BULK'),
    /** Plans the inverse of what this run wrote. */
    undoes: uuid('undoes'),
    /** Looks again at only what failed in this run. */
    retries: uuid('retries'),
    /** Not before this instant: a data change waits a moment for more of its kind. */
    dueAt: instant('due_at').notNull(),
    phase: text('phase').$type<RunPhase>(),
    completed: integer('completed').notNull().default(0),
    total: integer('total'),
    /** Rises with each worker that takes the run; a commit under an older number is refused. */
    claim: integer('claim').notNull().default(0),
    /** The worker that has the run, by the number of the advisory lock it holds while it lives. */
    worker: integer('worker'),
    /**
     * It may plan and write: of the runs of an integration that are under way (one a lane), one at a time. A run that is
     * APPLYING without it waits for it.
     */
    hasTurn: boolean('has_turn').notNull().default(false),
    /** How often a worker took it since it last got further: what ends its worker each time must not do so for ever. */
    tries: integer('tries').notNull().default(0),
    /** How far it ever got: ten billions a phase, and the records of that phase. */
    furthest: bigint('furthest', { mode: 'number' }).notNull().default(0),
    /** Real time of its last sign of life. */
    heartbeatAt: instant('heartbeat_at'),
    cancelRequested: boolean('cancel_requested').notNull().default(false),
    created: integer('created').notNull().default(0),
    updated: integer('updated').notNull().default(0),
    deleted: integer('deleted').notNull().default(0),
    unchanged: integer('unchanged').notNull().default(0),
    skipped: integer('skipped').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    conflicts: integer('conflicts').notNull().default(0),
    heldReason: text('held_reason'),
    planHash: text('plan_hash'),
    planExpiresAt: instant('plan_expires_at'),
    /** The hash a person approved: what waited under it may now be applied. */
    approvedHash: text('approved_hash'),
    error: jsonb('error').$type<RunError>(),
    requestedBy: text('requested_by'),
    createdAt: createdAt(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
    index('sync_run_integration').on(table.tenantId, table.integrationId, table.id),
    index('sync_run_status').on(table.tenantId, table.integrationId, table.status, table.id),
    index('sync_run_created').on(table.tenantId, table.integrationId, table.createdAt),
    // Among very many small runs, the few whole ones and those with failures are found at once.
    index('sync_run_whole').on(table.tenantId, table.integrationId, table.id).where(sql`${table.whole}`),
    index('sync_run_failed').on(table.tenantId, table.integrationId, table.id).where(sql`${table.failed} > 0`),
    index('sync_run_held')
      .on(table.tenantId, table.integrationId, table.planExpiresAt)
      .where(sql`${table.status} = 'HELD'`),
    uniqueIndex('sync_run_waiting')
      .on(table.tenantId, table.integrationId, table.lane)
      .where(
        sql`${table.status} = 'QUEUED' and ${table.approvedHash} is null and ${table.mode} <> 'PREVIEW' and ${table.undoes} is null and ${table.retries} is null`,
      ),
    uniqueIndex('sync_run_live')
      .on(table.tenantId, table.integrationId, table.lane)
      .where(sql`${table.status} = 'RUNNING'`),
    uniqueIndex('sync_run_turn')
      .on(table.tenantId, table.integrationId)
      .where(sql`${table.status} = 'RUNNING' and ${table.hasTurn}`),
    // What a person's small runs have done lately: a bulk run asks for it at each stream.
    index('sync_run_quick')
      .on(table.tenantId, table.integrationId, table.updatedAt)
      .where(sql`${table.lane} = 'QUICK'`),
  ],
);

/** The records a run was asked to look at, when it was not asked for the whole integration. */
export const syncScope = pgTable(
  'sync_scope',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    runId: uuid('run_id').notNull(),
    entity: text('entity').notNull(),
    recordId: uuid('record_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId, table.entity, table.recordId] }),
    foreignKey({ columns: [table.tenantId, table.runId], foreignColumns: [syncRun.tenantId, syncRun.id] }).onDelete(
      'cascade',
    ),
  ],
);

import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { EntityName } from '../../model/entities.ts';
import type { ConflictCandidate, ConflictField, ConflictKind, ConflictStatus, Resolution } from '../../model/sync.ts';
import { exactText, instant, schoolId, tenantId, updatedAt } from './columns.ts';
import { integration } from './integration.ts';

/** A question only a person can answer. A link has at most one that is not resolved. */
export const syncConflict = pgTable(
  'sync_conflict',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    integrationId: uuid('integration_id').notNull(),
    id: uuid('id').notNull(),
    version: integer('version').notNull().default(1),
    kind: text('kind').$type<ConflictKind>().notNull(),
    status: text('status').$type<ConflictStatus>().notNull(),
    stream: exactText('stream').notNull(),
    entity: text('entity').$type<EntityName>().notNull(),
    recordId: uuid('record_id').notNull(),
    key: exactText('key'),
    name: text('name'),
    fields: jsonb('fields').$type<readonly ConflictField[]>().notNull(),
    /** DUPLICATE_MATCH: who it could be out there. */
    candidates: jsonb('candidates').$type<readonly ConflictCandidate[]>().notNull().default([]),
    resolution: text('resolution').$type<Resolution>(),
    resolvedBy: text('resolved_by'),
    /** The run that carries out a PUSH_LOCAL. */
    runId: uuid('run_id'),
    detectedAt: instant('detected_at').notNull(),
    resolvedAt: instant('resolved_at'),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({
      name: 'sync_conflict_of_integration',
      columns: [table.tenantId, table.integrationId],
      foreignColumns: [integration.tenantId, integration.id],
    }).onDelete('cascade'),
    uniqueIndex('sync_conflict_unresolved')
      .on(table.tenantId, table.integrationId, table.stream, table.recordId)
      .where(sql`${table.status} <> 'RESOLVED'`),
    index('sync_conflict_school').on(table.tenantId, table.schoolId, table.status, table.id),
    index('sync_conflict_listed').on(table.tenantId, table.schoolId, table.id),
  ],
);

import { boolean, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { EntityName, Status } from '../../model/entities.ts';
import type { StoredExportStatus } from '../../model/export.ts';
import { instant, schoolId, tenantId } from './columns.ts';
import { school } from './school.ts';

/** Somebody's wish for a school's records as lines, and how far they have been handed over. The lines themselves are kept nowhere. */
export const exportTable = pgTable(
  'export',
  {
    tenantId: tenantId(),
    schoolId: schoolId(),
    id: uuid('id').notNull(),
    status: text('status').$type<StoredExportStatus>().notNull(),
    /** In the order in which they are told. */
    entities: text('entities').array().$type<EntityName[]>().notNull(),
    recordStatus: text('record_status').array().$type<Status[]>().notNull(),
    updatedSince: instant('updated_since'),
    /** Whether contact details are in it: the asker had the right to them. */
    contacts: boolean('contacts').notNull(),
    /** A place in the stream of events before anything of it was read. */
    liveCursor: text('live_cursor').notNull(),
    askerKind: text('asker_kind').$type<'USER' | 'API_KEY'>().notNull(),
    /** The key, or the member, whose rights are looked at for each page. */
    askedBy: uuid('asked_by').notNull(),
    askerName: text('asker_name').notNull(),
    /** Records handed over by the newest transfer, with those before the place where it went on. */
    completed: integer('completed').notNull().default(0),
    /** Records there were when the first transfer began; null before. */
    total: integer('total'),
    /** How many records of each kind there were, of those kinds that have been told to their end. */
    counts: jsonb('counts').$type<Partial<Record<EntityName, number>>>().notNull().default({}),
    /** Rises with each transfer: an older one that is still under way ends. */
    transfer: integer('transfer').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({ columns: [table.tenantId, table.schoolId], foreignColumns: [school.tenantId, school.id] }).onDelete(
      'cascade',
    ),
    index('export_school').on(table.tenantId, table.schoolId, table.id),
  ],
);

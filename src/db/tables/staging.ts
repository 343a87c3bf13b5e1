import { boolean, index, integer, jsonb, pgTable, uuid } from 'drizzle-orm/pg-core';
import type { Values } from '../../model/entities.ts';
import { bytes, exactText } from './columns.ts';

/**
 * External records of a live run, page by page. Unlogged and without row-level security (COPY refuses it):
 * the worker role alone may use it, always by run, and the policies of the target tables check what is merged.
 */
export const staging = pgTable(
  'staging',
  {
    runId: uuid('run_id').notNull(),
    stream: exactText('stream').notNull(),
    key: exactText('key').notNull(),
    page: integer('page').notNull(),
    /** The id the record gets if it is new here. */
    recordId: uuid('record_id').notNull(),
    hash: bytes('hash').notNull(),
    gone: boolean('gone').notNull(),
    values: jsonb('values').$type<Values>().notNull(),
    /** Keys of referenced external records, by reference name. */
    refs: jsonb('refs').$type<Record<string, readonly string[]>>().notNull(),
  },
  (table) => [index('staging_key').on(table.runId, table.stream, table.key, table.page.desc())],
);

/** What a `some` pull was asked for: only of these does absence mean anything. */
export const sought = pgTable(
  'sought',
  {
    runId: uuid('run_id').notNull(),
    stream: exactText('stream').notNull(),
    recordId: uuid('record_id').notNull(),
  },
  (table) => [index('sought_record').on(table.runId, table.stream, table.recordId)],
);

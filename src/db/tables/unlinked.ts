import { index, pgTable, smallint, uuid } from 'drizzle-orm/pg-core';
import { bytes, exactText } from './columns.ts';

/**
 * What a live run pulled that nobody is linked to, by what it can be found by: the pool first contact chooses from. Like
 * staging unlogged, without row-level security, and for the worker role alone.
 */
export const unlinked = pgTable(
  'unlinked',
  {
    runId: uuid('run_id').notNull(),
    stream: exactText('stream').notNull(),
    /** The place of a rule in the stream's `match`; −1 for the id of ours that it carries, −2 for that of its source. */
    by: smallint('by').notNull(),
    /** Hash of what it says of all that the rule compares. */
    said: bytes('said').notNull(),
    key: exactText('key').notNull(),
  },
  (table) => [index('unlinked_said').on(table.runId, table.stream, table.by, table.said)],
);

import { foreignKey, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytes, instant, tenantId } from './columns.ts';
import { tenant } from './tenant.ts';

/** What came of a mutation that named a key: its row is what makes a second try one. */
export const mutationOutcome = pgTable(
  'mutation_outcome',
  {
    tenantId: tenantId(),
    /** Who sent it: the id of a key. */
    caller: text('caller').notNull(),
    mutation: text('mutation').notNull(),
    /** SHA-256 of the idempotency key, which itself is not kept. */
    keyHash: bytes('key_hash').notNull(),
    /** HMAC-SHA-256 of the input under the idempotency key, so that nobody can guess what was in it. */
    inputHash: bytes('input_hash').notNull(),
    /** Ids of the payload, or the refusal. Null while the transaction that works on it is open, so nobody ever sees that. */
    outcome: jsonb('outcome'),
    /** From then on the key is new again. */
    until: instant('until').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.caller, table.mutation, table.keyHash] }),
    foreignKey({ columns: [table.tenantId], foreignColumns: [tenant.id] }).onDelete('cascade'),
    index('mutation_outcome_until').on(table.until),
  ],
);

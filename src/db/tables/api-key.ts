import { foreignKey, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytes, createdAt, instant, tenantId } from './columns.ts';
import { tenant } from './tenant.ts';

/** A caller's key: only the hash of its secret is kept. `schoolIds` null means every school of the tenant. */
export const apiKey = pgTable(
  'api_key',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** The eight characters by which a presented key is looked up. */
    lookup: text('lookup').notNull(),
    secretHash: bytes('secret_hash').notNull(),
    scopes: text('scopes').array().notNull(),
    schoolIds: uuid('school_ids').array(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('api_key_lookup').on(table.lookup),
    foreignKey({ columns: [table.tenantId], foreignColumns: [tenant.id] }).onDelete('cascade'),
  ],
);

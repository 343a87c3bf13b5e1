import { sql } from 'drizzle-orm';
import { foreignKey, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { createdAt, instant, tenantId } from './columns.ts';
import { tenant } from './tenant.ts';

/**
 * A person who may enter a tenant by signing in at an issuer of OpenID Connect. Invited by e-mail address, they are bound to
 * the issuer's name for them (`subject`) when they first come; from then on only that one counts.
 */
export const member = pgTable(
  'member',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    /** In small letters. */
    email: text('email'),
    /** As in a token's `iss`. Null: whichever of the tenant's issuers vouches for the address. */
    issuer: text('issuer'),
    /** As in a token's `sub`. Null: not bound yet. */
    subject: text('subject'),
    name: text('name'),
    role: text('role').notNull(),
    /** Null: every school of the tenant. */
    schoolIds: uuid('school_ids').array(),
    invitedBy: text('invited_by').notNull(),
    createdAt: createdAt(),
    /** Null: never came. */
    joinedAt: instant('joined_at'),
    lastSeenAt: instant('last_seen_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('member_email').on(table.tenantId, table.email),
    uniqueIndex('member_subject')
      .on(table.tenantId, table.issuer, table.subject)
      .where(sql`${table.subject} is not null`),
    foreignKey({ columns: [table.tenantId], foreignColumns: [tenant.id] }).onDelete('cascade'),
  ],
);

/** Column shapes that every table shares, so that a cursor and a JavaScript `Date` mean the same instant everywhere. */
import { customType, timestamp, uuid } from 'drizzle-orm/pg-core';

/** Milliseconds, like a JavaScript `Date`: with microseconds a keyset cursor would repeat its boundary row. */
export const instant = (name: string) => timestamp(name, { precision: 3, withTimezone: true, mode: 'date' });

export const createdAt = () => instant('created_at').notNull().defaultNow();
export const updatedAt = () => instant('updated_at').notNull().defaultNow();

export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/** Text compared byte by byte: external keys and names of streams must sort alike on every server. */
export const exactText = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

export const tenantId = () => uuid('tenant_id').notNull();
export const schoolId = () => uuid('school_id').notNull();

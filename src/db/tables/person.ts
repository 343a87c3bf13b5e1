import { boolean, index, pgTable, text } from 'drizzle-orm/pg-core';
import { recordColumns, recordKeys, schoolReference } from './record.ts';

/** A person at one school; somebody at two schools is two records. */
export const person = pgTable(
  'person',
  {
    ...recordColumns(),
    givenName: text('given_name').notNull(),
    familyName: text('family_name').notNull(),
    middleName: text('middle_name'),
    username: text('username'),
    email: text('email'),
    role: text('role').notNull(),
    identifier: text('identifier'),
    phone: text('phone'),
    sms: text('sms'),
    grades: text('grades').array().notNull().default([]),
    enabled: boolean('enabled').notNull().default(true),
  },
  (table) => [
    ...recordKeys(table, 'person'),
    schoolReference(table),
    index('person_email').on(table.tenantId, table.schoolId, table.email),
  ],
);

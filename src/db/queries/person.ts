import type { Person } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface PersonRow extends RecordRow, Person {}

export const persons: RecordTable<PersonRow> = {
  name: 'person',
  columns: `${recordColumns}, r.given_name as "givenName", r.family_name as "familyName",
    r.middle_name as "middleName", r.username, r.email, r.role, r.identifier, r.phone, r.sms, r.grades, r.enabled`,
};

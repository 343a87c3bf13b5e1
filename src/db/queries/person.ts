import type { Person } from '../../model/entities.ts';
import { type Condition, containsWords, type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface PersonRow extends RecordRow, Person {}

export const persons: RecordTable<PersonRow> = {
  name: 'person',
  columns: `${recordColumns}, r.given_name as "givenName", r.family_name as "familyName",
    r.middle_name as "middleName", r.username, r.email, r.role, r.identifier, r.phone, r.sms, r.grades, r.enabled`,
  orders: {
    NAME: [
      { column: 'family_name', as: 'familyName', type: 'text' },
      { column: 'given_name', as: 'givenName', type: 'text' },
    ],
  },
};

/** People whom one would call so: each word is in a name, the e-mail address, the user name or the number. */
export const peopleCalled = (words: readonly string[]): Condition =>
  containsWords('r.given_name, r.middle_name, r.family_name, r.email, r.username, r.identifier', words);

/** People who are in one of these classes now. Relies on `enrollment_person`. */
export const peopleOfClasses =
  (classIds: readonly string[]): Condition =>
  (db) =>
    db`exists (
    select from enrollment e
    where e.person_id = r.id and e.class_id = any (${classIds}::uuid[]) and e.status = 'ACTIVE')`;

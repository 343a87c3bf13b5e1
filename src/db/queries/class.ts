import type { Class } from '../../model/entities.ts';
import { type Condition, containsWords, type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface ClassRow extends RecordRow, Class {
  courseId: string | null;
  termIds: readonly string[];
}

export const classes: RecordTable<ClassRow> = {
  name: 'class',
  columns: `${recordColumns}, r.title, r.class_code as "classCode", r.class_type as "classType", r.location, r.grades,
    r.subjects, r.subject_codes as "subjectCodes", r.periods, r.course_id as "courseId", r.terms_ids as "termIds"`,
  orders: { TITLE: [{ column: 'title', as: 'title', type: 'text' }] },
};

export const classesCalled = (words: readonly string[]): Condition => containsWords('r.title, r.class_code', words);

/** Classes in which one of these people is now. Relies on `enrollment_person`. */
export const classesOfPeople =
  (personIds: readonly string[]): Condition =>
  (db) =>
    db`r.id in (
    select e.class_id from enrollment e where e.person_id = any (${personIds}::uuid[]) and e.status = 'ACTIVE')`;

/** Classes that meet in one of these terms. */
export const classesOfTerms =
  (termIds: readonly string[]): Condition =>
  (db) =>
    db`r.terms_ids && ${termIds}::uuid[]`;

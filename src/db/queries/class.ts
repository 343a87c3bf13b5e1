import type { Class } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface ClassRow extends RecordRow, Class {
  courseId: string | null;
  termIds: readonly string[];
}

export const classes: RecordTable<ClassRow> = {
  name: 'class',
  columns: `${recordColumns}, r.title, r.class_code as "classCode", r.class_type as "classType", r.location, r.grades,
    r.subjects, r.subject_codes as "subjectCodes", r.periods, r.course_id as "courseId", r.terms_ids as "termIds"`,
};

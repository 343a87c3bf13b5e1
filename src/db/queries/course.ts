import type { Course } from '../../model/entities.ts';
import { type Condition, containsWords, type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface CourseRow extends RecordRow, Course {}

export const courses: RecordTable<CourseRow> = {
  name: 'course',
  columns: `${recordColumns}, r.title, r.course_code as "courseCode", r.grades, r.subjects,
    r.subject_codes as "subjectCodes"`,
  orders: { TITLE: [{ column: 'title', as: 'title', type: 'text' }] },
};

export const coursesCalled = (words: readonly string[]): Condition => containsWords('r.title, r.course_code', words);

import type { Enrollment } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface EnrollmentRow extends RecordRow, Enrollment {
  classId: string;
  personId: string;
}

export const enrollments: RecordTable<EnrollmentRow> = {
  name: 'enrollment',
  columns: `${recordColumns}, r.role, r."primary", r.begin_date as "beginDate", r.end_date as "endDate",
    r.class_id as "classId", r.person_id as "personId"`,
};

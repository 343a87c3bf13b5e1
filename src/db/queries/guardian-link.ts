import type { GuardianLink } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface GuardianLinkRow extends RecordRow, GuardianLink {
  studentId: string;
  guardianId: string;
}

export const guardianLinks: RecordTable<GuardianLinkRow> = {
  name: 'guardian_link',
  columns: `${recordColumns}, r.relationship, r.student_id as "studentId", r.guardian_id as "guardianId"`,
};

import type { Term } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface TermRow extends RecordRow, Term {
  parentId: string | null;
}

export const terms: RecordTable<TermRow> = {
  name: 'term',
  columns: `${recordColumns}, r.title, r.type, r.start_date as "startDate", r.end_date as "endDate",
    r.school_year as "schoolYear", r.parent_id as "parentId"`,
};

import type { Term } from '../../model/entities.ts';
import { type Condition, containsWords, type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface TermRow extends RecordRow, Term {
  parentId: string | null;
}

export const terms: RecordTable<TermRow> = {
  name: 'term',
  columns: `${recordColumns}, r.title, r.type, r.start_date as "startDate", r.end_date as "endDate",
    r.school_year as "schoolYear", r.parent_id as "parentId"`,
  orders: { START_DATE: [{ column: 'start_date', as: 'startDate', type: 'date' }] },
};

export const termsCalled = (words: readonly string[]): Condition => containsWords('r.title, r.school_year', words);

/** Terms that are under way on a day, `YYYY-MM-DD`. */
export const termsOn =
  (day: string): Condition =>
  (db) =>
    db`r.start_date <= ${day}::date and r.end_date > ${day}::date`;

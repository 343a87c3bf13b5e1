import type { Meeting } from '../../model/entities.ts';
import type { TransactionSql } from '../client.ts';
import { type Condition, containsWords, type RecordRow, type RecordTable, recordColumns } from './record.ts';
import { type Span, within } from './span.ts';

export interface MeetingRow extends RecordRow, Omit<Meeting, 'startsAt' | 'endsAt'> {
  startsAt: Date;
  endsAt: Date;
  classId: string | null;
  instructorIds: readonly string[];
  groupIds: readonly string[];
}

export const meetings: RecordTable<MeetingRow> = {
  name: 'meeting',
  columns: `${recordColumns}, r.title, r.description, r.starts_at as "startsAt", r.ends_at as "endsAt", r.location,
    r.class_id as "classId", r.instructors_ids as "instructorIds", r.groups_ids as "groupIds"`,
  orders: { STARTS_AT: [{ column: 'starts_at', as: 'startsAt', type: 'timestamptz' }] },
};

/** The same with those who take part, of whom there can be hundreds. */
export const meetingsWithLearners: RecordTable<MeetingRow & { learnerIds: readonly string[] }> = {
  name: meetings.name,
  columns: `${meetings.columns}, r.learners_ids as "learnerIds"`,
};

/** Meetings that start within a stretch of time. */
export const meetingsStarting =
  (span: Span): Condition =>
  (db) =>
    db`true ${within(db, 'r.starts_at', span)}`;

export const meetingsCalled = (words: readonly string[]): Condition =>
  containsWords('r.title, r.description, r.location', words);

/** Meetings that one of these people leads or takes part in. */
export const meetingsOfPeople =
  (personIds: readonly string[]): Condition =>
  (db) =>
    db`(r.instructors_ids && ${personIds}::uuid[] or r.learners_ids && ${personIds}::uuid[])`;

/** Each school's rooms, by name: where its active meetings take place. */
export async function roomsOfSchools(
  db: TransactionSql,
  schoolIds: readonly string[],
): Promise<{ schoolId: string; name: string }[]> {
  return db<{ schoolId: string; name: string }[]>`
    select distinct r.school_id as "schoolId", r.location as name from meeting r
    where r.school_id = any (${schoolIds}::uuid[]) and r.status = 'ACTIVE' and r.location is not null
    order by 1, 2`;
}

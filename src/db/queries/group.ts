import type { Group } from '../../model/entities.ts';
import { type Condition, containsWords, type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface GroupRow extends RecordRow, Group {}

export const groups: RecordTable<GroupRow> = {
  name: 'group',
  columns: `${recordColumns}, r.title, r.code`,
  orders: { TITLE: [{ column: 'title', as: 'title', type: 'text' }] },
};

export const groupsCalled = (words: readonly string[]): Condition => containsWords('r.title, r.code', words);

/** Groups in which one of these people is. */
export const groupsOfPeople =
  (personIds: readonly string[]): Condition =>
  (db) =>
    db`r.members_ids && ${personIds}::uuid[]`;

/** The same with those who are in it, of whom there can be hundreds. */
export const groupsWithMembers: RecordTable<GroupRow & { memberIds: readonly string[] }> = {
  name: groups.name,
  columns: `${groups.columns}, r.members_ids as "memberIds"`,
};

import type { Group } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface GroupRow extends RecordRow, Group {}

export const groups: RecordTable<GroupRow> = { name: 'group', columns: `${recordColumns}, r.title, r.code` };

/** The same with those who are in it, of whom there can be hundreds. */
export const groupsWithMembers: RecordTable<GroupRow & { memberIds: readonly string[] }> = {
  name: groups.name,
  columns: `${groups.columns}, r.members_ids as "memberIds"`,
};

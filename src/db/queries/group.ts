import type { Group } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface GroupRow extends RecordRow, Group {}

export const groups: RecordTable<GroupRow> = { name: 'group', columns: `${recordColumns}, r.title, r.code` };

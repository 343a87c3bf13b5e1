import type { Org } from '../../model/entities.ts';
import { type RecordRow, type RecordTable, recordColumns } from './record.ts';

export interface OrgRow extends RecordRow, Org {}

export const orgs: RecordTable<OrgRow> = {
  name: 'org',
  columns: `${recordColumns}, r.name, r.type, r.identifier`,
};

import { type GuardianLinkRow, guardianLinks } from '../db/queries/guardian-link.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { Person } from './person.ts';
import { loadRecords, recordInterfaces } from './record.ts';

const GuardianLink = builder.loadableObject('GuardianLink', {
  description: 'An adult who answers for a student.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<GuardianLinkRow[]> => loadRecords(context, guardianLinks, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('GuardianLink')),
    relationship: t.exposeString('relationship', {
      nullable: true,
      description: 'What the adult is to the student: `parent`, `guardian` …; null when the source does not say.',
    }),
    student: t.field({ type: Person, description: 'The student.', resolve: (row) => row.studentId }),
    guardian: t.field({ type: Person, description: 'The adult.', resolve: (row) => row.guardianId }),
  }),
});

registerNode(GuardianLink);

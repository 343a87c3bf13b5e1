import { type OrgRow, orgs } from '../db/queries/org.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { loadRecords, recordInterfaces } from './record.ts';

const Org = builder.loadableObject('Org', {
  description: 'An organisation as a source tells of it: the school itself, its district.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<OrgRow[]> => loadRecords(context, orgs, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Org')),
    name: t.exposeString('name', { description: 'What the source calls it.' }),
    type: t.exposeString('type', { description: 'What it is, in OneRoster’s words: `school`, `district` …' }),
    identifier: t.exposeString('identifier', {
      nullable: true,
      description: 'The number authorities know it by; null when there is none.',
    }),
  }),
});

registerNode(Org);

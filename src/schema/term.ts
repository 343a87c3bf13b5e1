import { type TermRow, terms } from '../db/queries/term.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { loadRecords, recordInterfaces } from './record.ts';

export const Term = builder.loadableObject('Term', {
  description: 'A school year, a semester, a term.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<TermRow[]> => loadRecords(context, terms, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Term')),
    title: t.exposeString('title', { description: 'What people call it.' }),
    type: t.exposeString('type', { description: 'What it is, in OneRoster’s words: `schoolYear`, `term` …' }),
    startDate: t.exposeString('startDate', { description: 'Its first day: `2026-09-01`.' }),
    endDate: t.exposeString('endDate', { description: 'The first day after it.' }),
    schoolYear: t.exposeString('schoolYear', {
      nullable: true,
      description: 'The year in which its school year ends; null when the source does not say.',
    }),
  }),
});

registerNode(Term);

builder.objectField(Term, 'parent', (t) =>
  t.field({
    type: Term,
    nullable: true,
    description: 'The longer term it is part of; null when it is part of none.',
    resolve: (row) => row.parentId,
  }),
);

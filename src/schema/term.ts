import { isOneOf } from '../db/queries/record.ts';
import { type TermRow, terms, termsCalled, termsOn } from '../db/queries/term.ts';
import { builder } from './builder.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { dayIn, given, plain, searchLimit, wordsIn } from './record-filter.ts';
import { School } from './school.ts';

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

const TermConnection = builder.connectionObject(
  { type: Term, name: 'TermConnection', description: 'A page of terms.' },
  { name: 'TermEdge', description: 'A term in a list.' },
);

const TermFilter = builder.inputType('TermFilter', {
  description: 'Which terms to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    search: t.string({
      description: `Each of whose words is in the title or the school year, in whatever case. ${searchLimit}`,
    }),
    type: t.stringList({ description: 'Of one of these types: `schoolYear`, `term` …' }),
    on: t.string({ description: 'Under way on this day: `2026-09-01`.' }),
  }),
});

const TermOrder = orderInput('Term', {
  ...createdFirst,
  START_DATE: { description: 'The first day. What is moved while somebody pages may come twice, or not at all.' },
});

builder.objectField(School, 'terms', (t) =>
  t.field({
    type: TermConnection,
    description: 'The school’s years, semesters and terms.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: TermFilter, description: 'Which terms; left out: those that are ACTIVE.' }),
      orderBy: t.arg({ type: TermOrder, description: 'In which order; left out: as they came.' }),
    },
    resolve: recordList('terms', terms, 'school_id', ({ search, type, on }: typeof TermFilter.$inferInput) => [
      ...given(search, (text) => termsCalled(wordsIn(text))),
      ...given(type, (types) => isOneOf('type', 'text', types.map(plain))),
      ...given(on, (day) => termsOn(dayIn('on', day))),
    ]),
  }),
);

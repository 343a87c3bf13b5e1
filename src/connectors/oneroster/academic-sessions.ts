/** School years, semesters, terms and grading periods. OneRoster's end dates are the day after the last. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { from } from './fields.ts';
import { pullOf } from './school.ts';
import { date, singleKey, text, wordOf } from './values.ts';
import { base, field, gone, key } from './wire.ts';

const session = z.object({
  ...base,
  title: field,
  type: field,
  startDate: field,
  endDate: field,
  schoolYear: field,
  parent: field,
});

const type = wordOf(['gradingPeriod', 'semester', 'schoolYear', 'term']);

export const academicSessions = stream<OneRosterClient, 'term', z.output<typeof session>>({
  entity: 'term',
  born: 'there',
  action: 'oneroster.roster.term',
  wire: session,
  key,
  gone,
  fields: {
    title: from('title', text),
    type: from('type', type),
    startDate: from('startDate', date),
    endDate: from('endDate', date),
    schoolYear: from('schoolYear', text),
  },
  refs: { parent: { stream: 'academicSessions', read: (wire) => singleKey(wire.parent), missing: 'omit' } },
  // Sessions name no school: they are everybody's.
  pull: pullOf({
    name: 'academicSessions',
    words: ['academicSessions', 'academicSession', 'terms', 'gradingPeriods'],
  }),
});

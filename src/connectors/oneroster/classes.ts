/** Classes: groups that are taught, with their course and the terms they meet in. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { from } from './fields.ts';
import { pullOf } from './school.ts';
import { grades, keyOf, keysOf, list, singleKey, text, wordOf } from './values.ts';
import { base, field, gone, key } from './wire.ts';

const schoolClass = z.object({
  ...base,
  title: field,
  classCode: field,
  classType: field,
  location: field,
  grades: field,
  subjects: field,
  subjectCodes: field,
  periods: field,
  course: field,
  terms: field,
});

const classType = wordOf(['homeroom', 'scheduled']);

export const classes = stream<OneRosterClient, 'class', z.output<typeof schoolClass>>({
  entity: 'class',
  born: 'there',
  action: 'oneroster.roster.class',
  wire: schoolClass,
  key,
  gone,
  fields: {
    title: from('title', text),
    classCode: from('classCode', text),
    classType: from('classType', classType),
    location: from('location', text),
    grades: from('grades', grades),
    subjects: from('subjects', list),
    subjectCodes: from('subjectCodes', list),
    periods: from('periods', list),
  },
  refs: {
    course: { stream: 'courses', read: (wire) => singleKey(wire.course), missing: 'omit' },
    terms: { stream: 'academicSessions', read: (wire) => keysOf(wire.terms), missing: 'omit' },
  },
  pull: pullOf(
    { name: 'classes', words: ['classes', 'class'] },
    { belongs: (record, school) => (keyOf(record.school) ?? school) === school },
  ),
});

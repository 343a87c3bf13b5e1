/** What is taught; classes are its instances. Some servers do not share courses. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { from } from './fields.ts';
import { pullOf } from './school.ts';
import { grades, keyOf, list, text } from './values.ts';
import { base, field, gone, key } from './wire.ts';

const course = z.object({
  ...base,
  title: field,
  courseCode: field,
  grades: field,
  subjects: field,
  subjectCodes: field,
});

export const courses = stream<OneRosterClient, 'course', z.output<typeof course>>({
  entity: 'course',
  born: 'there',
  action: 'oneroster.roster.course',
  wire: course,
  key,
  gone,
  fields: {
    title: from('title', text),
    courseCode: from('courseCode', text),
    grades: from('grades', grades),
    subjects: from('subjects', list),
    subjectCodes: from('subjectCodes', list),
  },
  // A district's catalogue serves all of its schools, so only what is another school's is left out.
  pull: pullOf(
    { name: 'courses', words: ['courses', 'course'], optional: true },
    { belongs: (record, _, others) => !others.has(keyOf(record.org) ?? ''), needsOthers: true },
  ),
});

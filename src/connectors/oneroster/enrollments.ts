/** Who is in which class, as what. Its class or its person may not be shared with us: then it waits. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { from } from './fields.ts';
import { role } from './roles.ts';
import { pullOf } from './school.ts';
import { boolean, date, keyOf, singleKey } from './values.ts';
import { base, field, gone, key } from './wire.ts';

const enrollment = z.object({
  ...base,
  user: field,
  class: field,
  role: field,
  primary: field,
  beginDate: field,
  endDate: field,
});

export const enrollments = stream<OneRosterClient, 'enrollment', z.output<typeof enrollment>>({
  entity: 'enrollment',
  born: 'there',
  action: 'oneroster.roster.enrollment',
  wire: enrollment,
  key,
  gone,
  fields: {
    role: from('role', role),
    primary: from('primary', boolean),
    beginDate: from('beginDate', date),
    endDate: from('endDate', date),
  },
  refs: {
    class: { stream: 'classes', read: (wire) => singleKey(wire.class), missing: 'wait', container: true },
    person: { stream: 'users', read: (wire) => singleKey(wire.user), missing: 'wait' },
  },
  pull: pullOf(
    { name: 'enrollments', words: ['enrollments', 'enrollment'] },
    { belongs: (record, school) => (keyOf(record.school) ?? school) === school },
  ),
});

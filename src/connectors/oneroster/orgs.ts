/** The school itself, with the district and the departments around it where everything is read. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { from } from './fields.ts';
import { orgCollection, pullOf } from './school.ts';
import { keyOf, text, wordOf } from './values.ts';
import { base, field, gone, key } from './wire.ts';

const org = z.object({ ...base, name: field, type: field, identifier: field });

const type = wordOf(['department', 'school', 'district', 'local', 'state', 'national']);

export const orgs = stream<OneRosterClient, 'org', z.output<typeof org>>({
  entity: 'org',
  born: 'there',
  action: 'oneroster.roster.org',
  wire: org,
  key,
  gone,
  fields: { name: from('name', text), type: from('type', type), identifier: from('identifier', text) },
  pull: pullOf(orgCollection, { belongs: (record, school) => keyOf(record) === school }),
});

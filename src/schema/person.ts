import { type PersonRow, persons } from '../db/queries/person.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { loadRecords, recordInterfaces, recordList, recordListArgs } from './record.ts';
import { School } from './school.ts';

const nullable = true;

export const Person = builder.loadableObject('Person', {
  description: 'A person at one school; somebody at two schools is two records.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<PersonRow[]> => loadRecords(context, persons, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Person')),
    givenName: t.exposeString('givenName', { description: 'First name.' }),
    familyName: t.exposeString('familyName', { description: 'Last name.' }),
    middleName: t.exposeString('middleName', { nullable, description: 'Middle name; null when there is none.' }),
    username: t.exposeString('username', {
      nullable,
      description: 'The name to sign in with; null when there is none.',
    }),
    email: t.exposeString('email', { nullable, description: 'E-mail address; null when there is none.' }),
    role: t.exposeString('role', {
      description: 'What they are at the school, in OneRoster’s words: `student`, `teacher`, `guardian` …',
    }),
    identifier: t.exposeString('identifier', {
      nullable,
      description: 'The number people know them by, such as a student number; null when there is none.',
    }),
    phone: t.exposeString('phone', {
      nullable,
      description: 'Telephone number; null when there is none. Needs the scope `pii:read`.',
      authScopes: { scope: 'pii:read' },
    }),
    sms: t.exposeString('sms', {
      nullable,
      description: 'Number for text messages; null when there is none. Needs the scope `pii:read`.',
      authScopes: { scope: 'pii:read' },
    }),
    grades: t.stringList({ description: 'Grades, in the source’s codes.', resolve: (row) => [...row.grades] }),
    enabled: t.exposeBoolean('enabled', { description: 'Whether their accounts are to work.' }),
  }),
});

registerNode(Person);

export const PersonConnection = builder.connectionObject(
  { type: Person, name: 'PersonConnection', description: 'A page of people.' },
  { name: 'PersonEdge', description: 'A person in a list.' },
);

builder.objectField(School, 'people', (t) =>
  t.field({
    type: PersonConnection,
    description: 'The school’s people: students, teachers, guardians, staff.',
    authScopes: { scope: 'roster:read' },
    args: recordListArgs,
    resolve: recordList('people', persons, 'school_id'),
  }),
);

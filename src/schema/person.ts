import { type PersonRow, peopleCalled, peopleOfClasses, persons } from '../db/queries/person.ts';
import { isOneOf } from '../db/queries/record.ts';
import { builder } from './builder.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { given, idsAmong, idsLimit, plain, searchLimit, wordsIn } from './record-filter.ts';
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

const PersonFilter = builder.inputType('PersonFilter', {
  description: 'Which people to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    search: t.string({
      description: `Each of whose words is in a name, the e-mail address, the user name or the identifier, in whatever case. ${searchLimit}`,
    }),
    role: t.stringList({ description: 'With one of these roles: `student`, `teacher` …' }),
    classIds: t.idList({ description: `Who are in one of these classes now. ${idsLimit}` }),
  }),
});

const PersonOrder = orderInput('Person', {
  ...createdFirst,
  NAME: {
    description: 'Last name, then first name. Who is renamed while somebody pages may come twice, or not at all.',
  },
});

export const personListArgs = {
  ...pageArgs,
  ...builder.args((t) => ({
    filter: t.field({ type: PersonFilter, description: 'Which people; left out: those that are ACTIVE.' }),
    orderBy: t.field({ type: PersonOrder, description: 'In which order; left out: as they came.' }),
  })),
};

export const peopleWhere = ({ search, role, classIds }: typeof PersonFilter.$inferInput) => [
  ...given(search, (text) => peopleCalled(wordsIn(text))),
  ...given(role, (roles) => isOneOf('role', 'text', roles.map(plain))),
  ...given(classIds, (ids) => peopleOfClasses(idsAmong('Class', ids))),
];

builder.objectField(School, 'people', (t) =>
  t.field({
    type: PersonConnection,
    description: 'The school’s people: students, teachers, guardians, staff.',
    authScopes: { scope: 'roster:read' },
    args: personListArgs,
    resolve: recordList('people', persons, 'school_id', peopleWhere),
  }),
);

import { type GroupRow, groups, groupsCalled, groupsOfPeople } from '../db/queries/group.ts';
import { persons } from '../db/queries/person.ts';
import { builder } from './builder.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { PersonConnection, peopleWhere, personListArgs } from './person.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { given, idsAmong, idsLimit, searchLimit, wordsIn } from './record-filter.ts';
import { School } from './school.ts';

export const Group = builder.loadableObject('Group', {
  description: 'People who are taken together: a seminar group, half of a year.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<GroupRow[]> => loadRecords(context, groups, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Group')),
    title: t.exposeString('title', { description: 'What people call it.' }),
    code: t.exposeString('code', { nullable: true, description: 'Its short code; null when there is none.' }),
    members: t.field({
      type: PersonConnection,
      description: 'Who is in the group.',
      authScopes: { scope: 'roster:read' },
      args: personListArgs,
      resolve: recordList('membersOfGroup', persons, { table: 'group', column: 'members_ids' }, peopleWhere),
    }),
  }),
});

registerNode(Group);

const GroupConnection = builder.connectionObject(
  { type: Group, name: 'GroupConnection', description: 'A page of groups.' },
  { name: 'GroupEdge', description: 'A group in a list.' },
);

const GroupFilter = builder.inputType('GroupFilter', {
  description: 'Which groups to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    search: t.string({
      description: `Each of whose words is in the title or the code, in whatever case. ${searchLimit}`,
    }),
    personIds: t.idList({ description: `In which one of these people is. ${idsLimit}` }),
  }),
});

const GroupOrder = orderInput('Group', {
  ...createdFirst,
  TITLE: { description: 'The title. What is renamed while somebody pages may come twice, or not at all.' },
});

builder.objectField(School, 'groups', (t) =>
  t.field({
    type: GroupConnection,
    description: 'The school’s groups.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: GroupFilter, description: 'Which groups; left out: those that are ACTIVE.' }),
      orderBy: t.arg({ type: GroupOrder, description: 'In which order; left out: as they came.' }),
    },
    resolve: recordList('groups', groups, 'school_id', ({ search, personIds }: typeof GroupFilter.$inferInput) => [
      ...given(search, (text) => groupsCalled(wordsIn(text))),
      ...given(personIds, (ids) => groupsOfPeople(idsAmong('Person', ids))),
    ]),
  }),
);

import { type GroupRow, groups } from '../db/queries/group.ts';
import { persons } from '../db/queries/person.ts';
import { builder } from './builder.ts';
import { pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { globalId, registerNode } from './node.ts';
import { PersonConnection, peopleWhere, personListArgs } from './person.ts';
import { loadRecords, recordInterfaces, recordList, statusFilter } from './record.ts';
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
  description: 'Which groups to list.',
  fields: (t) => ({ status: t.field(statusFilter) }),
});

builder.objectField(School, 'groups', (t) =>
  t.field({
    type: GroupConnection,
    description: 'The school’s groups.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: GroupFilter, description: 'Which groups; left out: those that are ACTIVE.' }),
    },
    resolve: recordList('groups', groups, 'school_id'),
  }),
);

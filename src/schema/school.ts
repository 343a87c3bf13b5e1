import { containsWords, isOneOf } from '../db/queries/record.ts';
import { countSchools, pageOfSchools, type SchoolRow, schoolOrders, schoolsByIds } from '../db/queries/school.ts';
import { builder } from './builder.ts';
import { connection, orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { rawId } from './ids.ts';
import { globalId, Node, registerNode } from './node.ts';
import { placeIn } from './place.ts';
import { given, idsLimit, searchLimit, sourcedIdsAmong, wordsIn } from './record-filter.ts';

export const School = builder.loadableObject('School', {
  description: 'A school of the tenant. Its integrations and its records are its own.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<SchoolRow[]> => context.read((db) => schoolsByIds(db, ids)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('School')),
    name: t.exposeString('name', { description: 'What people call it.' }),
    sourcedId: t.exposeString('sourcedId', {
      nullable: true,
      description: 'Its id in the student information system; null when it has none.',
    }),
    timeZone: t.exposeString('timeZone', { description: 'IANA time zone, such as `Europe/Paris`.' }),
  }),
});

registerNode(School);

const SchoolConnection = builder.connectionObject(
  { type: School, name: 'SchoolConnection', description: 'A page of schools.' },
  { name: 'SchoolEdge', description: 'A school in a list.' },
);

builder.queryField('school', (t) =>
  t.field({
    type: School,
    nullable: true,
    description: 'One school; null when it is not there or not yours to see.',
    authScopes: { scope: 'roster:read' },
    args: { id: t.arg.id({ required: true, description: 'The school’s id.' }) },
    resolve: (_root, { id }) => rawId('School', id),
  }),
);

const SchoolFilter = builder.inputType('SchoolFilter', {
  description: 'Which schools to list: those that fit everything given here.',
  fields: (t) => ({
    search: t.string({ description: `Each of whose words is in the name, in whatever case. ${searchLimit}` }),
    sourcedIds: t.stringList({ description: `With one of these ids in the student information system. ${idsLimit}` }),
  }),
});

const SchoolOrder = orderInput('School', {
  CREATED_AT: { description: 'When it was added.' },
  NAME: { description: 'The name. What is renamed while somebody pages may come twice, or not at all.' },
});

builder.queryField('schools', (t) =>
  t.field({
    type: SchoolConnection,
    description: 'The schools you may see, in the order they were added unless told otherwise.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: SchoolFilter, description: 'Which schools; left out: all.' }),
      orderBy: t.arg({ type: SchoolOrder, description: 'In which order; left out: as they were added.' }),
    },
    resolve: (_root, { filter, orderBy, ...args }, context) => {
      const where = [
        ...given(filter?.search, (text) => containsWords('r.name', wordsIn(text))),
        ...given(filter?.sourcedIds, (ids) => isOneOf('sourced_id', 'text', sourcedIdsAmong(ids))),
      ];
      const order = orderBy?.field === 'NAME' ? schoolOrders.NAME : [];

      return connection<SchoolRow>({
        name: order.length === 0 ? 'schools' : 'schools/NAME',
        args,
        descending: orderBy?.direction === 'DESC',
        ...placeIn(order),
        load: (page) => context.read((db) => pageOfSchools(db, page, where, order)),
        count: () => context.read((db) => countSchools(db, where)),
      });
    },
  }),
);

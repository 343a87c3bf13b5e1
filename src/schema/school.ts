import { countSchools, pageOfSchools, type SchoolRow, schoolsByIds } from '../db/queries/school.ts';
import { builder } from './builder.ts';
import { connection, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { rawId } from './ids.ts';
import { globalId, Node, registerNode } from './node.ts';

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

builder.queryField('schools', (t) =>
  t.field({
    type: SchoolConnection,
    description: 'The schools you may see, in the order they were added.',
    authScopes: { scope: 'roster:read' },
    args: pageArgs,
    resolve: (_root, args, context) =>
      connection<SchoolRow>({
        name: 'schools',
        args,
        descending: false,
        key: (row) => row.id,
        load: (page) => context.read((db) => pageOfSchools(db, page)),
        count: () => context.read(countSchools),
      }),
  }),
);

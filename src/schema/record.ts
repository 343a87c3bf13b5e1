/** What all records share, and how they are listed. */
import type { GraphQLResolveInfo } from 'graphql';
import {
  countRecordsListedBy,
  countRecordsOfParents,
  type IdList,
  type ParentColumn,
  type RecordRow,
  type RecordTable,
  recordsByIds,
  recordsListedBy,
  recordsOfParents,
} from '../db/queries/record.ts';
import type { Status } from '../model/entities.ts';
import { builder } from './builder.ts';
import { childConnection } from './child-connection.ts';
import { type PageArgs, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { describeId, Node } from './node.ts';
import { School } from './school.ts';

export const RecordStatus = builder.enumType('RecordStatus', {
  description: 'Whether a record is in use.',
  values: {
    ACTIVE: { description: 'In use.' },
    ARCHIVED: { description: 'Gone from its source, or put away by a person; kept for its history.' },
  } as const satisfies Record<Status, { description: string }>,
});

export const RecordInterface = builder.interfaceRef<RecordRow>('Record').implement({
  description: 'A row of a school’s roster.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ ...describeId, resolve: (row) => row.id }),
    school: t.field({ type: School, description: 'The school it belongs to.', resolve: (row) => row.schoolId }),
    sourcedId: t.exposeString('sourcedId', {
      nullable: true,
      description: 'Its id in the student information system; null when it is not from one.',
    }),
    status: t.expose('status', { type: RecordStatus, description: 'Whether it is in use.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When Homeroom first had it.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed in Homeroom.' }),
  }),
});

/** GraphQL wants both named on each type. */
export const recordInterfaces: (typeof Node | typeof RecordInterface)[] = [Node, RecordInterface];

/** Reads records by id, as the loader of their type. */
export function loadRecords<Row extends RecordRow>(
  context: Context,
  table: RecordTable<Row>,
  ids: readonly string[],
): Promise<Row[]> {
  return context.read((db) => recordsByIds(db, table, ids));
}

const RecordFilter = builder.inputType('RecordFilter', {
  description: 'Which records to list.',
  fields: (t) => ({
    status: t.field({ type: [RecordStatus], description: 'In one of these states; left out: ACTIVE.' }),
  }),
});

export const recordListArgs = {
  ...pageArgs,
  ...builder.args((t) => ({
    filter: t.field({ type: RecordFilter, description: 'Which records; left out: those that are ACTIVE.' }),
  })),
};

interface RecordListArgs extends PageArgs {
  filter?:
    | {
        status?: readonly Status[] | null | undefined;
        startsFrom?: Date | null | undefined;
        startsBefore?: Date | null | undefined;
      }
    | null
    | undefined;
}

/** Those below a school, a class or a person, and those a parent lists by their ids. */
type Below = ParentColumn | IdList;

/** A list of records below a parent, in the order they were made. */
export const recordList =
  <Row extends RecordRow>(name: string, table: RecordTable<Row>, below: Below) =>
  (
    parent: { id: string },
    { filter, ...args }: RecordListArgs,
    context: Context,
    info: Pick<GraphQLResolveInfo, 'fieldNodes'>,
  ) => {
    const wanted = {
      status: filter?.status ?? (['ACTIVE'] as const),
      starts: { from: filter?.startsFrom ?? null, before: filter?.startsBefore ?? null },
    };

    return childConnection<Row & { parentId: string }>(context, info, parent, {
      name,
      args,
      descending: false,
      key: (row) => row.id,
      parentOf: (row) => row.parentId,
      load: (db, ids, page) =>
        typeof below === 'string'
          ? recordsOfParents(db, table, below, ids, page, wanted)
          : recordsListedBy(db, table, below, ids, page, wanted),
      count: (db, ids) =>
        typeof below === 'string'
          ? countRecordsOfParents(db, table, below, ids, wanted)
          : countRecordsListedBy(db, table, below, ids, wanted),
    });
  };

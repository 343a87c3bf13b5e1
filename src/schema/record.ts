/** What all records share, and how they are listed. */
import type { GraphQLResolveInfo } from 'graphql';
import {
  type Condition,
  changedSince,
  countRecordsBelow,
  type IdList,
  isOneOf,
  type ParentColumn,
  type RecordRow,
  type RecordTable,
  recordsBelow,
  recordsByIds,
} from '../db/queries/record.ts';
import type { Status } from '../model/entities.ts';
import { builder, type Types } from './builder.ts';
import { childConnection } from './child-connection.ts';
import type { PageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { describeId, Node } from './node.ts';
import { placeIn } from './place.ts';
import { given, idsLimit, sourcedIdsAmong } from './record-filter.ts';
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

/** What every filter of records begins with. */
export const recordFilter = (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => ({
  status: t.field({ type: [RecordStatus], description: 'In one of these states; left out: ACTIVE.' }),
  sourcedIds: t.stringList({ description: `With one of these ids in the student information system. ${idsLimit}` }),
  updatedSince: t.field({ type: 'DateTime', description: 'That changed in Homeroom at this instant or later.' }),
});

/** The order in which records came, which never changes. */
export const createdFirst = { CREATED_AT: { description: 'When Homeroom first had it.' } };

interface RecordFilterInput {
  status?: readonly Status[] | null | undefined;
  sourcedIds?: readonly string[] | null | undefined;
  updatedSince?: Date | null | undefined;
}

interface RecordListArgs<Filter> extends PageArgs {
  filter?: (Filter & RecordFilterInput) | null | undefined;
  orderBy?: { field: string; direction: 'ASC' | 'DESC' } | null | undefined;
}

/**
 * A list of records below a parent, in the order they were made unless told otherwise.
 *
 * @param name tells the list's cursors from all others, under each order.
 * @param below by which column the records belong to the parent, or where the parent lists them by their ids.
 * @param where the conditions that the noun's own filter comes to.
 */
export const recordList =
  <Row extends RecordRow, Filter = unknown>(
    name: string,
    table: RecordTable<Row>,
    below: ParentColumn | IdList,
    where: (filter: Filter) => readonly Condition[] = () => [],
  ) =>
  (
    parent: { id: string },
    { filter, orderBy, ...args }: RecordListArgs<Filter>,
    context: Context,
    info: Pick<GraphQLResolveInfo, 'fieldNodes'>,
  ) => {
    const status = filter?.status ?? (['ACTIVE'] as const);
    const conditions = filter == null ? [] : [...whatAllHave(filter), ...where(filter)];
    const list = { table, below, filter: { status, where: conditions } };
    const order = table.orders?.[orderBy?.field ?? ''] ?? [];

    return childConnection<Row & { belowId: string }>(context, info, parent, {
      name: order.length === 0 ? name : `${name}/${orderBy?.field}`,
      args,
      descending: orderBy?.direction === 'DESC',
      ...placeIn(order),
      parentOf: (row) => row.belowId,
      load: (db, ids, page) => recordsBelow(db, list, ids, page, order),
      count: (db, ids) => countRecordsBelow(db, list, ids),
    });
  };

const whatAllHave = ({ sourcedIds, updatedSince }: RecordFilterInput): Condition[] => [
  ...given(sourcedIds, (ids) => isOneOf('sourced_id', 'text', sourcedIdsAmong(ids))),
  ...given(updatedSince, changedSince),
];

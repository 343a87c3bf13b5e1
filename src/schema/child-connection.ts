import type { GraphQLResolveInfo } from 'graphql';
import type { TransactionSql } from '../db/client.ts';
import type { CountOf, Keyset } from '../db/queries/keyset.ts';
import { connection, type List } from './connection.ts';
import type { Context } from './context.ts';
import { grouped, loaderFor } from './loaders.ts';

interface ChildList<Row> extends Pick<List<Row>, 'name' | 'args' | 'descending' | 'key' | 'keyLooks'> {
  readonly parentOf: (row: Row) => string;
  /** Tells apart what `load` leaves out: a fragment's field may select more in one place than in another. */
  readonly variant?: string;
  /** The same page of each parent's items, in one statement. */
  readonly load: (db: TransactionSql, parentIds: readonly string[], page: Keyset) => Promise<readonly Row[]>;
  /** How many items each parent has, in one statement; a parent without any may be left out. */
  readonly count: (db: TransactionSql, parentIds: readonly string[]) => Promise<readonly CountOf[]>;
}

/** A list below a parent. However many parents there are at this level, their pages take one statement, and their counts one. */
export function childConnection<Row>(
  context: Context,
  info: Pick<GraphQLResolveInfo, 'fieldNodes'>,
  parent: { id: string },
  { parentOf, variant = '', load, count, ...list }: ChildList<Row>,
) {
  return connection<Row>({
    ...list,
    load: (page) =>
      loaderFor<readonly Row[]>(context, info, `page ${variant}`, async (ids) =>
        grouped(ids, await context.read((db) => load(db, ids, page)), parentOf),
      ).load(parent.id),
    count: () =>
      loaderFor<number>(context, info, 'count', async (ids) =>
        counted(ids, await context.read((db) => count(db, ids))),
      ).load(parent.id),
  });
}

/** Counts in the order of the parents; a parent without a count has none. */
export function counted(parentIds: readonly string[], counts: readonly CountOf[]): number[] {
  const byParent = new Map(counts.map(({ parentId, count }) => [parentId, count]));

  return parentIds.map((id) => byParent.get(id) ?? 0);
}

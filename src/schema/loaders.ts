/** Batching what is not looked up by an id of its own: the children of many parents, counts, first pages. */
import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from './context.ts';

/**
 * A loader shared by all parents at one place of the document, so that they have the same arguments; it lives as long
 * as the operation. `load` is called once per level and answers in the order of the parents' ids.
 *
 * @param name tells loaders apart that serve one place, such as a page and its count.
 * @param info null for what depends on no argument, shared across the whole operation.
 */
export function loaderFor<Value>(
  context: Context,
  info: Pick<GraphQLResolveInfo, 'fieldNodes'> | null,
  name: string,
  load: (parentIds: readonly string[]) => Promise<readonly Value[]>,
): DataLoader<string, Value> {
  const place = info?.fieldNodes[0] ?? null;
  let here = context.loaders.get(place);
  if (here === undefined) {
    here = new Map();
    context.loaders.set(place, here);
  }
  const known = here.get(name) as DataLoader<string, Value> | undefined;
  if (known !== undefined) return known;

  const loader = new DataLoader<string, Value>(load);
  here.set(name, loader);

  return loader;
}

/** Rows of many parents, back in the order of the parents; a parent without rows gets an empty list. */
export function grouped<Row>(
  parentIds: readonly string[],
  rows: readonly Row[],
  parentOf: (row: Row) => string,
): Row[][] {
  const byParent = new Map<string, Row[]>(parentIds.map((id) => [id, []]));
  for (const row of rows) byParent.get(parentOf(row))?.push(row);

  return parentIds.map((id) => byParent.get(id) ?? []);
}

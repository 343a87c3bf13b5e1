/** Lists that grow: keyset pages with opaque cursors, as Relay connections. */
import type { Keyset } from '../db/queries/keyset.ts';
import { builder } from './builder.ts';
import { isUuid } from './ids.ts';
import { badUserInput, invalidCursor } from './refusals.ts';

const defaultPageSize = 20;
const maxPageSize = 200;

export const pageArgs = builder.args((t) => ({
  first: t.int({
    defaultValue: defaultPageSize,
    description: `How many items at most: 1 to ${maxPageSize}.`,
  }),
  after: t.string({ description: 'Go on behind this cursor of the same list. Left out: begin at the beginning.' }),
}));

export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end of a list comes first.',
  values: {
    ASC: { description: 'Smallest or oldest first.' },
    DESC: { description: 'Largest or newest first.' },
  } as const,
});

/** What a list can be ordered by. A cursor holds the value itself, so it keeps its place whatever comes or goes. */
export function orderInput<Field extends string>(noun: string, fields: Record<Field, { description: string }>) {
  const OrderField = builder.enumType(`${noun}OrderField`, {
    description: `What a list of ${noun} items can be ordered by.`,
    values: fields,
  });

  return builder.inputType(`${noun}Order`, {
    description: `The order of a list of ${noun} items.`,
    fields: (t) => ({
      field: t.field({ type: OrderField, required: true, description: 'What to order by.' }),
      direction: t.field({ type: OrderDirection, required: true, description: 'Which end comes first.' }),
    }),
  });
}

export interface List<Row> {
  /** Tells this list's cursors from all others. */
  readonly name: string;
  readonly args: PageArgs;
  readonly descending: boolean;
  /** The value the list is ordered by: unique and never changing. */
  key(row: Row): string;
  /** What a key looks like. Default: a UUID. */
  readonly keyLooks?: (text: string) => boolean;
  load(page: Keyset): Promise<readonly Row[]>;
  count(): Promise<number>;
}

interface Page<Row> {
  edges: { cursor: string; node: Row }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/**
 * The page that `args` ask for. Nothing is read until a client's selection asks for it: the items, or their number.
 *
 * @throws a top-level error for a page size out of bounds or a cursor that is not of this list.
 */
export function connection<Row>(list: List<Row>) {
  const { descending } = list;
  const size = pageSize(list.args);
  const after = keyIn(list);
  let loading: Promise<Page<Row>> | undefined;
  // One more than wanted tells whether more follow.
  const page = () =>
    (loading ??= list.load({ after, limit: size + 1, descending }).then((rows) => toPage(list, rows, size)));

  return {
    get edges() {
      return page().then(({ edges }) => edges);
    },
    get pageInfo() {
      return page().then(({ pageInfo }) => pageInfo);
    },
    totalCount: () => list.count(),
  };
}

function pageSize({ first }: PageArgs): number {
  const size = first ?? defaultPageSize;
  if (size < 1 || size > maxPageSize) throw badUserInput(`\`first\` is from 1 to ${maxPageSize}.`);

  return size;
}

function toPage<Row>(list: List<Row>, rows: readonly Row[], size: number): Page<Row> {
  const edges = rows.slice(0, size).map((node) => ({
    node,
    get cursor() {
      return encodeCursor(list.name, list.key(node));
    },
  }));

  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: list.args.after != null,
      get startCursor() {
        return edges[0]?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
  };
}

function encodeCursor(list: string, key: string): string {
  return Buffer.from(`${list}:${key}`).toString('base64url');
}

function keyIn<Row>({ name, args, keyLooks = isUuid }: List<Row>): string | null {
  const { after } = args;
  if (after == null) return null;
  const text = Buffer.from(after, 'base64url').toString();
  const key = text.slice(name.length + 1);
  if (encodeCursor(name, key) !== after || !keyLooks(key)) throw invalidCursor();

  return key;
}

/** What all records on the wire are made of. */
import type { CollectionName } from '../district/records.ts';

/** A record on the wire. Fields that are undefined do not appear in JSON. */
export type Wire = Record<string, unknown>;

interface Reference {
  href: string;
  sourcedId: string;
  type: string;
}

export type Refer = (collection: CollectionName, sourcedId: string) => Reference;

/** An optional list is left out when it is empty. */
export function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Booleans are the strings `true` and `false`. */
export function booleanText(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

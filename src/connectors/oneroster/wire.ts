/** What all records have, as forgiving as servers are untidy: only an id is needed, of all else the readers make the best. */
import { z } from 'zod';
import { isKey, text } from './values.ts';

/** Exactly as it stands, capitals and spaces too. */
const sourcedId = z.custom<string | number>((value) => typeof value === 'number' || isKey(value));

/** A field that is read leniently by a reader of `values.ts`. */
export const field = z.unknown().optional();

export const base = { sourcedId, status: field };

export interface Base {
  sourcedId: string | number;
  status?: unknown;
}

export function key(wire: Base): string {
  return String(wire.sourcedId);
}

/** `inactive` is what 1.0 called it. */
export function gone(wire: Base): boolean {
  const status = text(wire.status)?.toLowerCase();
  return status === 'tobedeleted' || status === 'inactive';
}

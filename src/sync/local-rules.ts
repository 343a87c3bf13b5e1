/** What must hold of a record that people make or change, whatever else is true of its fields one by one. */
import type { TransactionSql } from '../db/client.ts';
import { type References, termsAbove } from '../db/queries/engine/local-record.ts';
import type { EntityName, Values } from '../model/entities.ts';
import { ValidationFailed } from '../model/problems.ts';

const begins: Partial<Record<EntityName, string>> = { term: 'startDate', enrollment: 'beginDate' };

/**
 * @param values all fields as they are to be.
 * @param changed names of those that somebody gave: what a source made of the others is the source's.
 * @throws ValidationFailed for one that ends before it has begun.
 */
export function refuseEndBeforeBeginning(entity: EntityName, values: Values, changed: readonly string[]): void {
  const first = begins[entity];
  if (first === undefined || !(changed.includes(first) || changed.includes('endDate'))) return;
  const [begin, end] = [values[first] ?? null, values.endDate ?? null];
  if (begin === null || end === null || String(begin) < String(end)) return;
  throw new ValidationFailed([{ path: ['endDate'], message: 'This is not after the first day.' }]);
}

/** @throws ValidationFailed for a term that would be part of itself. */
export async function refuseCircle(
  tx: TransactionSql,
  place: { readonly tenantId: string; readonly entity: EntityName; readonly recordId: string },
  references: References,
): Promise<void> {
  const [parent] = references.parent ?? [];
  if (place.entity !== 'term' || parent === undefined) return;
  const above = await termsAbove(tx, place.tenantId, parent);
  if (!above.includes(place.recordId)) return;
  throw new ValidationFailed([{ path: ['parentId'], message: 'A term is no part of itself.' }]);
}

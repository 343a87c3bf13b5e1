/** Where something stands in a list under an order, as the cursor of a page holds it. */
import { z } from 'zod';
import type { OrderColumn } from '../db/queries/record.ts';
import { isKeepable } from '../model/text.ts';
import { dayText } from './day.ts';
import { isUuid } from './ids.ts';

/** What values of these types look like as text. */
const looks: Readonly<Record<OrderColumn['type'], z.ZodType<string, string>>> = {
  text: z.string().refine(isKeepable),
  date: dayText(),
  // A database knows no year 0.
  timestamptz: z.iso.datetime().refine((text) => !text.startsWith('0000')),
};

/** Its id, or what it is ordered by and its id. */
export function placeIn(order: readonly OrderColumn[]) {
  if (order.length === 0) return { key: (row: { id: string }) => row.id };
  const parts = order.map(({ type }) => looks[type]);
  const id = z.string().refine(isUuid);

  return {
    key: (row: { id: string }) =>
      JSON.stringify([...order.map(({ as }) => Reflect.get(row, as) as string | Date), row.id]),
    keyLooks: (text: string) => {
      const values = listIn(text);

      return (
        values.length === parts.length + 1 && [...parts, id].every((part, at) => part.safeParse(values[at]).success)
      );
    },
  };
}

function listIn(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

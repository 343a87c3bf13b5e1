/** What waits for one subscriber: never more than a fixed number of rows, whatever the subscriber does. */
import type { Activity } from '../db/queries/activity.ts';
import type { Bookmark } from './cursor.ts';

export type Waiting =
  /** `turn`: with which push of the feed it came. */
  | { readonly type: 'row'; readonly row: Activity; readonly turn: number }
  /** Everything that waited was dropped, up to and including the place; `since` when, by `performance.now()`. */
  | { readonly type: 'dropped'; readonly to: Bookmark; readonly since: number };

export interface Queue {
  /** Adds a row. A full queue drops all that waits, this row too, and remembers that it did. Never throws. */
  push(row: Activity, turn?: number): void;
  /** The next in order; undefined when nothing waits. */
  shift(): Waiting | undefined;
  /** The same, and leaves it. */
  peek(): Waiting | undefined;
}

/** Ids that may wait for each row that may: an import changes a thousand records in a row, and each id waits by itself. */
const idsPerRow = 100;

/** @param limit rows that may wait, and ids a hundred times as many. */
export function createQueue(limit: number): Queue {
  /** By number of arrival; a Map keeps that order. */
  const rows = new Map<number, Extract<Waiting, { type: 'row' }>>();
  /** Under which number the waiting change of a record is. */
  const newest = new Map<string, number>();
  let arrivals = 0;
  let waitingIds = 0;
  let dropped: Extract<Waiting, { type: 'dropped' }> | undefined;

  /** Takes out of the waiting rows what `row` tells anew: one change of a record waits, the newest. */
  function supersede(row: Activity): void {
    const stale = new Map<number, Set<string>>();
    for (const id of row.ids) {
      const number = newest.get(keyOf(row, id));
      if (number === undefined) continue;
      const ids = stale.get(number) ?? new Set();
      stale.set(number, ids.add(id));
    }
    for (const [number, ids] of stale) {
      const old = rows.get(number);
      if (old === undefined) continue;
      waitingIds -= ids.size;
      const left = old.row.ids.filter((id) => !ids.has(id));
      if (left.length === 0) rows.delete(number);
      else rows.set(number, { ...old, row: { ...old.row, ids: left } });
    }
  }

  return {
    push(row, turn = 0) {
      const merges = row.kind !== 'log';
      if (merges && rows.size > 0) supersede(row);

      if (rows.size >= limit || (rows.size > 0 && waitingIds + row.ids.length > limit * idsPerRow)) {
        rows.clear();
        newest.clear();
        waitingIds = 0;
        const to = { place: row.place, at: row.at };
        dropped = { type: 'dropped', to, since: dropped?.since ?? performance.now() };
        return;
      }
      rows.set(arrivals, { type: 'row', row, turn });
      if (merges) for (const id of row.ids) newest.set(keyOf(row, id), arrivals);
      waitingIds += row.ids.length;
      arrivals += 1;
    },
    shift() {
      if (dropped !== undefined) {
        const answer = dropped;
        dropped = undefined;
        return answer;
      }
      const [first] = rows;
      if (first === undefined) return undefined;

      const [number, waiting] = first;
      const { row } = waiting;
      rows.delete(number);
      waitingIds -= row.ids.length;
      for (const id of row.ids) {
        const key = keyOf(row, id);
        if (newest.get(key) === number) newest.delete(key);
      }
      return waiting;
    },
    peek: () => dropped ?? rows.values().next().value,
  };
}

function keyOf(row: Activity, id: string): string {
  return `${row.kind} ${id}`;
}

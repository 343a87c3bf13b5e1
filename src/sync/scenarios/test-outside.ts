/** An outside system that lives in memory: shelves of records, a journal of what was written, and points where a story may step in. */
import type { Page, Pages } from '../../connectors/kit/contract.ts';

/** A record as it stands out there. */
export interface Entry {
  readonly id: string;
  readonly [name: string]: unknown;
}

export interface Outside {
  /** What stands on a shelf, in the order it came. */
  entries(shelf: string): Entry[];
  find(shelf: string, id: string): Entry | undefined;
  put(shelf: string, entry: Entry): void;
  change(shelf: string, id: string, values: Readonly<Record<string, unknown>>): void;
  drop(shelf: string, id: string): void;
  /** A key nobody had before: `course-1`. */
  newId(word: string): string;
  /** Whatever Homeroom changed, in order: `create members course-1/ann`. */
  readonly journal: string[];
  /** Notes a write of Homeroom's. */
  note(write: string): void;
  /** Called by the connectors whenever they come to a point: `read people`, `create members`, `created members`. */
  reach(point: string, signal: AbortSignal): Promise<void>;
  /** Something happens when a point is reached for the nth time from now on. */
  when(point: string, nth: number, happens: (signal: AbortSignal) => unknown): void;
  /** A list in pages, as it stands now; records in the order `arrange` gives. */
  pages(shelf: string, checkpoint: string | null, signal: AbortSignal): Pages;
  /** What was put, changed or dropped since a mark. */
  changes(shelf: string, mark: string, signal: AbortSignal): Pages;
  /** Records a page; and how a list is ordered when it is read. */
  pageSize: number;
  arrange: (entries: Entry[]) => Entry[];
}

interface Trap {
  point: string;
  left: number;
  happens: (signal: AbortSignal) => unknown;
}

export function makeOutside(): Outside {
  const shelves = new Map<string, Map<string, Entry>>();
  const history: { shelf: string; entry: Entry }[] = [];
  const journal: string[] = [];
  const numbers = new Map<string, number>();
  let traps: Trap[] = [];
  const shelf = (name: string) => {
    const found = shelves.get(name) ?? new Map<string, Entry>();
    shelves.set(name, found);
    return found;
  };
  const known = (name: string, id: string) => {
    const entry = shelf(name).get(id);
    if (!entry) throw new Error(`There is no ${id} among the ${name}.`);
    return entry;
  };
  const store = (name: string, entry: Entry) => {
    shelf(name).set(entry.id, entry);
    history.push({ shelf: name, entry });
  };
  async function* inPages(name: string, all: readonly Entry[], from: number, signal: AbortSignal): Pages {
    const mark = String(history.length);
    for (let start = from; ; start += outside.pageSize) {
      await outside.reach(`read ${name}`, signal);
      const end = start + outside.pageSize;
      const last = end >= all.length;
      const page: Page = { records: all.slice(start, end), next: last ? null : String(end), ...(last && { mark }) };
      yield page;
      if (last) return;
    }
  }

  const outside: Outside = {
    entries: (name) => [...shelf(name).values()],
    find: (name, id) => shelf(name).get(id),
    put: store,
    change: (name, id, values) => store(name, { ...known(name, id), ...values }),
    drop: (name, id) => {
      history.push({ shelf: name, entry: { ...known(name, id), gone: true } });
      shelf(name).delete(id);
    },
    newId: (word) => {
      numbers.set(word, (numbers.get(word) ?? 0) + 1);
      return `${word}-${numbers.get(word)}`;
    },
    journal,
    note: (write) => void journal.push(write),
    reach: async (point, signal) => {
      const due = traps.filter((trap) => trap.point === point && --trap.left === 0);
      traps = traps.filter((trap) => trap.left > 0);
      for (const trap of due) await trap.happens(signal);
    },
    when: (point, nth, happens) => void traps.push({ point, left: nth, happens }),
    pages: (name, checkpoint, signal) =>
      inPages(name, outside.arrange([...shelf(name).values()]), Number(checkpoint ?? 0), signal),
    changes: (name, mark, signal) => {
      const since = history.slice(Number(mark)).filter((each) => each.shelf === name);
      return inPages(name, [...new Map(since.map(({ entry }) => [entry.id, entry])).values()], 0, signal);
    },
    pageSize: 50,
    arrange: (entries) => entries,
  };

  return outside;
}

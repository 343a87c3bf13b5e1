// The control door from the other side: journal, fault switches, clock and acts of a simulator in another process.
import type { FaultSwitch } from './faults.ts';
import type { JournalEntry, JournalFilter } from './journal.ts';

export interface RemoteSimulator {
  readonly origin: string;
  readonly journal: {
    entries(filter?: JournalFilter): Promise<JournalEntry[]>;
    count(filter?: JournalFilter): Promise<number>;
    writes(filter?: JournalFilter): Promise<JournalEntry[]>;
    waitFor(filter: JournalFilter, options?: { timeoutMs?: number }): Promise<JournalEntry>;
    clear(): Promise<void>;
  };
  readonly faults: {
    add(given: FaultSwitch): Promise<{ remove(): Promise<void> }>;
    clear(): Promise<void>;
  };
  readonly clock: { now(): Promise<Date>; advance(milliseconds: number): Promise<void> };
  state(query?: Record<string, string>): Promise<unknown>;
  act(name: string, input?: unknown): Promise<unknown>;
}

/** Speaks to the simulator at `origin`. A request that the control door refuses rejects with the door's reason. */
export function reachSimulator(origin: string): RemoteSimulator {
  const ask = async (method: string, path: string, query: object = {}, body?: unknown): Promise<unknown> => {
    const url = new URL(`/__simulator/${path}`, origin);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const response = await fetch(url, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} at ${origin}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const entries = async (query: object = {}) => (await ask('GET', 'journal', query)) as JournalEntry[];

  return {
    origin,
    journal: {
      entries,
      count: async (filter) => (await ask('GET', 'journal', { ...filter, count: true })) as number,
      writes: (filter) => entries({ ...filter, writes: true }),
      waitFor: async (filter, { timeoutMs = 10_000 } = {}) => {
        const [entry] = await entries({ ...filter, waitMs: timeoutMs });
        if (entry === undefined) throw new Error('the control door answered without an entry');
        return entry;
      },
      clear: async () => void (await ask('DELETE', 'journal')),
    },
    faults: {
      add: async (given) => {
        const { id } = (await ask('POST', 'faults', {}, given)) as { id: number };
        return { remove: async () => void (await ask('DELETE', `faults/${id}`)) };
      },
      clear: async () => void (await ask('DELETE', 'faults')),
    },
    clock: {
      now: async () => new Date(((await ask('GET', 'clock')) as { now: string }).now),
      advance: async (milliseconds) => void (await ask('POST', 'clock', {}, { advance: milliseconds })),
    },
    state: (query) => ask('GET', 'state', query),
    act: (name, input = {}) => ask('POST', `acts/${name}`, {}, input),
  };
}

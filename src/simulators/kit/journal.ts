// The request journal: what really arrived and what was answered, the oracle of tests.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestBody, SimulatorRequest } from './exchange.ts';

export interface JournalEntry {
  /** 1 for the first request of this simulator, never given twice. */
  readonly number: number;
  /** When the request arrived, ISO, by the simulator's clock. */
  readonly at: string;
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** Without authorization and cookies. */
  readonly headers: IncomingHttpHeaders;
  /** The first word of the header and a hash of the rest: enough to see that two calls carried the same token. */
  readonly authorization?: { readonly scheme: string; readonly hash: string };
  /** Parsed; a secret in it, as in the query, is replaced by its hash. */
  readonly body?: unknown;
  /** Whether the route is one that changes something. */
  readonly writes: boolean;
  /** The status the handler came to; null when it never ran (a fault stood before it, or it is still waiting). */
  readonly handled: number | null;
  /** The status that went over the wire; null when none did. */
  readonly status: number | null;
  /** Kind of the fault that was applied. */
  readonly fault?: string;
  /** Milliseconds the provider itself held the answer back, as one that slows down those who hurry. */
  readonly delayedMs?: number;
  /** `open` until the answer is out or the connection is gone. */
  readonly outcome: 'open' | 'answered' | 'dropped';
}

/** Every given part must hold; `after` is an entry's number, for reading on from there. */
export interface JournalFilter {
  route?: string | undefined;
  method?: string | undefined;
  path?: string | undefined;
  status?: number | undefined;
  fault?: string | undefined;
  outcome?: JournalEntry['outcome'] | undefined;
  writes?: boolean | undefined;
  after?: number | undefined;
}

export type JournalQuestion = JournalFilter | ((entry: JournalEntry) => boolean);

export interface Journal {
  entries(question?: JournalQuestion): JournalEntry[];
  count(question?: JournalQuestion): number;
  /** Requests that were meant to change something, whatever became of them; see `handled` for that. */
  writes(question?: JournalQuestion): JournalEntry[];
  /** The first entry that fits, one that is there already or one that comes (each is looked at on arrival and when it ends). */
  waitFor(question: JournalQuestion, options?: { timeoutMs?: number }): Promise<JournalEntry>;
  clear(): void;
  /** How many of the oldest entries were let go because the journal was full. */
  dropped(): number;
}

export type EntryEnd = Partial<Pick<JournalEntry, 'handled' | 'status' | 'fault' | 'delayedMs' | 'outcome'>>;

export interface WritableJournal extends Journal {
  /** Notes an arrival; the function it gives back notes what became of it. */
  open(request: SimulatorRequest, writes: boolean): (change: EntryEnd) => void;
}

interface Waiter {
  readonly fits: (entry: JournalEntry) => boolean;
  readonly tell: (entry: JournalEntry) => void;
}

/** An empty journal that keeps the newest `limit` entries. */
export function createJournal(limit = 200_000): WritableJournal {
  let kept: JournalEntry[] = [];
  let lastNumber = 0;
  let droppedEntries = 0;
  const waiters = new Set<Waiter>();

  const tellWaiters = (entry: JournalEntry) => {
    for (const waiter of waiters) {
      if (waiter.fits(entry)) waiter.tell(entry);
    }
  };

  const entries = (question: JournalQuestion = {}) => kept.filter(asTest(question));

  return {
    entries,
    count: (question = {}) => entries(question).length,
    writes: (question = {}) => entries(question).filter(({ writes }) => writes),
    clear: () => {
      kept = [];
      droppedEntries = 0;
    },
    dropped: () => droppedEntries,

    waitFor: (question, { timeoutMs = 10_000 } = {}) => {
      const fits = asTest(question);
      const there = kept.find(fits);
      if (there !== undefined) return Promise.resolve(there);

      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.delete(waiter);
          reject(new Error(`no such request within ${timeoutMs} ms: ${describeQuestion(question)}`));
        }, timeoutMs);
        const waiter: Waiter = {
          fits,
          tell: (entry) => {
            waiters.delete(waiter);
            clearTimeout(timer);
            resolve(entry);
          },
        };
        waiters.add(waiter);
      });
    },

    open: (request, writes) => {
      lastNumber += 1;
      const entry = makeEntry(lastNumber, request, writes);
      kept.push(entry);
      if (kept.length > limit) {
        // A tenth at once, so that a full journal does not move its whole memory for every request.
        const surplus = Math.max(1, Math.floor(limit / 10));
        kept.splice(0, surplus);
        droppedEntries += surplus;
      }
      tellWaiters(entry);
      return (change) => {
        Object.assign(entry, change);
        tellWaiters(entry);
      };
    },
  };
}

function makeEntry(number: number, request: SimulatorRequest, writes: boolean): JournalEntry {
  const { authorization, cookie: _cookie, ...headers } = request.headers;
  const [scheme = '', ...rest] = authorization?.split(' ') ?? [];

  return {
    number,
    at: request.at.toISOString(),
    route: request.route,
    method: request.method,
    path: request.path,
    params: request.params,
    query: readQuery(request.query),
    headers,
    ...(authorization !== undefined && { authorization: { scheme, hash: shortHash(rest.join(' ')) } }),
    ...(request.body.kind !== 'none' && { body: withoutSecrets(request.body) }),
    writes,
    handled: null,
    status: null,
    outcome: 'open',
  };
}

function readQuery(query: URLSearchParams): Record<string, string[]> {
  const read: Record<string, string[]> = {};
  for (const [name, value] of query) (read[name] ??= []).push(withoutSecret(name, value));
  return read;
}

const SECRET_FIELDS = new Set(
  'access_token assertion client_assertion client_secret code code_verifier oauth_token password refresh_token token'.split(
    ' ',
  ),
);

function withoutSecrets(body: Exclude<RequestBody, { kind: 'none' }>): unknown {
  if (body.kind === 'text' || typeof body.value !== 'object' || body.value === null || Array.isArray(body.value)) {
    return body.value;
  }
  return Object.fromEntries(
    Object.entries(body.value).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutSecret(name, value) : value,
    ]),
  );
}

function withoutSecret(name: string, value: string): string {
  return SECRET_FIELDS.has(name) ? `sha256:${shortHash(value)}` : value;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function asTest(question: JournalQuestion): (entry: JournalEntry) => boolean {
  if (typeof question === 'function') return question;

  const { after, ...parts } = question;
  const wanted = Object.entries(parts).filter(([, value]) => value !== undefined) as [keyof JournalEntry, unknown][];
  return (entry) => entry.number > (after ?? 0) && wanted.every(([name, value]) => entry[name] === value);
}

function describeQuestion(question: JournalQuestion): string {
  return typeof question === 'function' ? String(question) : JSON.stringify(question);
}

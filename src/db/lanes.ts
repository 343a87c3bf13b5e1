/**
 * Transactions that survive the loss of their connection.
 *
 * The driver's own `begin` and `reserve` go on using a connection that has closed: the process crashes
 * (porsager/postgres#1208), or the statements run on the connection's next session, inside somebody else's transaction
 * (porsager/postgres#1133, #1155). So each transaction gets a lane: a driver client of one connection, whose end we are
 * told of at once, and which is thrown away when that happens. It also lets BEGIN travel together with what follows.
 */
import type { ReservedSql, Sql, TransactionSql } from 'postgres';
import { type Cancellable, cancelRunning } from './cancel.ts';

/** A transaction was used after its end. Its connection may be serving somebody else by now. */
export class TransactionOver extends Error {
  override readonly name = 'TransactionOver';
  constructor() {
    super('This transaction has ended: await every statement before the function given to it returns.');
  }
}

/** The connection was lost. Whether a commit under way took effect is unknown; nothing else did. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly code = 'CONNECTION_CLOSED';
  constructor() {
    super('The database closed the connection during a transaction.');
  }
}

/** The pool was ended before a connection was free. */
export class PoolClosed extends Error {
  override readonly name = 'PoolClosed';
  constructor() {
    super('The connections to the database are being closed.');
  }
}

export interface Lanes {
  /**
   * As the driver's: commits when `fn` resolves, rolls back when it rejects or a statement failed.
   *
   * @param signal when it aborts before the commit is sent, the statement that runs is cancelled, no other is sent, all is
   * rolled back, and the answer rejects with the signal's reason once the connection is free again.
   */
  begin<T>(mode: string, fn: (tx: TransactionSql) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** One connection until `release`. */
  reserve(): Promise<ReservedSql>;
  /** Waits for transactions under way, but no longer than the seconds given. */
  end(timeout: number | undefined): Promise<void>;
}

interface Lane {
  readonly sql: Sql;
  readonly born: number;
  session: Session | null;
  gone: boolean;
}

/** One use of a lane. */
interface Session {
  readonly sql: Sql;
  /** Why it cannot be used any more. */
  over: Error | null;
  savepoints: number;
  /** Sent and not answered yet, in order. */
  readonly running: Set<Query>;
  /** Rejects when the connection is lost, or nobody wants the transaction any more. */
  readonly cut: Promise<never>;
  readonly lose: () => void;
  readonly abandon: (reason: Error) => void;
}

/** Milliseconds that a server gets to cancel what runs and roll back; then the connection is closed. */
const clearingMs = 2_000;

/** Milliseconds after which a connection is replaced: servers and balancers dislike eternal ones. */
const longestLife = 45 * 60_000;

/**
 * @param open makes a driver client of one connection and calls back when that connection closes.
 * @param max lanes at most; who comes later waits in line.
 */
export function makeLanes(open: (onClose: () => void) => Sql, max: number): Lanes {
  const idle: Lane[] = [];
  const all = new Set<Lane>();
  const waiting: PromiseWithResolvers<Lane>[] = [];
  const closing: Promise<void>[] = [];
  const drained = Promise.withResolvers<void>();
  let ending = false;

  function make(): Lane {
    const lane: Lane = { sql: open(() => discard(lane)), born: performance.now(), session: null, gone: false };
    all.add(lane);
    return lane;
  }

  function borrow(signal?: AbortSignal): Lane | Promise<Lane> {
    if (ending) throw new PoolClosed();
    signal?.throwIfAborted();
    const free = idle.pop();
    if (free) return free;
    if (all.size < max) return make();
    return inLine(signal);
  }

  async function inLine(signal: AbortSignal | undefined): Promise<Lane> {
    const place = Promise.withResolvers<Lane>();
    const stepOut = () => {
      const at = waiting.indexOf(place);
      // Whoever has been called already gets the lane, and gives it back at once.
      if (at >= 0) waiting.splice(at, 1)[0]?.reject(signal?.reason);
    };
    waiting.push(place);
    signal?.addEventListener('abort', stepOut, { once: true });
    try {
      return await place.promise;
    } finally {
      signal?.removeEventListener('abort', stepOut);
    }
  }

  function leave(lane: Lane, session: Session): void {
    if (lane.session !== session) return;
    session.over ??= new TransactionOver();
    lane.session = null;
    if (lane.gone) return;
    if (ending || performance.now() - lane.born > longestLife) return discard(lane);
    const next = waiting.shift();
    if (next) next.resolve(lane);
    else idle.push(lane);
  }

  function discard(lane: Lane): void {
    if (lane.gone) return;
    lane.gone = true;
    all.delete(lane);
    if (idle.includes(lane)) idle.splice(idle.indexOf(lane), 1);
    lane.session?.lose();
    // At once: statements that wait in the client must not be sent on a new connection.
    const closed = lane.sql.end({ timeout: 0 });
    if (ending) closing.push(closed);
    if (ending && all.size === 0) drained.resolve();
    if (!ending) waiting.shift()?.resolve(make());
  }

  function enter(lane: Lane): Session {
    const { promise: cut, reject } = Promise.withResolvers<never>();
    // Nobody may be listening at that moment.
    cut.catch(() => undefined);
    const session: Session = {
      sql: lane.sql,
      over: null,
      savepoints: 0,
      running: new Set(),
      cut,
      lose() {
        session.over ??= new ConnectionLost();
        // After the statement under way, which the driver rejects with the better reason.
        setImmediate(reject, session.over);
      },
      abandon(reason) {
        session.over ??= reason;
        reject(session.over);
      },
    };
    lane.session = session;
    return session;
  }

  /** Makes a lane whose transaction nobody wants any more fit for the next one, or throws it away. */
  async function clear(lane: Lane, session: Session): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(session.over), clearingMs);
    try {
      await Promise.race([undo(session), late.promise]);
    } catch {
      // Whatever failed: the server rolls back what loses its connection.
      discard(lane);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async begin(mode, fn, signal) {
      const lane = await borrow(signal);
      const session = enter(lane);
      const abandon = () => session.abandon(signal?.reason);
      signal?.addEventListener('abort', abandon, { once: true });
      if (signal?.aborted) abandon();
      let result;
      try {
        const began = send(session, `begin ${mode}`);
        [, result] = await Promise.race([Promise.all([began, within(session, fn)]), session.cut]);
        if (session.over !== null) throw session.over;
      } catch (error) {
        const abandoned = session.over !== null && session.over === signal?.reason;
        if (abandoned) await clear(lane, session);
        // A connection that cannot even roll back is of no use to the next one; the first error is the one to tell.
        else if (session.over === null) await send(session, 'rollback').catch(() => discard(lane));
        leave(lane, session);
        throw abandoned ? signal.reason : error;
      } finally {
        // Before the commit, which is not to be cut short: nobody could tell what came of it.
        signal?.removeEventListener('abort', abandon);
      }
      const committed = send(session, 'commit').finally(() => leave(lane, session));
      if (/read only/i.test(mode)) {
        // Nothing is lost if this fails, so the answer need not wait for it.
        committed.catch(() => discard(lane));
        return result;
      }
      // Should a statement nobody awaited have failed, the server says so here.
      if ((await committed) !== 'COMMIT') throw new Error('Rolled back, for a statement that nobody awaited failed.');
      return result;
    },

    async reserve() {
      const lane = await borrow();
      const session = enter(lane);
      const sql = guard(session, () => undefined);
      return Object.assign(sql, { release: () => leave(lane, session) }) as unknown as ReservedSql;
    },

    async end(timeout) {
      ending = true;
      for (const { reject } of waiting.splice(0)) reject(new PoolClosed());
      idle.slice().forEach(discard);
      const timer = timeout === undefined ? undefined : setTimeout(() => [...all].forEach(discard), timeout * 1000);
      if (all.size > 0) await drained.promise;
      clearTimeout(timer);
      await Promise.all(closing);
    },
  };
}

/** Sends a statement that is not the transaction's own, and answers what the server did. */
async function send(session: Session, statement: string): Promise<string> {
  // `execute` sends it now; a race alone would a moment later, after what `fn` sends.
  const result = await Promise.race([session.sql.unsafe(statement).execute(), session.cut]);
  return result.command;
}

/** Cancels what runs and rolls back, whoever the session was cut from. */
async function undo({ sql, running }: Session): Promise<void> {
  await cancelRunning(running);
  await sql.unsafe('rollback').execute();
}

/** Runs `fn` with statements bound to the session and ends them with it; a failed one counts even when caught. */
async function within<T>(session: Session, fn: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const scope: { over: boolean; failure: unknown } = { over: false, failure: null };
  const tx = guard(session, (query) => {
    if (scope.over) throw new TransactionOver();
    session.running.add(query);
    const answered = () => session.running.delete(query);
    query.then(answered, (error: unknown) => {
      answered();
      scope.failure ??= error;
    });
  });
  try {
    const result = await fn(tx as unknown as TransactionSql);
    if (scope.failure !== null) throw scope.failure;
    return result;
  } finally {
    scope.over = true;
  }
}

/** What of a driver's query we hold on to: `handler` is called when it is really sent, for queries are lazy. */
type Query = Cancellable & {
  handler: ((query: Query) => void) & { debug?: unknown };
  reject: (error: unknown) => void;
};

/** The driver's functions, whose queries ask before they are sent whether the session may still be used. */
function guard(session: Session, beforeSend: (query: Query) => void) {
  const { sql } = session;

  function checked<Answer>(answer: Answer): Answer {
    // A fragment or a quoted name is part of another query, which is asked.
    if (!isQuery(answer)) return answer;
    const { handler } = answer;
    const check = (query: Query) => {
      try {
        if (session.over) throw session.over;
        beforeSend(query);
      } catch (error) {
        return query.reject(error);
      }
      return handler(query);
    };
    answer.handler = Object.assign(check, { debug: handler.debug });
    return answer;
  }

  const tagged = (...args: Parameters<Sql>) => checked(sql(...args));
  const unsafe = (...args: Parameters<Sql['unsafe']>) => checked(sql.unsafe(...args));
  return Object.assign(tagged, {
    unsafe,
    types: sql.types,
    typed: sql.typed,
    array: (...args: Parameters<Sql['array']>) => sql.array(...args),
    json: (...args: Parameters<Sql['json']>) => sql.json(...args),
    file: (...args: Parameters<Sql['file']>) => checked(sql.file(...args)),
    notify: (channel: string, payload: string) => unsafe('select pg_notify($1, $2)', [channel, payload]),
    savepoint: <T>(...args: [(tx: TransactionSql) => Promise<T>] | [string, (tx: TransactionSql) => Promise<T>]) =>
      savepoint(session, unsafe, args[1] ?? (args[0] as (tx: TransactionSql) => Promise<T>)),
  });
}

/** Runs `fn` so that its failure undoes its own statements only. */
async function savepoint<T>(
  session: Session,
  send: (statement: string) => PromiseLike<unknown>,
  fn: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  session.savepoints += 1;
  const name = `s${session.savepoints}`;
  await send(`savepoint ${name}`);
  try {
    const result = await within(session, fn);
    await send(`release savepoint ${name}`);
    return result;
  } catch (error) {
    if (session.over === null) await send(`rollback to savepoint ${name}`);
    throw error;
  }
}

function isQuery(value: unknown): value is Query {
  return typeof value === 'object' && value !== null && 'handler' in value && typeof value.handler === 'function';
}

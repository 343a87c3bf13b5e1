/** One pool of connections per role, and the one door through which a tenant's rows are reached. */
import { PgDialect } from 'drizzle-orm/pg-core';
import { PostgresJsDatabase, PostgresJsSession } from 'drizzle-orm/postgres-js';
import type { Notice, Options, PostgresType, Sql, TransactionSql } from 'postgres';
import postgres from 'postgres';
import { arrayTypes } from './array-types.ts';
import { type Lanes, makeLanes } from './lanes.ts';
import { type Role, roleNames } from './roles.ts';

export type { Sql, TransactionSql } from 'postgres';

/** Where a database is: a `postgres://` address, or postgres.js options (the embedded server's socket). */
export type Target = string | Options<Record<string, PostgresType>>;

export interface ConnectOptions {
  readonly target: Target;
  readonly role: Role;
  /** Connections at most; opened as they are needed. Default 10. */
  readonly max?: number;
  /** Shown in `pg_stat_activity`, after `homeroom-`. Default: the role. */
  readonly name?: string;
  /** Milliseconds a statement may run; 0 for no limit. Default: the role's. */
  readonly statementTimeout?: number;
  /** Milliseconds to wait for a lock; 0 for no limit. Default: the role's. */
  readonly lockTimeout?: number;
  /** Milliseconds a transaction may sit idle; 0 for no limit. Default: the role's. */
  readonly idleInTransactionTimeout?: number;
  /** Seconds to wait for a connection. Default 10. */
  readonly connectTimeout?: number;
  readonly onnotice?: (notice: Notice) => void;
  /** Called with every statement as it is sent: tests count statements with it. */
  readonly debug?: (connection: number, query: string, parameters: unknown[]) => void;
}

/**
 * Milliseconds. Requests are short; a run's batches may take longer; migrations take what they take. A worker that was
 * stopped in the middle of a transaction has lost its locks before another may take its run (10 s, see
 * queries/engine/run.ts).
 */
const timeouts = {
  owner: { statement: 0, lock: 0, idle: 0 },
  app: { statement: 8_000, lock: 3_000, idle: 15_000 },
  worker: { statement: 60_000, lock: 3_000, idle: 8_000 },
  system: { statement: 8_000, lock: 3_000, idle: 15_000 },
} as const satisfies Record<Role, object>;

/**
 * How values cross the wire, the same for raw SQL and for drizzle: a time stamp is a `Date`, a date stays text
 * (`2026-09-01` has no time zone to lose), an int8 is a number while that is exact and else text. A string given
 * for a json column is taken as JSON text already, as PostgreSQL itself takes it: drizzle sends it so.
 */
const scalars = {
  instant: { to: 1184, from: [1114, 1184], serialize: fromInstant, parse: (text: string) => new Date(text) },
  day: { to: 1082, from: [1082], serialize: String, parse: (text: string) => text },
  integer64: { to: 20, from: [20], serialize: String, parse: toInteger },
  json: { to: 3802, from: [114, 3802], serialize: fromJson, parse: (text: string): unknown => JSON.parse(text) },
} satisfies Record<string, PostgresType>;

const types = {
  ...scalars,
  ...arrayTypes([
    { oids: [1115, 1185], element: scalars.instant },
    { oids: [1182], element: scalars.day },
    { oids: [1016], element: scalars.integer64 },
    { oids: [199, 3807], element: scalars.json },
  ]),
};

function fromInstant(value: Date | string): string {
  return value instanceof Date ? value.toISOString() : value;
}

function fromJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function toInteger(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/**
 * A pool whose sessions start as one of our roles.
 *
 * The role travels as a connection parameter, so the login needs membership only and a session never begins with
 * more rights than its role. It is no sandbox: a session may go back to its login with `set role none`. Where that
 * matters, give each role a login of its own (APP_DATABASE_URL and its siblings).
 */
export function connect(options: ConnectOptions): Sql {
  const { role } = options;
  const limits = timeouts[role];
  return pool(options, {
    application_name: `homeroom-${options.name ?? role}`,
    role: roleNames[role],
    // As text, for the driver drops a parameter that is the number 0, and the server's default would stand.
    statement_timeout: String(options.statementTimeout ?? limits.statement),
    lock_timeout: String(options.lockTimeout ?? limits.lock),
    idle_in_transaction_session_timeout: String(options.idleInTransactionTimeout ?? limits.idle),
  });
}

/** Two connections as the login of the address itself, without a role: to set up roles and databases, nothing else. */
export function connectAsLogin(target: Target): Sql {
  return pool({ target, max: 2 }, { application_name: 'homeroom-login' });
}

type Work = (tx: TransactionSql) => Promise<unknown>;

/** The driver's pool, except that transactions and reserved connections are ours (see `makeLanes`). */
function pool(options: Omit<ConnectOptions, 'role'>, parameters: Record<string, string>): Sql {
  const { address, ...place } = locate(options.target);
  const max = options.max ?? 10;
  const settings: Options<typeof types> = {
    ...place,
    connect_timeout: options.connectTimeout ?? 10,
    types,
    fetch_types: false,
    onnotice: options.onnotice ?? (() => undefined),
    connection: { TimeZone: 'UTC', ...parameters },
    ...(options.debug && { debug: options.debug }),
  };
  // The driver would add a method per custom type to `Sql`'s type; they are of no use here.
  const open = (more: Options<typeof types>) =>
    (address === undefined
      ? postgres({ ...settings, ...more })
      : postgres(address, { ...settings, ...more })) as unknown as Sql;

  const lanes = makeLanes(
    // Never replaced by the driver in the middle of a transaction; and not opened again before it is thrown away.
    (onclose) => open({ max: 1, max_lifetime: null, backoff: () => 1, onclose }),
    max,
  );
  const single = open({ max, idle_timeout: 60 });
  const endSingle = single.end.bind(single);
  return Object.assign(single, {
    begin: (...args: [Work] | Parameters<Lanes['begin']>) =>
      args.length === 1 ? lanes.begin('', args[0]) : lanes.begin(...args),
    reserve: () => lanes.reserve(),
    end: async (limit?: { timeout?: number }) => {
      await Promise.all([lanes.end(limit?.timeout), endSingle(limit)]);
    },
  }) as Sql;
}

/** The driver does not know libpq's way to name a socket, `postgres://user@localhost/database?host=/directory`. */
function locate(target: Target): Options<Record<string, PostgresType>> & { address?: string } {
  if (typeof target !== 'string') return target;
  if (!/[?&]host=/.test(target)) return { address: target };
  // libpq also takes an empty host, which a URL with a user may not have.
  const url = new URL(target.replace(/^(postgres(?:ql)?:\/\/(?:[^/@]*@)?)\//, '$1localhost/'));
  const host = url.searchParams.get('host') ?? '';
  url.searchParams.delete('host');
  return { address: url.href, host };
}

/** The drizzle query builder on a pool or on a transaction. Cheap: nothing is opened. */
export function orm(client: Sql | TransactionSql): PostgresJsDatabase {
  // Built from its parts because drizzle's own constructor replaces the pool's type parsers and wants a whole pool.
  const session = new PostgresJsSession<Sql, Record<string, never>, Record<string, never>>(
    client as Sql,
    dialect,
    undefined,
  );
  return new PostgresJsDatabase(dialect, session, undefined);
}

const dialect = new PgDialect();

/** Whose rows a transaction may touch, and who is acting. */
export interface Identity {
  readonly tenantId: string;
  /** The schools in reach; null for all of the tenant's, an empty list for none. */
  readonly schoolIds: readonly string[] | null;
  /** Who acts, as the log names them, such as `api-key:…` or `run:…`. */
  readonly actor: string;
}

export interface TransactionOptions {
  /** Refuses writes, and sees one state of the database from the first statement to the last. */
  readonly readOnly?: boolean;
  /**
   * Nobody wants it any more: the statement that runs is cancelled and all is undone, unless the commit is on its way. The
   * transaction rejects with the signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `fn` in one transaction in which row-level security shows the tenant's rows and no others; commits when `fn`
 * resolves, rolls back when it rejects, and passes its answer or error on.
 *
 * The policies read three settings, which last as long as the transaction: `homeroom.tenant` (a uuid),
 * `homeroom.schools` (`*`, or an array literal such as `{…,…}`) and `homeroom.actor`. A pooled connection that had
 * them before answers with an empty string, so a policy says `nullif(current_setting('homeroom.tenant', true), '')`.
 */
export function asTenant<T>(
  sql: Sql,
  identity: Identity,
  fn: (tx: TransactionSql) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { tenantId, schoolIds, actor } = identity;
  const schools = schoolIds === null ? '*' : `{${schoolIds.join(',')}}`;
  return inTransaction(
    sql,
    (tx) => tx`
      select set_config('homeroom.tenant', ${tenantId}, true), set_config('homeroom.schools', ${schools}, true),
             set_config('homeroom.actor', ${actor}, true)`,
    fn,
    options,
  );
}

/** The same for the *system* role, whose narrow grants span tenants: no tenant is set, so tenant policies show nothing. */
export function asSystem<T>(
  sql: Sql,
  actor: string,
  fn: (tx: TransactionSql) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return inTransaction(sql, (tx) => tx`select set_config('homeroom.actor', ${actor}, true)`, fn, options);
}

function inTransaction<T>(
  sql: Sql,
  identify: (tx: TransactionSql) => { execute(): PromiseLike<unknown> },
  fn: (tx: TransactionSql) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const work = async (tx: TransactionSql): Promise<T> => {
    // Sent before the first statement of `fn` and together with it. Should it fail, so does everything after it.
    const identified = identify(tx).execute();
    const [answer] = await Promise.all([fn(tx), identified]);
    return answer;
  };
  const mode = options.readOnly ? 'isolation level repeatable read read only' : '';
  // Of ours, which takes a signal.
  return (sql.begin as Lanes['begin'])(mode, work, options.signal);
}

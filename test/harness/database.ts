/**
 * A database of its own for a test file, copied from a template that is migrated once.
 *
 * Under `npm test` all files share the server that test/run.ts started (or DATABASE_URL names). A file run alone with
 * `node --test` starts an embedded server for itself and stops it at its end.
 *
 * ```ts
 * const database = await freshDatabase();
 * after(() => database.drop());
 * await asTenant(database.app, …);
 * ```
 */
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { type ConnectOptions, connect, type Sql, type Target } from '../../src/db/client.ts';
import type { Role } from '../../src/db/roles.ts';
import {
  addressOf,
  asLogin,
  dropDatabase,
  startTestServer,
  type TestServer,
  testServerVariable,
  withDatabase,
} from './server.ts';

export interface TestDatabase {
  /** For `connect` and for processes a test starts. */
  readonly target: Target;
  /** The same as a DATABASE_URL. */
  readonly url: string;
  readonly name: string;
  /** One pool per role, opened at its first use and closed by `drop`. */
  readonly owner: Sql;
  readonly app: Sql;
  readonly worker: Sql;
  readonly system: Sql;
  /** Another pool, with options of its own; also closed by `drop`. */
  connect(role: Role, options?: Omit<ConnectOptions, 'target' | 'role'>): Sql;
  /** Closes the pools and removes the database. The end of the file does it too. */
  drop(): Promise<void>;
}

let server: Promise<TestServer> | undefined;
const open = new Set<TestDatabase>();

// At the end of the file: whatever a test did not drop, then the server, when it was ours alone.
after(async () => {
  for (const database of open) await database.drop();
  await (await server)?.stop();
});

/** A migrated, empty database. About 30 ms on the embedded server. */
export async function freshDatabase(): Promise<TestDatabase> {
  server ??= findServer();
  const { admin, template } = await server;
  const name = `${template}_${process.pid}_${randomBytes(4).toString('hex')}`;
  await asLogin(admin, (sql) => sql.unsafe(`create database "${name}" template "${template}" owner homeroom_owner`));

  return openTestDatabase(admin, name);
}

/** The pools of a database that is there already, and is dropped when the test lets go of it. */
export function openTestDatabase(admin: Target, name: string): TestDatabase {
  const target = withDatabase(admin, name);
  const pools = new Map<Role, Sql>();
  const others: Sql[] = [];
  const pool = (role: Role): Sql => {
    const known = pools.get(role) ?? connect({ target, role, max: 5 });
    pools.set(role, known);
    return known;
  };
  const database: TestDatabase = {
    target,
    url: addressOf(target),
    name,
    get owner() {
      return pool('owner');
    },
    get app() {
      return pool('app');
    },
    get worker() {
      return pool('worker');
    },
    get system() {
      return pool('system');
    },
    connect(role, options) {
      const sql = connect({ target, role, max: 5, ...options });
      others.push(sql);
      return sql;
    },
    async drop() {
      if (!open.delete(database)) return;
      await Promise.all([...pools.values(), ...others].map((sql) => sql.end({ timeout: 1 })));
      await asLogin(admin, (sql) => dropDatabase(sql, name));
    },
  };
  open.add(database);
  return database;
}

async function findServer(): Promise<TestServer> {
  const given = process.env[testServerVariable];
  if (given === undefined) return startTestServer({ databaseUrl: process.env.DATABASE_URL });
  // The run's: it is stopped there.
  return { ...(JSON.parse(given) as Pick<TestServer, 'admin' | 'template'>), stop: async () => undefined };
}

/** From an address (or none) to a database that is set up, and pools that may be trusted. */
import { join } from 'node:path';
import type { BaseLogger } from 'pino';
import { type ConnectOptions, connect, connectAsLogin, type Sql, type Target } from './client.ts';
import { type EmbeddedDatabase, startEmbedded } from './embedded.ts';
import { DatabaseUnreachable, type EmbeddedDatabaseError } from './error.ts';
import { migrate } from './migrate.ts';
import { bootCheck, ensureRoles, type Role } from './roles.ts';

export interface OpenOptions {
  /** Null: the embedded server in `dataDir`. */
  readonly url: string | null;
  /** Logins of their own; null: the address above. */
  readonly appUrl: string | null;
  readonly workerUrl: string | null;
  readonly systemUrl: string | null;
  readonly dataDir: string;
  readonly log: Pick<BaseLogger, 'info' | 'error'>;
  /** The embedded server has ended by itself. */
  readonly onLost: (error: EmbeddedDatabaseError) => void;
}

export interface Database {
  /** Where a role connects, for what keeps pools of its own. */
  target(role: Role): Target;
  /** A pool whose role has been checked; `close` ends it. */
  pool(role: Role, options?: Omit<ConnectOptions, 'target' | 'role'>): Promise<Sql>;
  /** Makes the roles and brings the tables up to date. */
  migrate(): Promise<void>;
  /** Ends the pools, giving statements under way five seconds, then our use of the embedded server. */
  close(): Promise<void>;
}

/** @throws DatabaseError, of one kind or another, saying what to do. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const embedded = options.url === null ? await start(options) : null;
  const main = options.url ?? embedded?.options ?? '';
  const targets: Record<Role, Target> = {
    owner: main,
    app: options.appUrl ?? main,
    worker: options.workerUrl ?? main,
    system: options.systemUrl ?? main,
  };
  await checkServer(main);
  const pools: Sql[] = [];

  async function pool(role: Role, more: Omit<ConnectOptions, 'target' | 'role'> = {}): Promise<Sql> {
    const sql = connect({ target: targets[role], role, ...more });
    pools.push(sql);
    await bootCheck(sql, role);
    return sql;
  }

  return {
    target: (role) => targets[role],
    pool,
    async migrate() {
      const login = connectAsLogin(main);
      const owner = connect({ target: main, role: 'owner', max: 2 });
      try {
        await ensureRoles(login);
        await migrate(owner);
      } finally {
        await Promise.all([login.end(), owner.end()]);
      }
    },
    async close() {
      await Promise.all(pools.map((sql) => sql.end({ timeout: 5 })));
      await embedded?.stop();
    },
  };
}

function start({ dataDir, log, onLost }: OpenOptions): Promise<EmbeddedDatabase> {
  return startEmbedded({ dataDir: join(dataDir, 'postgres'), log, onLost });
}

/** Tells an address that is wrong, and a server that is too old, from an error of ours. */
async function checkServer(target: Target): Promise<void> {
  const login = connectAsLogin(target);
  try {
    const [row] = await login<{ version: number }[]>`select current_setting('server_version_num')::int as version`;
    if ((row?.version ?? 0) < oldestServer * 10_000) {
      throw new DatabaseUnreachable(
        `Homeroom needs PostgreSQL ${oldestServer} or newer; DATABASE_URL leads to an older one.`,
      );
    }
  } catch (error) {
    if (error instanceof DatabaseUnreachable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseUnreachable(
      `The database cannot be reached: ${reason}. Check DATABASE_URL, and that the server runs.`,
      {
        cause: error,
      },
    );
  } finally {
    await login.end({ timeout: 1 });
  }
}

const oldestServer = 15;

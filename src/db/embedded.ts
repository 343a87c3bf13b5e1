/**
 * A real PostgreSQL without installing one: the programs come from npm, the data lives in one directory, the address is
 * a socket that only its owner can open. It runs while at least one process uses it, and never longer.
 */
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import { chooseAccount, ownData } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import { database, ensureCluster, ensureDatabase, login, type SocketOptions } from './embedded/cluster.ts';
import { findPostmaster, isAlive, type Postmaster } from './embedded/postmaster.ts';
import { privateDir, temporaryPath } from './embedded/private-dir.ts';
import { watch } from './embedded/sentinel.ts';
import { serverFlags } from './embedded/settings.ts';
import { clearUsers, joinUsers, startWatched, type Use } from './embedded/users.ts';
import { EmbeddedDatabaseError } from './error.ts';

export interface EmbeddedOptions {
  /** The directory of the data itself; made with its parents when missing. */
  readonly dataDir: string;
  readonly log: Pick<BaseLogger, 'info' | 'error'>;
  /** False trades safety against power loss for speed: for tests. A kill -9 it survives. */
  readonly durable?: boolean;
  /** Called once when the server ends without `stop`: whoever uses it can only end too. */
  readonly onLost?: (error: EmbeddedDatabaseError) => void;
}

export interface EmbeddedDatabase {
  /** For `connect`. The login is no superuser; it may make roles and databases. */
  readonly options: SocketOptions;
  /** True when the server was running already. */
  readonly adopted: boolean;
  /** Ends our use. The server stops with its last user; then this waits until it is gone. */
  stop(): Promise<void>;
}

/** Milliseconds for a server to come up or go down: long, for after a crash it repairs its data first. */
const patience = 60_000;
/** Milliseconds between two looks at the file in which it says how far it is. */
const pause = 5;
const logName = 'homeroom-postgres.log';
const longestLog = 10_000_000;

/**
 * Starts the server, or joins the one that is running on this directory already.
 *
 * @throws EmbeddedDatabaseError when it cannot run here, with what to do about it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const dataDir = resolve(options.dataDir);
  const began = performance.now();
  while (performance.now() - began < patience) {
    const running = await find(dataDir);
    const claim = running ? claimRunning(running) : await claimNew(dataDir, options.durable ?? true);
    const found = claim && (await open(claim, dataDir, options));
    if (found !== null) {
      const ms = Math.round(performance.now() - began);
      options.log.info({ dataDir, ms }, found.adopted ? 'joined the embedded database' : 'embedded database started');
      return found;
    }
    // Starting, stopping, or another process was faster: look again.
    await delay(pause);
  }
  throw new EmbeddedDatabaseError(
    `A PostgreSQL server holds ${dataDir} but cannot be used: it is starting or stopping for very long, or was not ` +
      `started by Homeroom. See ${join(dataDir, logName)}, and the process in its postmaster.pid.`,
  );
}

/** A server, and our place among its users. */
interface Claim {
  readonly server: Postmaster;
  readonly use: Use;
  readonly adopted: boolean;
  /** Whether its process is gone, which is a moment after its files are. */
  readonly isGone: () => boolean;
}

function claimRunning(server: Postmaster): Claim | null {
  if (server.status !== 'ready') return null;
  const use = joinUsers(server.socketDir, server.pid);
  return use && { server, use, adopted: true, isGone: () => !isAlive(server.pid) };
}

/** Null when another process was faster. */
async function claimNew(dataDir: string, durable: boolean): Promise<Claim | null> {
  // The parents first, with ordinary rights: beneath a closed directory another user could not work.
  await mkdir(dirname(dataDir), { recursive: true });
  const account = await chooseAccount(await findBinaries(), dataDir);
  await ensureCluster(account, dataDir);
  await ownData(account, dataDir);
  const socketDir = temporaryPath('homeroom', account.uid, dataDir);
  await privateDir(socketDir, { uid: account.uid, gid: account.gid, mode: 0o700 });
  await clearUsers(socketDir);

  const log = openLog(join(dataDir, logName));
  const command = [account.binaries.postgres, ...serverFlags(dataDir, socketDir, durable)];
  const started = await startWatched(account, { socketDir, dataDir, logFile: log.file }, command).catch((error) => {
    // The watchdog of the server before us has just removed it.
    if (!existsSync(socketDir)) return null;
    throw error;
  });
  closeSync(log.file);
  if (started === null) return null;
  const { child, use } = started;
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  while (!isGone()) {
    const server = await find(dataDir);
    if (server?.pid === child.pid && server?.status === 'ready') return { server, use, adopted: false, isGone };
    await delay(pause);
  }

  use.leave().close();
  const said = (await readFile(log.path, 'utf8')).slice(log.size);
  // A server before us, faster than we are; or one that was killed, of which a process has not noticed yet.
  if (/"postmaster\.pid"|pre-existing shared memory block/.test(said)) return null;
  throw new EmbeddedDatabaseError(`The embedded database in ${dataDir} did not start:\n${said.trim()}`);
}

/** Null when the server is just stopping. */
async function open(claim: Claim, dataDir: string, options: EmbeddedOptions): Promise<EmbeddedDatabase | null> {
  const { server, use, adopted } = claim;
  const sentinel = await watch(server, () => {
    use.leave().close();
    const message = `The embedded database in ${dataDir} has ended. See ${join(dataDir, logName)}.`;
    options.log.error({ dataDir }, message);
    options.onLost?.(new EmbeddedDatabaseError(message));
  });
  if (!sentinel || !use.isWelcome()) {
    await sentinel?.end();
    use.leave().close();
    return null;
  }
  await ensureDatabase(sentinel.sql);

  let stopped: Promise<void> | undefined;
  return {
    options: { host: server.socketDir, port: server.port, user: login, database },
    adopted,
    stop: () => (stopped ??= sentinel.end().then(() => leave(dataDir, claim))),
  };
}

/** Ends our use, and waits for the end of the server unless somebody else still uses it. */
async function leave(dataDir: string, { server, use, isGone }: Claim): Promise<void> {
  const began = performance.now();
  const leaving = use.leave();
  while (leaving.isEmpty() && ((await find(dataDir))?.pid === server.pid || !isGone())) {
    if (performance.now() - began > patience) {
      throw new EmbeddedDatabaseError(`The embedded database in ${dataDir} (process ${server.pid}) does not stop.`);
    }
    await delay(pause);
  }
  leaving.close();
}

async function find(dataDir: string): Promise<Postmaster | null> {
  try {
    return await findPostmaster(dataDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    throw new EmbeddedDatabaseError(
      `${dataDir} belongs to another user. Start Homeroom as that user, or set HOMEROOM_DATA_DIR to a directory of yours.`,
      { cause: error },
    );
  }
}

/** The server appends; what it wrote before is kept while it is short. */
function openLog(path: string): { path: string; file: number; size: number } {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return size < longestLog
    ? { path, file: openSync(path, 'a', 0o600), size }
    : { path, file: openSync(path, 'w', 0o600), size: 0 };
}

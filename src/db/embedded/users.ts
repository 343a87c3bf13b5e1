/**
 * Who uses the server, counted by the kernel.
 *
 * Every process that uses it holds a named pipe open for writing; a small watchdog beside the server holds the other
 * end. When the last writer is gone, in whatever way (a clean end, a crash, kill -9), the watchdog reads the end of
 * the pipe and stops the server. So it lives exactly as long as somebody uses it, whoever started it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { chown, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { isAlive } from './postmaster.ts';

/** Our end of the pipe. */
export interface Use {
  /** False when the server is stopping: it was joined a moment too late, and should be left at once. */
  isWelcome(): boolean;
  /** Ends our use; only the first call counts. */
  leave(): Leaving;
}

/** A last look back. */
export interface Leaving {
  /** True when nobody uses the server: it is about to stop. */
  isEmpty(): boolean;
  close(): void;
}

/**
 * Starts a program with the watchdog beside it. The shell becomes the program (`exec`), so `$$` is the number of the
 * program in the watchdog too. The pipe is removed first, so that nobody joins a server that is stopping; who opened it
 * in the same moment is still waited for. A number may have been given to another process since: the data directory says.
 */
const script = `
pipe=$1 data=$2 dir=$3; shift 3
exec 3<&0
(
  cd / && while read -r _; do :; done
  rm -f "$pipe"* "$dir/users.$$"
  while read -r _; do :; done
  for signal in INT QUIT KILL; do
    left=100
    while [ $left -gt 0 ] && read -r pid < "$data/postmaster.pid" && [ "$pid" = $$ ] && kill -0 $$; do
      [ $left = 100 ] && kill -$signal $$
      left=$((left - 1)); sleep 0.05
    done
  done
  rmdir "$dir"
) <&3 3<&- >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`;

/** The name of the pipe of the server with this number. */
function pipeOf(socketDir: string, pid: number): string {
  return join(socketDir, `users.${pid}`);
}

/**
 * Starts the server, ourselves its first user. Should we die at any point from here on, it stops.
 *
 * @param logFile an open file for what the server prints.
 */
export async function startWatched(
  account: Account,
  paths: { socketDir: string; dataDir: string; logFile: number },
  command: readonly string[],
): Promise<{ child: ChildProcess; use: Use }> {
  const made = join(paths.socketDir, `new.${process.pid}.${performance.now()}`);
  await promisify(execFile)('mkfifo', ['-m', '600', made]);
  if (process.getuid?.() !== account.uid) await chown(made, account.uid, account.gid);
  // Opening one end waits for the other, except when both are asked for at once.
  const both = openSync(made, constants.O_RDWR);
  const reader = openSync(made, constants.O_RDONLY);
  const writer = openSync(made, constants.O_WRONLY);
  closeSync(both);

  const child = spawn(
    '/bin/sh',
    ['-c', script, 'homeroom-postgres', made, paths.dataDir, paths.socketDir, ...account.prefix, ...command],
    // A session of its own: Ctrl-C in our terminal is for us, and we stop the server when we are done with it.
    { cwd: '/', detached: true, stdio: [reader, paths.logFile, paths.logFile], ...account.spawnAs },
  );
  closeSync(reader);
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  const pipe = pipeOf(paths.socketDir, child.pid ?? 0);
  await rename(made, pipe);
  return { child, use: useOf(pipe, writer) };
}

/** Becomes a user of a running server; null when it is stopping, or not one of ours. */
export function joinUsers(socketDir: string, pid: number): Use | null {
  const pipe = pipeOf(socketDir, pid);
  try {
    return useOf(pipe, openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // No pipe, or nobody at its other end.
    if (code === 'ENOENT' || code === 'ENXIO') return null;
    throw error;
  }
}

function useOf(pipe: string, writer: number): Use {
  let ended = false;
  return {
    isWelcome: () => existsSync(pipe),
    leave() {
      if (ended) return { isEmpty: () => false, close: () => undefined };
      ended = true;
      const reader = openReader(pipe);
      closeSync(writer);
      return {
        isEmpty: () => reader !== null && isAtEnd(reader),
        close: () => reader !== null && closeSync(reader),
      };
    },
  };
}

function openReader(pipe: string): number | null {
  try {
    return openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A pipe without writers is at its end; with one, there is just nothing to read yet. */
function isAtEnd(reader: number): boolean {
  try {
    return readSync(reader, Buffer.alloc(1)) === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}

/** Removes the pipes of servers and starters that are gone: a machine that loses power leaves them. */
export async function clearUsers(socketDir: string): Promise<void> {
  const names = await readdir(socketDir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const pid = /^(?:users|new)\.(\d+)/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(socketDir, name), { force: true });
  }
}

/** The user PostgreSQL runs as: ourselves, except that it refuses to run as root. */
import { execFile } from 'node:child_process';
import { chown, lchown, lstat, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedDatabaseError } from '../error.ts';
import { type Binaries, copyBinaries } from './binaries.ts';

const run = promisify(execFile);

/** How to start a program so that PostgreSQL is content and can reach its files. */
export interface Account {
  /** The owner, as the file system sees it, of the data and of the socket. */
  readonly uid: number;
  readonly gid: number;
  /** What is put before a command line. */
  readonly prefix: readonly string[];
  /** Given to `spawn`. */
  readonly spawnAs: { readonly uid?: number; readonly gid?: number };
  readonly binaries: Binaries;
}

/**
 * Root hands over to `nobody`, in the first of these ways that works here:
 * 1. plainly, where nobody can reach the programs and the data;
 * 2. in a user namespace that shows root's files under nobody's number (a checkout in root's own home);
 * 3. with the one capability that lets nobody pass through closed directories (containers rarely allow namespaces);
 * 4. with a copy of the programs, when only those are out of reach.
 *
 * @param dataDir need not exist; its parent must.
 * @throws EmbeddedDatabaseError when none does.
 */
export async function chooseAccount(binaries: Binaries, dataDir: string): Promise<Account> {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new EmbeddedDatabaseError(
      'The embedded database runs on Linux and macOS. On Windows use WSL, or set DATABASE_URL.',
    );
  }
  if (uid !== 0) return { uid, gid, prefix: [], spawnAs: {}, binaries };

  const nobody = await findNobody();
  const asNobody = { ...nobody, prefix: [], spawnAs: nobody, binaries };
  const programsReachable = await reachable(binaries.postgres);
  const dataReachable = await reachable(dirname(dataDir));
  if (programsReachable && dataReachable) return asNobody;

  const mapped = ['unshare', '--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--'];
  if (await works([...mapped, binaries.postgres, '--version'])) {
    return { uid, gid, prefix: mapped, spawnAs: {}, binaries };
  }

  const capable = [
    'setpriv',
    `--reuid=${nobody.uid}`,
    `--regid=${nobody.gid}`,
    '--clear-groups',
    // Or the capability is left out where a program asks whether it may use a file, as PostgreSQL does of its own.
    '--securebits=+no_setuid_fixup',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    '--',
  ];
  if (await works([...capable, binaries.postgres, '--version'])) {
    return { ...nobody, prefix: capable, spawnAs: {}, binaries };
  }

  if (dataReachable) return { ...asNobody, binaries: await copyBinaries(binaries) };
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and the user nobody cannot reach ${dataDir}. ` +
      'Set HOMEROOM_DATA_DIR to a directory beneath one that everybody may enter, such as /var/lib/homeroom, ' +
      'start Homeroom as another user, or set DATABASE_URL.',
  );
}

/** Gives the data to the account; it may have run under another one before. */
export async function ownData(account: Account, path: string): Promise<void> {
  if (process.getuid?.() !== 0 || (await lstat(path)).uid === account.uid) return;
  const entries = await readdir(path, { recursive: true });
  for (const entry of entries) await lchown(join(path, entry), account.uid, account.gid);
  // Last, so that a hand-over broken off half-way is done again.
  await chown(path, account.uid, account.gid);
}

/** PostgreSQL wants a user that has a name, so the number alone will not do. */
async function findNobody(): Promise<{ uid: number; gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((line) => line.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (!Number(uid) || !Number(gid)) {
    throw new EmbeddedDatabaseError(
      'PostgreSQL does not run as root, and this system has no user "nobody" to run it as. ' +
        'Start Homeroom as another user, or set DATABASE_URL.',
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** Whether everybody may pass through all directories above, and use the thing itself. */
async function reachable(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

async function works([program = '', ...args]: readonly string[]): Promise<boolean> {
  return run(program, args, { cwd: '/', timeout: 5_000 }).then(
    () => true,
    () => false,
  );
}

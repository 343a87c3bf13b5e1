/** Directories under the system's temporary one, whose names can be guessed and so are checked before use. */
import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabaseError } from '../error.ts';

/** Room for a file name after it: a socket's path may have 107 bytes (104 on macOS). */
const longestPath = 80;

/** A path that is the same for everyone who asks with the same words, short enough for a socket in it. */
export function temporaryPath(name: string, ...words: readonly (string | number)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `${name}-${hash}`);
  return path.length <= longestPath ? path : join('/tmp', `${name}-${hash}`);
}

/**
 * Makes the directory, or takes it as it is when it is truly ours: a real directory, owned by `uid`, with no more
 * rights for others than `mode` has.
 *
 * @throws EmbeddedDatabaseError when somebody else was there first.
 */
export async function privateDir(path: string, wanted: { uid: number; gid?: number; mode: number }): Promise<void> {
  try {
    await mkdir(path, { mode: wanted.mode });
    await chmod(path, wanted.mode);
    if (process.getuid?.() !== wanted.uid) await chown(path, wanted.uid, wanted.gid ?? wanted.uid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = await lstat(path);
    if (!found.isDirectory() || found.uid !== wanted.uid || (found.mode & 0o777 & ~wanted.mode) !== 0) {
      throw new EmbeddedDatabaseError(
        `${path} is not the directory Homeroom would make there: it should belong to user ${wanted.uid} alone. ` +
          'Find out whose it is, remove it and start again.',
      );
    }
  }
}

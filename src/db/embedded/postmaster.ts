/** What a PostgreSQL server writes about itself into `postmaster.pid`. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Postmaster {
  readonly pid: number;
  readonly socketDir: string;
  readonly port: number;
  /** `ready` once it answers; `starting`, `stopping` or not written yet before and after. */
  readonly status: string;
}

/**
 * The server that is running on this data directory, if any. The file outlives a crash, so the process is looked up
 * too. Its lines: pid, data directory, start time, port, socket directory, listen address, shared memory, status
 * (PostgreSQL's own `src/include/utils/pidfile.h`).
 */
export async function findPostmaster(dataDir: string): Promise<Postmaster | null> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const [pid = '', , , port = '', socketDir = '', , , status = ''] = text.split('\n').map((line) => line.trim());
  if (!Number(pid) || !isAlive(Number(pid))) return null;
  return { pid: Number(pid), port: Number(port), socketDir, status };
}

/** True also for a process of another user; false for one that has ended and only waits for its parent to notice. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** Linux only: elsewhere there is no such file, and the system's first process takes care of them at once. */
function isZombie(pid: number): boolean {
  try {
    // The state follows the name, which is in brackets and may itself hold some: `1234 (postgres) Z 1 …`.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return false;
    throw error;
  }
}

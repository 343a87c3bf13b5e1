/** What the figures were taken on. */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { type Target } from '../src/db/client.ts';
import { asLogin } from '../test/harness/server.ts';

/** One line; the load is of the minute before, which tells a quiet machine from a busy one. */
export async function describeMachine(target: Target): Promise<string> {
  const [row] = await asLogin(
    target,
    (sql) => sql<{ version: string }[]>`select current_setting('server_version') as version`,
  );
  const gib = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1);

  return [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`,
    `${gib} GiB`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    `PostgreSQL ${row?.version ?? '?'} (embedded, durable)`,
    `load before ${load}`,
  ].join(', ');
}

/** Seconds of processor time a process has used so far; NaN where the system does not tell (it is Linux's /proc). */
export function processorSeconds(pid: number): number {
  const fields = statOf(pid);

  return fields === null ? Number.NaN : (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** The same of a database server: of its processes that are there, and of those that have ended. */
export function serverSeconds(dataDir: string): number {
  const postmaster = Number.parseInt(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'), 10);
  const own = statOf(postmaster);
  if (own === null) return Number.NaN;
  const parts = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => Number(statOf(Number(name))?.[1]) === postmaster)
    .map((name) => processorSeconds(Number(name)))
    .filter((seconds) => !Number.isNaN(seconds));
  const ended = (Number(own[13]) + Number(own[14])) / ticks;

  return parts.reduce((sum, seconds) => sum + seconds, processorSeconds(postmaster) + ended);
}

/** The most memory a process ever had, in MiB; NaN where the system does not tell. */
export function peakMiB(pid: number): number {
  return kilobytesOf(pid, 'VmHWM') / 1_024;
}

/** The memory a process has now; NaN where the system does not tell. */
export function residentBytes(pid: number): number {
  return kilobytesOf(pid, 'VmRSS') * 1_024;
}

function kilobytesOf(pid: number, name: string): number {
  const status = read(`/proc/${pid}/status`) ?? '';

  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
}

/** Of a second, as /proc counts processor time. */
const ticks = 100;

/** What /proc says of a process behind its name, which may hold spaces: its state, its parent, … */
function statOf(pid: number): string[] | null {
  return (
    read(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, '')
      .split(' ') ?? null
  );
}

/** Null for a process that has ended meanwhile, or on another system. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

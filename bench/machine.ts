/** What the figures were taken on. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
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
  try {
    // The name in brackets may hold spaces; user and system time are the 14th and 15th field, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Number.NaN;
    throw error;
  }
}

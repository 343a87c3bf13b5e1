/** A worker as a stranger runs it: `homeroom worker`, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Target } from '../src/db/client.ts';
import { addressOf } from '../test/harness/server.ts';
import { profiling } from './child.ts';
import type { Bench } from './context.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

const homeroom = fileURLToPath(new URL('../bin/homeroom', import.meta.url));

/** Resolves when it takes runs. `allowedHosts`: see HOMEROOM_ALLOWED_HOSTS. */
export async function startWorker(
  { dir, options }: Bench,
  target: Target,
  { masterKey, allowedHosts }: { masterKey: Uint8Array; allowedHosts: readonly string[] },
): Promise<WorkerProcess> {
  const child = spawn(homeroom, ['worker'], {
    env: {
      ...process.env,
      ...profiling(options.profile),
      DATABASE_URL: addressOf(target),
      HOMEROOM_DATA_DIR: dir,
      HOMEROOM_MASTER_KEY: Buffer.from(masterKey).toString('base64'),
      HOMEROOM_ALLOWED_HOSTS: allowedHosts.join(','),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('worker is ready')) resolve();
    });
    void exited.then(() => reject(new Error(`The worker ended before it was ready:\n${said.join('\n')}`)));
  });

  return {
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}

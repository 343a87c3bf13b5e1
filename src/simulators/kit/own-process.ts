// A simulator in a process of its own, so that it lives on when the product's process is killed: both ends of the pipe.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type RemoteSimulator, reachSimulator } from './remote.ts';

export interface OwnProcess extends RemoteSimulator {
  readonly pid: number;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * The child's end. Reads one line of JSON from stdin and starts the simulator with it; prints `{"origin": …}` as one line.
 * Ends on SIGTERM, or when stdin closes because the parent is gone. Ctrl-C in a terminal reaches parent and child alike: the
 * child leaves the order of stopping to its parent, unless a person started it by hand.
 */
export async function serveInOwnProcess(
  start: (options: unknown) => Promise<{ origin: string; close(): Promise<void> }>,
): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const [line] = (await once(lines, 'line')) as [string];
  const simulator = await start(JSON.parse(line));

  const stop = () => void simulator.close().finally(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.on('SIGINT', process.stdin.isTTY ? stop : () => undefined);
  lines.once('close', stop);
  process.stdout.write(`${JSON.stringify({ origin: simulator.origin })}\n`);
}

/** The parent's end: runs `file` with node, hands it `options`, and resolves once it says where it listens. */
export async function startInOwnProcess(file: string | URL, options: unknown): Promise<OwnProcess> {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  // With compilers of its own threads a process may wait for ever at its end: see src/lifetime.ts.
  const child = spawn(process.execPath, ['--no-concurrent-recompilation', path], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const failed = Promise.race([
    exited.then(() => Promise.reject(new Error(`${path} ended before it was ready: ${complaint}`))),
    once(child, 'error').then(([error]) => Promise.reject(error as Error)),
  ]);

  child.stdin.write(`${JSON.stringify(options)}\n`);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), failed])) as [string];
  child.stderr.removeAllListeners('data').pipe(process.stderr, { end: false });
  const { origin } = JSON.parse(line) as { origin: string };

  return {
    ...reachSimulator(origin),
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Homeroom as a stranger runs it: a process of its own, started from its command line, killed as the test likes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface GatewayOptions {
  /** An embedded database lives here unless `databaseUrl` is given. */
  dataDir: string;
  databaseUrl?: string;
  allowedHosts: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface GatewayProcess {
  url: string;
  pid: number;
  /** Milliseconds from start to ready. */
  startedIn: number;
  /** All it logged, line by line. */
  log: string[];
  /** Resolves with the first line it logs, or has logged, that fits. */
  says(pattern: RegExp): Promise<string>;
  /** Ends it with a signal and waits until it is gone; answers the exit code, null after SIGKILL. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

function environment(options: GatewayOptions): NodeJS.ProcessEnv {
  const { DATABASE_URL: _outer, ...inherited } = process.env;

  return {
    ...inherited,
    HOMEROOM_DATA_DIR: options.dataDir,
    PORT: '0',
    HOMEROOM_ALLOWED_HOSTS: options.allowedHosts.join(','),
    ...(options.databaseUrl && { DATABASE_URL: options.databaseUrl }),
    ...options.env,
  };
}

/** Resolves when it serves; rejects with what it said when it ends before. */
export function startGateway(options: GatewayOptions, args: readonly string[] = ['serve']): Promise<GatewayProcess> {
  return start(options, args, /"url":"([^"]+)"/);
}

/** A process that only carries out syncs. Resolves when it takes runs; it has no url. */
export function startWorker(options: GatewayOptions): Promise<GatewayProcess> {
  return start(options, ['worker'], /(worker is ready)/);
}

async function start(options: GatewayOptions, args: readonly string[], ready: RegExp): Promise<GatewayProcess> {
  const began = performance.now();
  const child = spawn(process.execPath, [main, ...args], {
    env: environment(options),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      log.push(line);
      const found = ready.exec(line)?.[1];
      if (found) resolve(found);
    });
    void exited.then(([code]) =>
      reject(new Error(`Homeroom ended with ${code} before it was ready:\n${log.join('\n')}`)),
    );
  });

  return {
    url,
    pid: child.pid ?? 0,
    startedIn: performance.now() - began,
    log,
    async says(pattern) {
      const said = log.find((line) => pattern.test(line));
      if (said !== undefined) return said;
      for await (const [line] of on(lines, 'line', { close: ['close'] })) if (pattern.test(line)) return line;
      throw new Error(`It ended without a word of ${pattern}:\n${log.join('\n')}`);
    },
    end: (signal) => end(child, exited, signal),
  };
}

async function end(child: ChildProcess, exited: Promise<[number | null]>, signal: NodeJS.Signals = 'SIGTERM') {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const [code] = await exited;

  return code;
}

/** Runs one command to its end and answers what it printed. */
export async function runCommand(options: GatewayOptions, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [main, ...args], {
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`homeroom ${args.join(' ')} ended with ${code}: ${complaint}`);

  return printed;
}

export interface Access {
  tenantId: string;
  key: string;
}

/** A tenant with schools and a key for all of it, made by the command line. */
export async function makeAccess(options: GatewayOptions, tenant: string, schools: readonly string[]): Promise<Access> {
  const printed = await runCommand(options, ['api-key', 'create', '--new-tenant', tenant, '--new-school', ...schools]);
  const read = (word: string) => new RegExp(`^${word}\\s+(\\S+)`, 'm').exec(printed)?.[1] ?? '';

  return { tenantId: read('tenant'), key: read('key') };
}

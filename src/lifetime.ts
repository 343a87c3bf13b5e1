/** A process that ends once, in order, whatever ends it: its work, a signal, or an error nobody caught. */
import { setFlagsFromString } from 'node:v8';
import type { BaseLogger } from 'pino';

export interface Lifetime {
  /** What must be closed at the end; the last given is closed first. */
  onEnd(name: string, close: () => Promise<void>): void;
  /** Ends the process with this exit code. Once is enough: later calls wait for the first. */
  end(exitCode: number): Promise<void>;
}

export interface LifetimeOptions {
  readonly log: Pick<BaseLogger, 'info' | 'error' | 'fatal'>;
  /** Milliseconds all closing may take; then the process ends regardless. */
  readonly patience?: number;
  /** Milliseconds in which several signals are one person's one wish. Default 1,000. */
  readonly oneKeyPress?: number;
  readonly exit?: (code: number) => void;
}

/** Takes over SIGINT, SIGTERM and errors nobody caught. A second signal ends the process at once. */
export function takeLifetime({
  log,
  patience = 30_000,
  oneKeyPress = 1_000,
  exit = (code) => process.exit(code),
}: LifetimeOptions): Lifetime {
  const closers: { name: string; close: () => Promise<void> }[] = [];
  let ending: Promise<void> | undefined;

  async function closeAll(exitCode: number): Promise<void> {
    restCompilers();
    const timer = setTimeout(() => {
      log.fatal({ patience }, 'could not stop in time');
      exit(1);
    }, patience);
    let failed = false;
    for (let next = closers.pop(); next !== undefined; next = closers.pop()) {
      const { name, close } = next;
      try {
        await close();
      } catch (err) {
        // The rest must still be closed.
        failed = true;
        log.error({ err, part: name }, 'could not close cleanly');
      }
    }
    clearTimeout(timer);
    exit(failed && exitCode === 0 ? 1 : exitCode);
  }

  const end = (exitCode: number) => (ending ??= closeAll(exitCode));
  let asked = Number.NEGATIVE_INFINITY;

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A terminal signals the whole group and npm passes the signal on again: one Ctrl-C arrives twice.
      const again = performance.now() - asked < oneKeyPress;
      if (ending && again) return;
      if (ending) return exit(signal === 'SIGINT' ? 130 : 143);
      asked = performance.now();
      log.info({ signal }, 'stopping');
      void end(0);
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (err) => {
      log.fatal({ err }, 'an error nobody expected');
      void end(1);
    });
  }

  return { onEnd: (name, close) => void closers.push({ name, close }), end };
}

/**
 * From now on V8 compiles nothing more in the background. What it has begun is done before everything is closed. A thread that
 * still compiles at `process.exit` may wait for a garbage collection, which only the main thread could do, while the main
 * thread waits for it: the process would never end (nodejs/node#54918, open in Node 24).
 */
function restCompilers(): void {
  for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);
}

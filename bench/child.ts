/** Processes of a bench that answer questions: both ends of the channel between parent and child. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Question {
  readonly id: number;
  readonly act: string;
  readonly input: unknown;
}

type Reply = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

export interface Child {
  readonly pid: number;
  /** Has the child do something and answers what came of it. Rejects when it fails there, or the child ends before. */
  ask<T>(act: string, input?: unknown): Promise<T>;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

/** What in the environment of a process that is no child of ours makes it leave a CPU profile. */
export function profiling(profile: string | null): Record<string, string> {
  return profile === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` };
}

/** Runs a file that calls `answerParent`. @param profile see `Options`. @param flags what Node is started with. */
export function startChild(file: URL, profile: string | null, flags: readonly string[] = []): Child {
  const execArgv = [...flags, ...(profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])];
  const child = fork(fileURLToPath(file), { execArgv, serialization: 'advanced', stdio: 'inherit' });
  const exited = once(child, 'exit');
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let count = 0;

  child.on('message', (reply: Reply) => {
    const waiting = asked.get(reply.id);
    asked.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of asked.values()) reject(new Error(`${file.pathname} ended with ${code ?? signal}.`));
  });

  return {
    pid: child.pid ?? 0,
    ask<T>(act: string, input?: unknown) {
      count += 1;
      const waiting = Promise.withResolvers<unknown>();
      asked.set(count, waiting);
      child.send({ id: count, act, input } satisfies Question);
      return waiting.promise as Promise<T>;
    },
    async stop() {
      // The end of the channel is the end of the child: it closes what it has open and writes its profile.
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** A thing a child can be asked to do. Its input is what the parent beside it sends. */
export type Act = (input: never) => unknown;

/** The child's end: answers the parent until the parent lets go, then closes and exits. */
export function answerParent(acts: Readonly<Record<string, Act>>, close: () => Promise<void> = async () => undefined) {
  const send = (reply: Reply) => void process.send?.(reply);
  const answer = async ({ id, act, input }: Question) => {
    try {
      const found = acts[act];
      if (found === undefined) throw new Error(`This process cannot ${act}.`);
      send({ id, value: await found(input as never) });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on('message', (question: Question) => void answer(question));
  // Ctrl-C reaches parent and children alike: the order of stopping is the parent's.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => void close().finally(() => process.exit()));
}

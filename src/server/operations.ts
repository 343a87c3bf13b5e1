/** Runs operations: each with a context of its own that ends with it, whatever door it came through. */
import { type ExecutionArgs, type ExecutionResult, execute, getOperationAST, type OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { BaseLogger } from 'pino';
import { createShares, type Once } from '../live/sharing.ts';
import type { Identity } from '../model/identity.ts';
import type { Caller } from './caller.ts';
import { kindOf } from './equal.ts';
import { forAnyTransport, type MaskError } from './errors.ts';
import { patiently } from './patience.ts';
import type { Toll } from './toll.ts';
import { unauthenticated } from './turned-away.ts';

/** What resolvers get. `dispose` is called once, when the operation has been answered or the subscription has ended. */
export interface OperationContext {
  dispose(): Promise<void>;
}

export type CreateContext = (
  identity: Identity,
  operation: { readonly kind: `${OperationTypeNode}`; readonly signal: AbortSignal; readonly once?: Once },
) => OperationContext;

/** Answers a stream of what `tell` makes of the execution of each event; see `schema/subscribe.ts`. */
export type Subscribe = (
  args: ExecutionArgs,
  tell: (run: (signal: AbortSignal) => Promise<ExecutionResult>, key: string | undefined) => Promise<string>,
) => Promise<Results | ExecutionResult>;

/** Of a subscription: each a result as JSON, written once for all who are told the same. */
export type Results = AsyncIterableIterator<string, undefined>;

/** What the doors hand over with each operation. */
export interface ServerContext {
  readonly caller: Caller;
  /** Aborts when nobody waits for the answer any more. */
  readonly left: AbortSignal;
  /** Over HTTP: where the door finds the events of a subscription that it is to send. */
  readonly found?: { results?: Results };
}

export interface OperationsDeps {
  readonly createContext: CreateContext;
  readonly subscribe: Subscribe;
  readonly mask: MaskError;
  readonly toll: Toll;
  /** Milliseconds for an operation, for the beginning of a subscription, and for each of its events. */
  readonly operationMs: number;
  readonly log: Pick<BaseLogger, 'error'>;
}

export interface Operations {
  /** Takes the place of graphql's execute and subscribe in the pipeline of the doors. */
  readonly plugin: Plugin<ServerContext>;
  /** Resolves when no operation and no subscription runs any more. */
  idle(): Promise<void>;
}

const done = { done: true, value: undefined } as const;

export function createOperations(deps: OperationsDeps): Operations {
  const { createContext, subscribe, mask, toll, operationMs: ms, log } = deps;
  const running = new Set<Promise<unknown>>();
  const shares = createShares();

  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    const forget = () => running.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** In the background: the answer does not depend on it. */
  function dispose(context: OperationContext): void {
    void track(context.dispose().catch((err: unknown) => log.error({ err }, 'a context could not be disposed of')));
  }

  function masked(result: ExecutionResult, { requestId }: Caller): ExecutionResult {
    return result.errors ? { ...result, errors: result.errors.map((error) => mask(error, requestId)) } : result;
  }

  const written = (result: ExecutionResult, caller: Caller) => JSON.stringify(forAnyTransport(masked(result, caller)));

  async function runOnce(args: ExecutionArgs): Promise<ExecutionResult> {
    const { caller, left } = args.contextValue as ServerContext;
    const { cost, refusal } = await toll.charge(args, caller.identity);
    if (refusal) return masked({ errors: [refusal], extensions: { cost } }, caller);
    const kind = getOperationAST(args.document, args.operationName)?.operation ?? 'query';
    const work = async (signal: AbortSignal) => {
      const context = createContext(caller.identity, { kind, signal });
      try {
        return await execute({ ...args, contextValue: context, rootValue: undefined });
      } finally {
        dispose(context);
      }
    };
    const result = await patiently({ ms, left }, work).catch((error: unknown): ExecutionResult => {
      return { data: null, errors: [mask(error, caller.requestId)] };
    });
    return masked({ ...result, extensions: { ...result.extensions, cost } }, caller);
  }

  async function runSubscription(args: ExecutionArgs): Promise<ExecutionResult | Results> {
    const { caller, left } = args.contextValue as ServerContext;
    const { cost, refusal } = await toll.charge(args, caller.identity);
    if (refusal) return masked({ errors: [refusal], extensions: { cost } }, caller);
    const share = shares.join(kindOf(args, caller.identity));
    const over = new AbortController();
    const { signal } = over;
    const context = createContext(caller.identity, { kind: 'subscription', once: share.once, signal });
    const leave = () => {
      over.abort();
      share.leave();
      dispose(context);
    };
    const begun = subscribe({ ...args, contextValue: context, rootValue: undefined }, (run, key) => {
      const told = (unwanted: AbortSignal) =>
        patiently({ ms, left: unwanted }, run).then((result) => written(result, caller));
      return key === undefined ? told(signal) : share.once(`event ${key}`, told);
    });
    let results: ExecutionResult | Results;
    try {
      results = await patiently({ ms, left }, () => begun);
    } catch (error) {
      leave();
      void track(begun.then(abandon, () => undefined));
      throw error;
    }
    if (Symbol.asyncIterator in results) return guarded(results, caller, leave);

    leave();
    return masked(results, caller);
  }

  /** Asks before each event whether the caller may still have it; an error is the last event. Never throws. */
  function guarded(results: Results, caller: Caller, onEnd: () => void): Results {
    const open = Promise.withResolvers<void>();
    void track(open.promise);
    let over = false;

    function finish(): void {
      if (over) return;
      over = true;
      onEnd();
      open.resolve();
    }

    async function leave(): Promise<void> {
      finish();
      await results.return?.();
    }

    function last(problem: unknown): IteratorResult<string, undefined> {
      void track(leave().catch((err: unknown) => log.error({ err }, 'a subscription could not be left')));
      return { done: false, value: written({ errors: [mask(problem, caller.requestId)] }, caller) };
    }

    return {
      async next() {
        if (over) return done;
        try {
          const step = await results.next();
          // It may have been left meanwhile.
          if (over) return done;
          if (step.done) {
            finish();
            return done;
          }
          if (!(await caller.stillAllowed())) return last(unauthenticated());
          return step;
        } catch (error) {
          if (over) return done;
          return last(error);
        }
      },
      async return() {
        await leave();
        return done;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** An error of ours, not the client's: it becomes an answer like any other. */
  function answering<T>(
    run: (args: ExecutionArgs) => Promise<T>,
  ): (args: ExecutionArgs) => Promise<T | ExecutionResult> {
    return async (args) => {
      const { caller } = args.contextValue as ServerContext;
      try {
        return await track(run(args));
      } catch (error) {
        return { errors: [mask(error, caller.requestId)] };
      }
    };
  }

  return {
    plugin: {
      onExecute: (hook) => hook.setExecuteFn(answering(runOnce)),
      onSubscribe: (hook) => hook.setSubscribeFn(answering(runSubscription)),
      // Also what was refused before it ran: a document that is none, or one that does not fit the schema.
      onResultProcess(hook) {
        const { result } = hook;
        if (Array.isArray(result)) return;
        const { caller, found } = hook.serverContext as unknown as ServerContext;
        if (!(Symbol.asyncIterator in result)) {
          if (result.errors !== undefined) hook.setResult(masked(result as ExecutionResult, caller));
          return;
        }
        const results = result[Symbol.asyncIterator]() as unknown as Results;
        // Without a processor the client takes no stream, so nobody would iterate.
        if (hook.resultProcessor === undefined || found === undefined) return void results.return?.();
        found.results = results;
        hook.setResultProcessor(() => new Response(null), 'text/event-stream');
      },
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

/** What came too late. */
async function abandon(results: ExecutionResult | Results): Promise<void> {
  if (Symbol.asyncIterator in results) await results.return?.();
}

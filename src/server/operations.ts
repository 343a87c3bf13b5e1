/** Runs operations: each with a context of its own that ends with it, whatever door it came through. */
import { type ExecutionArgs, type ExecutionResult, execute, getOperationAST, type OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { BaseLogger } from 'pino';
import type { Seat } from '../live/seat.ts';
import type { Identity } from '../model/identity.ts';
import { brokenTextIn } from './broken-text.ts';
import type { Caller } from './caller.ts';
import { type Attempt, createCompiledQueries } from './compiled.ts';
import type { Delivery } from './delivery.ts';
import type { MaskError } from './errors.ts';
import type { Limits } from './limits.ts';
import { measured } from './measured.ts';
import { patiently } from './patience.ts';
import { createSubscriptions, type Subscribe } from './subscriptions.ts';
import type { Toll } from './toll.ts';

/** What resolvers get. `dispose` is called once, when the operation has been answered or the subscription has ended. */
export interface OperationContext {
  dispose(): Promise<void>;
}

export type CreateContext = (
  identity: Identity,
  operation: { readonly kind: `${OperationTypeNode}`; readonly signal: AbortSignal; readonly seat?: Seat },
) => OperationContext;

/** What the doors hand over with each operation. */
export interface ServerContext {
  readonly caller: Caller;
  /** Aborts when nobody waits for the answer any more. */
  readonly left: AbortSignal;
  /** Over HTTP: the header of that name. */
  readonly traceparent?: string | undefined;
  /** Where the door finds the subscription that it is to deliver. */
  readonly found: { delivery?: Delivery };
}

export interface OperationsDeps {
  readonly createContext: CreateContext;
  readonly subscribe: Subscribe;
  readonly mask: MaskError;
  readonly toll: Toll;
  readonly limits: Pick<Limits, 'operationMs' | 'patienceMs'>;
  readonly log: Pick<BaseLogger, 'error'>;
}

export interface Operations {
  /** Takes the place of graphql's execute and subscribe in the pipeline of the doors. */
  readonly plugin: Plugin<ServerContext>;
  /** How many subscriptions there are. */
  subscriptions(): number;
  /** Resolves when no operation and no subscription runs any more. */
  idle(): Promise<void>;
}

export function createOperations({ createContext, subscribe, mask, toll, limits, log }: OperationsDeps): Operations {
  const running = new Set<Promise<unknown>>();

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

  const queries = createCompiledQueries();
  const subscriptions = createSubscriptions({ createContext, subscribe, masked, track, limits, log });

  async function runOnce(args: ExecutionArgs): Promise<ExecutionResult> {
    const { caller, left } = args.contextValue as ServerContext;
    const { cost, refusal } = await toll.charge(args, caller.identity);
    if (refusal) return masked({ errors: [refusal], extensions: { cost } }, caller);
    const kind = getOperationAST(args.document, args.operationName)?.operation ?? 'query';
    const work = (signal: AbortSignal) => {
      const attempt: Attempt = async (run) => {
        const context = createContext(caller.identity, { kind, signal });
        try {
          return await run({ ...args, contextValue: context, rootValue: undefined });
        } finally {
          dispose(context);
        }
      };
      return kind === 'query' ? queries.run(args, attempt) : attempt(execute);
    };
    const result = await patiently({ ms: limits.operationMs, left }, work).catch((error: unknown): ExecutionResult => {
      return { data: null, errors: [mask(error, caller.requestId)] };
    });
    return masked({ ...result, extensions: { ...result.extensions, cost } }, caller);
  }

  /** The door delivers what it finds; the stream only says that there is something. */
  async function runSubscription(args: ExecutionArgs): Promise<ExecutionResult | AsyncGenerator<never>> {
    const { caller, left, found } = args.contextValue as ServerContext;
    const { cost, refusal } = await toll.charge(args, caller.identity);
    if (refusal) return masked({ errors: [refusal], extensions: { cost } }, caller);
    const started = await subscriptions.start(args, caller, left);
    if (!('deliver' in started)) return started;

    found.delivery = started;
    return nothing();
  }

  /** An error of ours, not the client's: it becomes an answer like any other. */
  function answering<T extends object>(
    run: (args: ExecutionArgs) => Promise<T>,
  ): (args: ExecutionArgs) => Promise<T | ExecutionResult> {
    return async (args) => {
      const { caller, traceparent } = args.contextValue as ServerContext;
      const { requestId } = caller;
      const type = getOperationAST(args.document, args.operationName)?.operation ?? 'query';
      return measured<T | ExecutionResult>({ type, requestId, traceparent }, async () => {
        try {
          const broken = brokenTextIn(args.variableValues);
          if (broken) throw broken;
          return await track(run(args));
        } catch (error) {
          return { errors: [mask(error, requestId)] };
        }
      });
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
        // Without a processor the client takes no stream.
        if (hook.resultProcessor === undefined) return found.delivery?.leave();
        hook.setResultProcessor(() => new Response(null), 'text/event-stream');
      },
    },
    subscriptions: () => subscriptions.size(),
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

async function* nothing(): AsyncGenerator<never> {}

/** Begins subscriptions: what is executed for each event, and what equal ones share of it. */
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import type { BaseLogger } from 'pino';
import { isDatabaseGone } from '../db/gone.ts';
import { createAudiences } from '../live/audience.ts';
import type { Following } from '../live/follow.ts';
import type { Resume, Seat } from '../live/seat.ts';
import { createShares } from '../live/sharing.ts';
import type { Caller } from './caller.ts';
import { createDelivery, type Delivery, type Opened } from './delivery.ts';
import { kindOf } from './equal.ts';
import { causeOf, forAnyTransport } from './errors.ts';
import type { Limits } from './limits.ts';
import { lineOf, type Results } from './line.ts';
import { measured } from './measured.ts';
import type { CreateContext } from './operations.ts';
import { patiently } from './patience.ts';

/** Answers a stream of what `tell` makes of the execution of each event; see `schema/subscribe.ts`. */
export type Subscribe = (
  args: ExecutionArgs,
  tell: (run: (signal: AbortSignal) => Promise<ExecutionResult>, key: string | undefined) => Promise<Buffer>,
) => Promise<Results | ExecutionResult>;

export interface SubscriptionsDeps {
  readonly createContext: CreateContext;
  readonly subscribe: Subscribe;
  readonly limits: Pick<Limits, 'operationMs' | 'patienceMs'>;
  /** The result without what must not leave the process. */
  masked(result: ExecutionResult, caller: Caller): ExecutionResult;
  /** Waits for the work when the server closes. */
  track<T>(work: Promise<T>): Promise<T>;
  readonly log: Pick<BaseLogger, 'error'>;
}

export interface Subscriptions {
  /**
   * Answers a result with errors when the subscription was refused.
   *
   * @param left aborts when the caller does not wait for it any more.
   */
  start(args: ExecutionArgs, caller: Caller, left: AbortSignal): Promise<Delivery | ExecutionResult>;
  /** How many have been accepted and not ended. */
  size(): number;
}

interface Begin {
  readonly resume: Resume | null;
  readonly left: AbortSignal;
}

export function createSubscriptions(deps: SubscriptionsDeps): Subscriptions {
  const { createContext, subscribe, masked, track, limits, log } = deps;
  const shares = createShares();
  const audiences = createAudiences();
  const { operationMs: ms } = limits;
  let size = 0;

  function payload(result: ExecutionResult, caller: Caller): Buffer {
    return Buffer.from(JSON.stringify(forAnyTransport(masked(result, caller))));
  }

  async function open(args: ExecutionArgs, caller: Caller, { resume, left }: Begin): Promise<Opened | ExecutionResult> {
    const equal = kindOf(args, caller.identity);
    const share = shares.join(equal);
    let followed: Opened['followed'];
    const follows = (following: Following, topic: string) => {
      followed = { following, kind: `${equal} ${topic}` };
    };
    const seat: Seat = { once: share.once, resume, follows };
    const over = new AbortController();
    const { signal } = over;
    const context = createContext(caller.identity, { kind: 'subscription', signal, seat });
    const leave = () => {
      over.abort();
      share.leave();
      void track(context.dispose().catch((err: unknown) => log.error({ err }, 'a context could not be disposed of')));
    };
    const begun = subscribe({ ...args, contextValue: context, rootValue: undefined }, (run, key) => {
      const told = async (unwanted: AbortSignal) => {
        const work = async () => masked(whole(await patiently({ ms, left: unwanted }, run)), caller);
        return payload(await measured({ type: 'event', requestId: caller.requestId }, work), caller);
      };
      return key === undefined ? told(signal) : share.once(`event ${key}`, told);
    });
    try {
      const results = await patiently({ ms, left }, () => begun);
      if (Symbol.asyncIterator in results) return { line: lineOf(results, followed?.following, leave), followed };

      const refusal = masked(whole(results), caller);
      leave();
      return refusal;
    } catch (error) {
      leave();
      void track(begun.then(abandon, () => undefined));
      throw error;
    }
  }

  return {
    async start(args, caller, left) {
      const opened = await open(args, caller, { resume: null, left });
      if (!('line' in opened)) return opened;

      const ended = Promise.withResolvers<void>();
      void track(ended.promise.then(() => (size -= 1)));
      size += 1;
      return createDelivery(opened, caller, {
        audiences,
        limits,
        async reopen(resume) {
          const again = await open(args, caller, { resume, left });
          if (!('line' in again)) throw again.errors?.[0];
          return again;
        },
        payloadOf: (error) => payload({ errors: [error as GraphQLError] }, caller),
        onEnd: ended.resolve,
      });
    },
    size: () => size,
  };
}

/** The result, unless the database went away over it: then it says nothing, and is to be made again. @throws what the database did. */
function whole(result: ExecutionResult): ExecutionResult {
  const gone = result.errors?.map(causeOf).find(isDatabaseGone);
  if (gone !== undefined) throw gone;

  return result;
}

/** What came too late. */
async function abandon(results: ExecutionResult | Results): Promise<void> {
  if (Symbol.asyncIterator in results) await results.return?.();
}

/** How long an operation is worth its while: until its time is over, or nobody waits for the answer any more. */
import { GraphQLError } from 'graphql';

export interface Patience {
  readonly ms: number;
  /** Aborts when the caller has left. */
  readonly left: AbortSignal;
}

/**
 * Answers what `work` answers, and tells it by its signal when to stop.
 *
 * @throws at once, however `work` takes it, an error of the code TIMEOUT when the time is over or the caller has left.
 */
export async function patiently<T>({ ms, left }: Patience, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const { promise: never, reject } = Promise.withResolvers<never>();
  const stop = (reason: GraphQLError) => {
    // First: what `work` says of its own end is of no interest any more.
    reject(reason);
    over.abort(reason);
  };
  const leave = () => stop(nobodyWaits());
  if (left.aborted) throw nobodyWaits();
  left.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => stop(tookTooLong(`This took longer than ${ms / 1_000} s and was stopped.`)), ms);
  try {
    return await Promise.race([work(over.signal), never]);
  } finally {
    clearTimeout(timer);
    left.removeEventListener('abort', leave);
  }
}

const remedy =
  'Ask for smaller pages, or for less below each item, and try again. A mutation is sent again with the same idempotencyKey: what was done is not done twice.';

/** @param what one sentence. */
export function tookTooLong(what: string): GraphQLError {
  return new GraphQLError(`${what} ${remedy}`, { extensions: { code: 'TIMEOUT', remedy, http: { status: 504 } } });
}

/** Nobody reads it, unless it was shared with somebody who stayed. */
function nobodyWaits(): GraphQLError {
  return new GraphQLError('The client left before the answer was there.', { extensions: { code: 'TIMEOUT', remedy } });
}

/** Stopping the statement that runs in the server: by PostgreSQL's own request to cancel, on a connection of its own. */
import { isCancelled } from './gone.ts';

/** What we use of a driver's query. */
export interface Cancellable extends PromiseLike<unknown> {
  /**
   * Sends the request and resolves when the server has taken it. The driver's own `cancel()` keeps this promise to itself, so
   * that a server that cannot be reached would end the process.
   */
  canceller: ((query: Cancellable) => Promise<void>) | null;
  /** The server works on it: what was sent before it has been answered. */
  readonly active: boolean;
  /** Null until it is sent. */
  readonly state: object | null;
}

/** Milliseconds a statement gets to end; then it is asked again. */
const patienceMs = 50;

/**
 * Cancels the first of the queries until none is left: `running` is to lose each one that is answered, and to get no other.
 * A request names a connection, not a statement, and one that arrives between two of them is lost: hence again.
 *
 * Resolves when no request is under way any more, so that none can hit whoever uses the connection next.
 */
export async function cancelRunning(running: ReadonlySet<Cancellable>): Promise<void> {
  for (const query of running) {
    while (running.has(query)) {
      // Behind another statement the driver would only make a note, and give its answer to the next one, whose own would go
      // to the one after that.
      const behind = query.state !== null && !query.active;
      // Over TLS the driver never says that the server has taken a request: then the statement itself does.
      if (!behind) await Promise.race([query.canceller?.(query), cancelled(query)]);
      await answeredWithin(query, patienceMs);
    }
  }
}

/** Resolves when the server says that it cancelled the statement; a request cancels one. */
function cancelled(query: Cancellable): Promise<void> {
  return new Promise((resolve) => {
    query.then(undefined, (error: unknown) => {
      if (isCancelled(error)) resolve();
    });
  });
}

async function answeredWithin(query: Cancellable, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  const answered = () => late.resolve();
  query.then(answered, answered);
  await late.promise;
  clearTimeout(timer);
}

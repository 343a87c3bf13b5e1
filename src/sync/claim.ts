/** A run's claim while this worker holds it: shown to the others, missed when it is lost, asked for again before a call. */
import { beat, LostClaim, type RunRow } from '../db/queries/engine/run.ts';
import { commit, type Engine } from './engine.ts';

/** A person asked to stop. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

export interface Claim {
  /**
   * Asked right before each call to a provider. Rejects, and stops the run, when another worker has taken it or nobody
   * can say that none has.
   */
  permit(): Promise<void>;
  /** Shows no more signs of life. */
  end(): void;
}

/** Real milliseconds between two signs of life; also how soon a cancellation is noticed. */
const beatMs = 2000;

/**
 * Real milliseconds for which a sign of life is believed: half of what another worker waits before it takes the run over
 * (`lapse` in db/queries/engine/run.ts). A process that was stopped, or was too busy to breathe, may be further behind.
 */
const believedMs = 5000;

/**
 * Keeps a claim alive until `end`, and aborts `stop` when it is lost or a person cancels.
 *
 * What remains: a process that is stopped after `permit` and before its bytes leave sends them when it wakes. No check of
 * ours can close that gap, for providers know nothing of claims; the idempotency key and the look-up of an uncertain
 * operation, by the worker that went on, are for it.
 */
export function holdClaim(engine: Engine, run: RunRow, stop: AbortController): Claim {
  // On the monotonic clock, which goes on while the process is stopped. Nothing is known of the time since the claim.
  let shown = Number.NEGATIVE_INFINITY;
  let showing: Promise<void> | undefined;

  const show = async () => {
    const began = performance.now();
    try {
      const cancelled = await commit({ engine, run }, (tx) => beat(tx, run));
      shown = began;
      if (cancelled) stop.abort(new Cancelled('A person asked to stop.'));
    } catch (error) {
      if (error instanceof LostClaim) stop.abort(error);
      throw error;
    }
  };
  const showOnce = () =>
    (showing ??= show().finally(() => {
      showing = undefined;
    }));
  const timer = setInterval(() => {
    if (stop.signal.aborted) return;
    showOnce().catch((error: unknown) => {
      // The database is away for a moment: whatever the run does next will tell.
      if (!(error instanceof LostClaim))
        engine.log.warn({ runId: run.id, error }, 'a sign of life could not be written');
    });
  }, beatMs);

  return {
    async permit() {
      try {
        while (performance.now() - shown > believedMs) await showOnce();
      } catch (error) {
        stop.abort(error);
      }
      stop.signal.throwIfAborted();
    },
    end: () => clearInterval(timer),
  };
}

/** The events of one subscription as they are executed, one after the other. */
import type { Line, Told } from '../live/audience.ts';
import type { Following } from '../live/follow.ts';

/** `atRest`: nothing waits; asked again it answers the next event, when there is one. */
export type Step = IteratorResult<Told, undefined> | 'atRest';

/** What `subscribe` answers: of each event the result as JSON, and the cursor behind it. */
export type Results = AsyncIterableIterator<{ readonly told: Buffer; readonly cursor: string }, undefined>;

export interface SubscriptionLine extends Line {
  /** Like `next`, which may go on with what this has begun. */
  step(): Promise<Step>;
}

/**
 * @param following where the events come from; undefined for a stream that never comes to rest.
 * @param onEnd called once, however it ends.
 */
export function lineOf(results: Results, following: Following | undefined, onEnd: () => void): SubscriptionLine {
  let pending: Promise<IteratorResult<Told, undefined>> | undefined;
  let over = false;

  function end(): void {
    if (over) return;
    over = true;
    onEnd();
  }

  async function advance(): Promise<IteratorResult<Told, undefined>> {
    try {
      const { done, value } = await results.next();
      if (!done) {
        const { place, type } = following?.latest() ?? nowhere;
        return { done, value: { payload: value.told, cursor: value.cursor, place, ofRows: type === 'activity' } };
      }
    } catch (error) {
      end();
      throw error;
    }
    end();
    return { done: true, value: undefined };
  }

  return {
    next() {
      const event = pending ?? advance();
      pending = undefined;
      return event;
    },
    step() {
      const event = (pending ??= advance());
      return new Promise((resolve, reject) => {
        let open = true;
        // What comes when rest has been told already is kept for whoever asks next.
        const first = (settle: () => void) => {
          if (open) settle();
          open = false;
        };
        const take = (settle: () => void) =>
          first(() => {
            pending = undefined;
            settle();
          });
        event.then(
          (told) => take(() => resolve(told)),
          (error: unknown) => take(() => reject(error)),
        );
        following?.whenAtRest(() => first(() => resolve('atRest')));
      });
    },
    reached: () => following?.latest().place ?? nowhere.place,
    keepApart: (place) => following?.keepApart(place),
    return() {
      end();
      // What waits for it learns that it is over; what it failed with, too.
      results.return?.().catch(() => undefined);
    },
  };
}

const nowhere = { place: { xid: 0n, seq: 0n }, type: 'caughtUp' } as const;

/** Tells one client of its subscription: alone while something waits for it, then together with all that are told the same. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseGone } from '../db/gone.ts';
import type { Audiences, Membership } from '../live/audience.ts';
import type { Following } from '../live/follow.ts';
import type { Resume } from '../live/seat.ts';
import type { Caller } from './caller.ts';
import type { Limits } from './limits.ts';
import type { Step, SubscriptionLine } from './line.ts';
import { unauthenticated } from './turned-away.ts';

/** The way to a client. Payloads are execution results as JSON. */
export interface Sink {
  /** Resolves when the client has taken it, or never will. Never rejects. */
  send(payload: Buffer): Promise<void>;
  /** Sends it if the client takes it now. */
  offer(payload: Buffer): boolean;
  /** Resolves when the client takes more, or never will. Never rejects. */
  room(): Promise<void>;
}

/** A subscription that was accepted. */
export interface Delivery {
  /** Tells the client of everything. Resolves when there will be nothing more, or it was left. Never rejects; call it once. */
  deliver(sink: Sink): Promise<void>;
  /** Leaves it: the client is gone, or wants no more. */
  leave(): void;
}

/** A subscription as it was begun for this client, or begun again where the client fell behind. */
export interface Opened {
  readonly line: SubscriptionLine;
  /** Undefined for a stream that follows nothing: it has no equals. `kind`: see `Audiences.join`. */
  readonly followed: { readonly following: Following; readonly kind: string } | undefined;
}

export interface DeliveryDeps {
  readonly audiences: Audiences;
  readonly limits: Pick<Limits, 'patienceMs'>;
  /** @param resume null: from its beginning. @throws the error with which it was refused. */
  reopen(resume: Resume | null): Promise<Opened>;
  /** The last thing to tell. */
  payloadOf(error: unknown): Buffer;
  onEnd(): void;
}

/** Milliseconds between tries to go on when the database was away; then it is told that something went wrong. */
const triesMs = [20, 50, 100, 200, 500, 1_000, 2_000, 2_000, 2_000, 2_000] as const;

export function createDelivery(first: Opened, { guest }: Caller, deps: DeliveryDeps): Delivery {
  const { audiences, limits, reopen, payloadOf, onEnd } = deps;
  let over = false;
  let alone: Opened | undefined = first;
  let membership: Membership | undefined;
  /** Of what was told last. */
  let cursor = '';

  function end(): void {
    if (over) return;
    over = true;
    alone?.line.return();
    membership?.leave();
    onEnd();
  }

  /** False when it has ended. */
  async function tellStep(step: Exclude<Step, 'atRest'>, sink: Sink): Promise<boolean> {
    if (over || step.done) return false;
    if (!(await guest.stillAllowed())) throw unauthenticated();
    await sink.send(step.value.payload);
    cursor = step.value.cursor;
    return true;
  }

  /** Until it may join the others; undefined when it has ended. */
  async function tellAlone({ line, followed }: Opened, sink: Sink): Promise<Membership | undefined> {
    for (;;) {
      let step = await line.step();
      if (over) return undefined;
      if (step === 'atRest') {
        // Asked and joined at once: nothing may happen between the two.
        const from = followed?.following.restsAt() ?? null;
        const { offer, room } = sink;
        const joined = followed && from && audiences.join(followed.kind, { guest, from, cursor, offer, room }, line);
        if (joined) {
          alone = undefined;
          membership = joined;
          return joined;
        }
        // Something came meanwhile, or the others are ahead: once more behind the next event.
        step = await line.next();
      }
      if (!(await tellStep(step, sink))) return undefined;
    }
  }

  /** Until the client takes too little; undefined when it has ended. */
  async function tellTogether({ over: departing }: Membership, sink: Sink): Promise<Resume | undefined> {
    const departure = await departing;
    membership = undefined;
    switch (departure.why) {
      case 'failed':
        cursor = departure.cursor;
        throw departure.error;
      case 'refused':
        throw unauthenticated();
      case 'behind':
        await sink.room();
        cursor = departure.cursor;
        return { after: departure.cursor, lagged: performance.now() - departure.since > limits.patienceMs };
      case 'ended':
      case 'left':
        return undefined;
    }
  }

  /** Alone, then together; answers where it begins again, undefined when it has ended. */
  async function tell(opened: Opened, sink: Sink): Promise<Opened | undefined> {
    alone = opened;
    const joined = await tellAlone(opened, sink);
    const resume = joined && (await tellTogether(joined, sink));
    return resume === undefined ? undefined : begin(resume);
  }

  /** Begins again; undefined when it was left meanwhile. */
  async function begin(resume: Resume | null): Promise<Opened | undefined> {
    if (over) return undefined;
    const again = await reopen(resume);
    if (!over) return again;

    again.line.return();
    return undefined;
  }

  /** Behind what was told last, as soon as the database is there again. @throws what it cannot go on after. */
  async function goOn(error: unknown): Promise<Opened | undefined> {
    alone?.line.return();
    let failure = error;
    for (const ms of triesMs) {
      if (!isDatabaseGone(failure)) break;
      await delay(ms);
      try {
        return await begin(cursor === '' ? null : { after: cursor, lagged: false });
      } catch (again) {
        failure = again;
      }
    }
    throw failure;
  }

  return {
    async deliver(sink) {
      try {
        let opened: Opened | undefined = first;
        while (opened !== undefined) opened = await tell(opened, sink).catch(goOn);
      } catch (error) {
        if (!over) await sink.send(payloadOf(error));
      }
      end();
    },
    leave: end,
  };
}

/** Tells one client of its subscription: alone while something waits for it, then together with all that are told the same. */
import type { Place } from '../db/queries/activity.ts';
import type { Audiences, Membership } from '../live/audience.ts';
import type { Following } from '../live/follow.ts';
import type { Resume } from '../live/seat.ts';
import type { Caller } from './caller.ts';
import type { Limits } from './limits.ts';
import type { SubscriptionLine } from './line.ts';
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
  /** @throws the error with which it was refused. */
  reopen(resume: Resume): Promise<Opened>;
  /** The last thing to tell. */
  payloadOf(error: unknown): Buffer;
  onEnd(): void;
}

interface Rest {
  readonly kind: string;
  readonly from: Place;
}

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

  /** Until nothing waits any more; false when it has ended. */
  async function tellAlone({ line }: Opened, sink: Sink): Promise<boolean> {
    for (;;) {
      const step = await line.step();
      if (over) return false;
      if (step === 'atRest') return true;
      if (step.done) return false;
      if (!(await guest.stillAllowed())) throw unauthenticated();
      await sink.send(step.value.payload);
      cursor = step.value.cursor;
    }
  }

  /** Until the client takes too little; undefined when it has ended. */
  async function tellTogether({ kind, from }: Rest, line: SubscriptionLine, sink: Sink): Promise<Resume | undefined> {
    const { offer, room } = sink;
    membership = audiences.join(kind, { guest, from, cursor, offer, room }, line);
    alone = undefined;
    const departure = await membership.over;
    membership = undefined;
    switch (departure.why) {
      case 'failed':
        throw departure.error;
      case 'refused':
        throw unauthenticated();
      case 'behind':
        await room();
        return { after: departure.cursor, lagged: performance.now() - departure.since > limits.patienceMs };
      case 'ended':
      case 'left':
        return undefined;
    }
  }

  /** Alone, then together; answers where it begins again, undefined when it has ended. */
  async function tell(opened: Opened, sink: Sink): Promise<Opened | undefined> {
    alone = opened;
    let resume: Resume | undefined;
    while (await tellAlone(opened, sink)) {
      const rest = restOf(opened);
      // Something came meanwhile. Asked and joined in one step: nothing may happen between the two.
      if (rest === undefined) continue;
      resume = await tellTogether(rest, opened.line, sink);
      break;
    }
    if (resume === undefined || over) return undefined;
    const again = await reopen(resume);
    if (!over) return again;

    // It was left meanwhile.
    again.line.return();
    return undefined;
  }

  return {
    async deliver(sink) {
      try {
        let opened: Opened | undefined = first;
        while (opened !== undefined) opened = await tell(opened, sink);
      } catch (error) {
        if (!over) await sink.send(payloadOf(error));
      }
      end();
    },
    leave: end,
  };
}

/** Undefined while something waits. */
function restOf({ followed }: Opened): Rest | undefined {
  const from = followed?.following.restsAt() ?? null;

  return followed === undefined || from === null ? undefined : { kind: followed.kind, from };
}

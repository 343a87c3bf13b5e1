/** What a running subscription has to do with its equals, seen from inside of it. */
import type { Following } from './follow.ts';
import type { Once } from './sharing.ts';

/** Where to go on, in place of what the document says: for a client that could not keep up with its equals. */
export interface Resume {
  readonly after: string;
  /** See `FollowOptions.lagged`. */
  readonly lagged: boolean;
}

export interface Seat {
  /** Reads for an event that all equal ones are told of, once for all of them. */
  readonly once: Once;
  readonly resume: Resume | null;
  /** To be called with what the subscription follows; `topic` is the same for whoever follows the same. */
  follows(following: Following, topic: string): void;
}

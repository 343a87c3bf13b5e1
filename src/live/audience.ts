/** Equal subscriptions that have nothing left to read follow one stream: each event is made once and offered to every one. */
import { comparePlaces, type Place } from '../db/queries/activity.ts';

/** What is told of one event. */
export interface Told {
  /** JSON, the same bytes for everybody. */
  readonly payload: Buffer;
  /** Behind it. */
  readonly cursor: string;
  readonly place: Place;
  /** Tells of rows up to its place: not for those who have been told of them. */
  readonly ofRows: boolean;
}

/** A stream of events that waits for the next one. */
export interface Line {
  next(): Promise<IteratorResult<Told, undefined>>;
  /** Ends it, also while `next` waits. Never rejects. */
  return(): void;
  /** How far it has told everything; nothing of that comes again. */
  reached(): Place;
  /** See `Following`. */
  keepApart(place: Place): void;
}

/** Whose rights are asked for before each event: the same object for everybody who came with the same credentials. */
export interface Guest {
  stillAllowed(): Promise<boolean>;
}

export interface Listener {
  readonly guest: Guest;
  /** It has been told of everything up to here, and of nothing behind it. */
  readonly from: Place;
  /** Of what it was told last. */
  readonly cursor: string;
  /** False when the client has too much waiting for it: then it was not taken. */
  offer(payload: Buffer): boolean;
  /** Resolves when the client takes more, or never will again. Never rejects. */
  room(): Promise<void>;
}

export type Departure =
  | { readonly why: 'ended' | 'left' | 'refused' }
  /** `cursor`: of what it was told last. */
  | { readonly why: 'failed'; readonly error: unknown; readonly cursor: string }
  /** What it was told last is too long ago to be remembered here; `since` when it takes nothing, by `performance.now()`. */
  | { readonly why: 'behind'; readonly cursor: string; readonly since: number };

export interface Membership {
  readonly over: Promise<Departure>;
  leave(): void;
}

export interface Audiences {
  /**
   * Joins those who are told the same, in the moment at which `line` waits and has nothing. The first one's line becomes
   * everybody's, the others' are ended. Undefined when the others are ahead of this one, which would miss what they know:
   * then the line is as it was.
   *
   * @param kind says everything that what is told depends on: what is followed, how it is shown, with whose rights.
   */
  join(kind: string, listener: Listener, line: Line): Membership | undefined;
  /** Listeners, in all audiences. */
  size(): number;
}

export interface AudienceOptions {
  /** Events that are remembered for those who take nothing just now. */
  readonly most?: number;
  /** Bytes of them. */
  readonly mostBytes?: number;
}

interface Member {
  readonly listener: Listener;
  /** Of what it was told last. */
  cursor: string;
  /** While it takes nothing: which event is its next, and since when. */
  waiting: { next: number; readonly since: number } | undefined;
  depart(departure: Departure): void;
}

interface Audience {
  readonly kind: string;
  readonly line: Line;
  readonly members: Map<Guest, Set<Member>>;
  /** How many events there have been. */
  count: number;
  /** The last of them, while somebody waits. */
  recent: Told[];
  recentBytes: number;
  readonly waiting: Set<Member>;
}

export function createAudiences({ most = 64, mostBytes = 4_000_000 }: AudienceOptions = {}): Audiences {
  const audiences = new Map<string, Audience>();

  function open(kind: string, line: Line): Audience {
    const members = new Map<Guest, Set<Member>>();
    const audience = { kind, line, members, count: 0, recent: [], recentBytes: 0, waiting: new Set<Member>() };
    audiences.set(kind, audience);
    return audience;
  }

  function close(audience: Audience): void {
    if (audiences.get(audience.kind) === audience) audiences.delete(audience.kind);
    audience.line.return();
  }

  async function run(audience: Audience): Promise<void> {
    let end: (member: Member) => Departure = () => ({ why: 'ended' });
    try {
      for (let step = await audience.line.next(); !step.done; step = await audience.line.next()) {
        await tell(audience, step.value);
      }
    } catch (error) {
      end = ({ cursor }) => ({ why: 'failed', error, cursor });
    }
    close(audience);
    for (const some of audience.members.values()) for (const member of some) member.depart(end(member));
  }

  async function tell(audience: Audience, told: Told): Promise<void> {
    audience.count += 1;
    remember(audience, told);
    for (const [guest, some] of audience.members) {
      const refusal = await refusalOf(guest);
      for (const member of some) {
        if (refusal !== undefined) member.depart(refusal(member));
        else if (member.waiting === undefined && !give(member, told)) void catchUp(audience, member);
      }
    }
    if (audience.waiting.size === 0) forget(audience);
  }

  function remember(audience: Audience, told: Told): void {
    const { recent, waiting } = audience;
    recent.push(told);
    audience.recentBytes += told.payload.length;
    while (recent.length > 1 && (recent.length > most || audience.recentBytes > mostBytes)) {
      audience.recentBytes -= recent.shift()?.payload.length ?? 0;
    }
    const oldest = audience.count - recent.length;
    for (const { waiting: place, cursor, depart } of waiting) {
      if (place !== undefined && place.next < oldest) depart({ why: 'behind', cursor, since: place.since });
    }
  }

  function forget(audience: Audience): void {
    audience.recent = [];
    audience.recentBytes = 0;
  }

  /** The event that was told last is the one it could not take. */
  async function catchUp(audience: Audience, member: Member): Promise<void> {
    const { listener } = member;
    const waiting = { next: audience.count - 1, since: performance.now() };
    member.waiting = waiting;
    audience.waiting.add(member);
    while (waiting.next < audience.count) {
      await listener.room();
      const refusal = await refusalOf(listener.guest);
      if (!audience.waiting.has(member)) return;
      if (refusal !== undefined) return member.depart(refusal(member));
      for (const told of audience.recent.slice(waiting.next - audience.count)) {
        if (!give(member, told)) break;
        waiting.next += 1;
      }
    }
    member.waiting = undefined;
    audience.waiting.delete(member);
  }

  return {
    join(kind, listener, line) {
      const known = audiences.get(kind);
      if (known !== undefined && comparePlaces(known.line.reached(), listener.from) > 0) return undefined;
      if (known !== undefined) line.return();
      const audience = known ?? open(kind, line);
      const over = Promise.withResolvers<Departure>();
      const member: Member = { listener, cursor: listener.cursor, waiting: undefined, depart };
      const some = audience.members.get(listener.guest) ?? new Set();
      audience.members.set(listener.guest, some.add(member));

      function depart(departure: Departure): void {
        if (!some.delete(member)) return;
        audience.waiting.delete(member);
        if (some.size === 0 && audience.members.get(listener.guest) === some) audience.members.delete(listener.guest);
        if (audience.members.size === 0) close(audience);
        over.resolve(departure);
      }

      audience.line.keepApart(listener.from);
      if (known === undefined) void run(audience);
      return { over: over.promise, leave: () => depart({ why: 'left' }) };
    },
    size() {
      let size = 0;
      for (const { members } of audiences.values()) for (const some of members.values()) size += some.size;
      return size;
    },
  };
}

/** Undefined for one who may be told. */
async function refusalOf(guest: Guest): Promise<((member: Member) => Departure) | undefined> {
  try {
    return (await guest.stillAllowed()) ? undefined : () => ({ why: 'refused' });
  } catch (error) {
    return ({ cursor }) => ({ why: 'failed', error, cursor });
  }
}

/** False when it could not be taken. What was told before the member came is not for it. */
function give(member: Member, { ofRows, place, payload, cursor }: Told): boolean {
  if (ofRows && comparePlaces(place, member.listener.from) <= 0) return true;
  if (!member.listener.offer(payload)) return false;
  member.cursor = cursor;
  return true;
}

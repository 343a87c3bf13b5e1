/** What a connector is: facts as data, functions only where bytes move. One folder exports one of these. */
import type { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import type { Entities, EntityName, Value } from '../../model/entities.ts';
import type { Webhook } from './webhook.ts';

export type Settings = Readonly<Record<string, unknown>>;
export type Credentials = Readonly<Record<string, unknown>>;

/** How a school signs in; served to clients as `OAUTH2` or `CREDENTIALS`. */
export type AuthMethod = 'oauth2' | 'serviceAccount' | 'clientCredentials' | 'oauth1' | 'password' | 'apiKey';

/** A quota of the provider: at most `calls` in any `seconds`, counted for one `per`. We use nine tenths of it and more, never all of it. */
export interface Limit {
  name: string;
  calls: number;
  seconds: number;
  /** What the provider counts by; the connector's `quotaKeys` names the key for these settings. */
  per: string;
  /** Begins of the URL paths it counts; absent: every call. */
  paths?: readonly string[];
  /** The provider's page that states the number. */
  source: string;
}

/** The one door to the outside: refuses private addresses, bounds size and time, classes failures. */
export interface Http {
  /**
   * Like `fetch`, for one attempt. Takes a call from every quota first (waiting if need be).
   * Throws `SetupProblem` (address refused, unknown host or redirected elsewhere), `Unwell` (no answer, reset, time-out),
   * `UnexpectedShape` (larger than we accept) or the signal's reason. Never throws for a status: the caller classes it, see
   * `kit/classify.ts`.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
}

export interface ConnectContext<S extends Settings = Settings, C extends Credentials = Credentials> {
  settings: S;
  credentials: C;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
  /** How a connector waits before it tries again. Absent: in real time (`kit/retry.ts`). */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** One named look at the provider; `remedy` is null when `ok`. */
export interface Check {
  name: string;
  ok: boolean;
  message: string;
  remedy: string | null;
}

/** What a connector sees in one record beyond its shape, told in the run's log by its code. */
export interface Finding {
  code: string;
  /** One sentence, without the value it is about. */
  message: string;
  /** What a person can do about it. */
  remedy: string;
  /** The record is not taken; else it is, and people are told. */
  refuses: boolean;
}

/** A page of a snapshot as it lies there, by which it is known again. */
export interface Sight {
  /** Where it stands: no two pages of a snapshot stand at one place. */
  place: string;
  /** Hex of a digest of all its records depend on: its bytes as they came, and what was chosen from them by. */
  digest: string;
  /** What the connector wants to be told when the page is not parsed, in its own words. */
  note: string;
}

/** Records as the provider sent them, and where to go on. */
export interface Page {
  /** Wire records, not yet parsed; one bad record must not spoil its page. */
  records: readonly unknown[];
  /** For a provider whose pages come back byte for byte. A snapshot whose last page has none is not remembered. */
  sight?: Sight;
  /** It is as `From.recall` knows it: `records` is empty, and those it had are there as they were. */
  recalled?: true;
  /** Opaque: hand it back in `From.checkpoint` to resume after this page. Null on the last page. */
  next: string | null;
  /** How many records there will be in all, where the provider says so. */
  total?: number;
  /** On the last page: where the next `since` begins. */
  mark?: string;
  /** Why this list may lack somebody: people are told, and absence from it means nothing. */
  doubt?: Finding;
}

export type Pages = AsyncIterable<Page>;

export interface From<Client> {
  client: Client;
  settings: Settings;
  signal: AbortSignal;
  clock: Clock;
  /** The `next` of the last page that was kept, when a pull resumes. */
  checkpoint: string | null;
  /** External keys of the records of another stream that we mirror, in order. */
  keys(stream: string): AsyncIterable<string>;
  /**
   * In a snapshot, the note of a page that was sighted before at this place with this digest, when all its records are here
   * as they came then: it need not be parsed. Null for any other page. Absent: every page is wanted whole.
   */
  recall?(place: string, digest: string): Promise<string | null>;
}

/** One record a `some` pull is asked for. */
export interface Sought {
  recordId: string;
  /** The id its own source knows it by; null for a record made in Homeroom. */
  sourcedId: string | null;
  /** Its external key, once linked. */
  key: string | null;
  row: Readonly<Record<string, Value>>;
  /** External keys of what it refers to, by reference name. */
  refs: Readonly<Record<string, readonly string[]>>;
}

interface About {
  settings: Settings;
  now: Date;
}

export interface Pull<Client> {
  /** A snapshot in pages: a record that is absent at the normal end is gone. */
  all?(from: From<Client>): Pages;
  /** Changes since a mark: absence means nothing. */
  since?(from: From<Client>, cursor: string): Pages;
  /** A snapshot of exactly the records asked for: what is not answered is not there. */
  some?(from: From<Client>, asked: readonly Sought[]): Pages;
  /**
   * Of which records the absence from a snapshot means that they are gone. `nothing`: of none, for who is on no list this
   * week may be on the next. Else of those whose instant `field` is not before `since`, nor after `until`: what is over may
   * be left out, or what is too far ahead (`until`: for records that are born here).
   * Absent: of all.
   */
  covers?: 'nothing' | { field: string; since(about: About): Date; until?(about: About): Date };
  /**
   * The records travel inside another stream's: taken from its pages. `owned`: gone when their carrier, the record
   * named by the reference `carrier`, comes without them; else only `gone` removes.
   */
  within?: { stream: string; records(wire: unknown): Iterable<unknown>; owned: boolean; carrier: string };
}

/** Part of a request body at the provider. */
export type Patch = Readonly<Record<string, unknown>>;

export interface Ref<Wire> {
  /** The stream of this connector that knows the keys. */
  stream: string;
  /** Keys of the referenced records; empty where there is none. */
  read(wire: Wire): readonly string[];
  /** Absent: read-only here. Without keys only where records are born on either side: it refers to nobody any more. */
  write?(keys: readonly string[]): Patch;
  /** The target is not known yet: wait for it, or go on without. */
  missing: 'wait' | 'omit';
  /** The order of the keys means nothing there: both sides are compared sorted. */
  unordered?: true;
  /** What this provider can hold of a list of keys: a course has one owner. Both sides are compared so. */
  canonical?(keys: readonly string[]): readonly string[];
  /** What is told, with their names, when records are written of whom `canonical` leaves out some. */
  leftOut?: Blocker;
  /** The record lives inside the target (a member in a class): it goes with it, unwritten. */
  container?: true;
}

export type Owner = 'provider' | 'homeroom' | 'shared';

export interface Field<Wire, V extends Value = Value> {
  /** null: empty there. undefined: says nothing about it. */
  read(wire: Wire, settings: Settings): V | null | undefined;
  /** The value as it came: something here of which `read` made nothing is a bad value, which is told and left out. */
  given?(wire: Wire): unknown;
  /** Absent: read-only here. null: nothing is to stand there. Objects of several fields are merged name by name. */
  write?(value: V | null, about: { row: Readonly<Record<string, Value>>; settings: Settings }): Patch;
  owner: Owner;
  /** What this provider can hold of a value (lower case, trimmed, cut): both sides are compared and hashed so. */
  canonical?(value: V): V;
  /** The provider cannot be without it: where we have nothing, what stands there is left as it is. */
  needed?: true;
}

/** Which of our records a destination mirrors. Only ACTIVE ones ever enter. */
export interface Selection<Row> {
  /** One sentence for people: "Active students of mirrored classes". */
  describe: string;
  where?: { readonly [F in keyof Row]?: readonly Row[F][] };
  /** Only records with a value here. */
  needs?: readonly (keyof Row)[];
  /**
   * Only records of a term that is under way today, in the school's time zone; its end date is the first day after it. A
   * record that names no term is always in. The settings may leave it to the school.
   */
  currentTerms?(settings: Settings): boolean;
  /** Only records of the days ahead, in the school's time zone. */
  window?: Window<Row>;
  /** Only records that a record mirrored by that stream of this connector refers to, by the reference of that name. */
  namedBy?: { stream: string; ref: string };
  /** What happens there when a record leaves the selection: keep it and write nothing more, or remove it. */
  leaving: 'park' | 'remove';
  /** It stays there as it is although it was archived here: a session that has begun is history. */
  stays?(row: Readonly<Record<string, Value>>, about: { now: Date; settings: Settings }): boolean;
}

/**
 * Records that begin between today and so many days from now, by calendar days, and are not over. What is mirrored already
 * stays in until it is over, wherever it is moved to; nothing that is over is written.
 */
export interface Window<Row> {
  /** Fields that hold instants. */
  starts: keyof Row;
  ends: keyof Row;
  days(settings: Settings): number;
}

/** Why a record may not be written now, and what would help. */
export interface Blocker {
  code: string;
  message: string;
  remedy: string;
}

export interface BlockedAbout {
  settings: Settings;
  /** By reference name: how many of those it refers to are there, or will be once this run is done. */
  there: Readonly<Record<string, number>>;
}

export interface PushRequest {
  /** Our record: canonical fields. */
  row: Readonly<Record<string, Value>>;
  /** External keys of all it refers to, by reference name, as far as known. */
  refs: Readonly<Record<string, readonly string[]>>;
  /** What `fields` and `refs` wrote, merged: for a create everything, for an update only what changed. */
  patch: Patch;
  /** Names of the fields and references in `patch`. */
  changed: readonly string[];
  settings: Settings;
  signal: AbortSignal;
  /** Of integration, stream, record and generation; never of the run. Safe in ids at the provider. */
  idempotencyKey: string;
  recordId: string;
  /** The id its own source knows it by; null for a record made in Homeroom. */
  sourcedId: string | null;
  /** An earlier try may have arrived: look before creating. */
  uncertain: boolean;
  /** What an earlier `accepted` left. */
  handle: string | null;
  /**
   * The fields as its run has read them there less than a quarter of an hour ago: how it stands is known. Null: look before
   * touching what may be closed, or writing along what was not changed.
   */
  seen: Readonly<Record<string, Value>> | null;
}

/** The record as it now is there, or a promise to look at again. */
export type Pushed<Wire> = { wire: Wire; note?: string } | { accepted: { until: Date; handle: string } };

/**
 * The record is there and must not be touched any more, which shows only now: no list had it, or none tells. SKIPPED, told by
 * the log once; the engine does not ask again until one of the two sides says something else.
 */
export interface Closed {
  closed: Blocker;
}

/** All answer with the record as it now is there; errors are `ProviderProblem`s. A record already as wanted is a success. */
export interface Push<Client, Wire> {
  create?(client: Client, request: PushRequest): Promise<Pushed<Wire>>;
  update?(client: Client, key: string, request: PushRequest): Promise<Pushed<Wire> | Closed>;
  /** Suspends or archives where the provider can. Already gone is a success. */
  remove?(client: Client, key: string, request: PushRequest): Promise<Closed | void>;
}

export interface Stream<Client = unknown, E extends EntityName = EntityName, Wire = unknown> {
  entity: E;
  /**
   * Who brings records into being: a SIS's are born there, a course that mirrors a class is born here. `both`: made on either
   * side for the other. Then a provider that can make records has to carry our id (`ours`), or one that we made could not be
   * told from a new one; and what it removes has to be `gone`, or it would come in again.
   */
  born: 'there' | 'here' | 'both';
  /** `google_classroom.roster.student`; the log appends add, update, remove … */
  action: string;
  /** Only the fields we use, as forgiving as the provider is untidy. */
  wire: z.ZodType<Wire>;
  key(wire: Wire): string;
  /** What the provider carries of ours, the id of our record or the one its source knows it by: links unasked. */
  ours?(wire: Wire): string | undefined;
  /** First contact only, in this order: equal in all of `by` (field or reference names). */
  match?: readonly { by: readonly string[]; adopt: 'link' | 'ask' }[];
  version?(wire: Wire): string | undefined;
  /** OneRoster's tobedeleted, a cancelled event … */
  gone?(wire: Wire): boolean;
  /** What the connector itself has to say about a record. Of one that is refused the key may be missing: ''. */
  findings?(wire: Wire): readonly Finding[];
  refs?: Readonly<Record<string, Ref<Wire>>>;
  fields: { readonly [F in keyof Entities[E]]?: Field<Wire, Exclude<Entities[E][F], null> & Value> };
  selects?: Selection<Entities[E]>;
  pull: Pull<Client>;
  push?: Push<Client, Wire>;
  /** Why our record may not be made there: no e-mail address, nobody on the sheet. SKIPPED, told by the log. */
  blocks?(row: Readonly<Record<string, Value>>, about: BlockedAbout): Blocker | undefined;
  /**
   * Why the record as it is there must not be changed or removed any more: locked, signed. SKIPPED, told by the log. Where it
   * is declared, a record that was read and shows nothing of the kind is open, whatever a push has answered before.
   */
  closed?(wire: Wire, to: 'update' | 'remove'): Blocker | undefined;
  /** The settings may leave the whole stream out, with what refers to it. */
  wanted?(settings: Settings): boolean;
}

/** Addresses or domains to let through, and what for, in a sentence. */
export interface AllowList {
  why: string;
  entries: readonly string[];
  /** The provider's page that states them. */
  source: string;
}

export interface Connector<Client = unknown, S extends Settings = Settings, C extends Credentials = Credentials> {
  /** Equals the folder's name and never changes; the provider's `slug`. */
  id: string;
  name: string;
  /** One sentence. */
  description: string;
  /** The provider's own documentation. */
  docs: string;
  settings: z.ZodType<S>;
  credentials: z.ZodType<C>;
  auth: readonly AuthMethod[];
  limits: readonly Limit[];
  /** For each `per` of `limits`, whom the provider counts for these settings: an account, a client id. No secrets. */
  quotaKeys(settings: S, credentials: C): Readonly<Record<string, string>>;
  /** Calls the provider has granted this school where they differ from `limits`, by the limit's name: quotas are raised on request. */
  granted?(settings: S): Readonly<Record<string, number>>;
  /** What the school's firewall and mail filters have to let through, for its page in the documentation. */
  allowLists?: readonly AllowList[];
  /** How many writes may be under way at once. */
  concurrency: number;
  connect(context: ConnectContext<S, C>): Promise<Client>;
  /** Cheap reads that prove credentials and scopes, one named check each; never throws for what it finds. */
  probe(client: Client, context: ConnectContext<S, C>): Promise<readonly Check[]>;
  /** In reading order; the engine orders writes by `refs`. */
  streams: Readonly<Record<string, Stream<Client>>>;
  /** The provider can tell that something happened there. It is a hint: what is true is read as ever. */
  webhook?: Webhook<C>;
}

/** Types a stream against its wire and entity, then forgets them: the engine handles all streams alike. */
export function stream<Client, E extends EntityName, Wire>(declared: Stream<Client, E, Wire>): Stream<Client> {
  return declared as unknown as Stream<Client>;
}

/** Types a connector against its own settings, credentials and client, then forgets them, for the register. */
export function connector<Client, S extends Settings, C extends Credentials>(
  declared: Connector<Client, S, C>,
): Connector {
  return declared;
}

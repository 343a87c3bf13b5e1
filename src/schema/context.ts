/** What resolvers get: who asks, one read of the database, ways to write, and loaders that live as long as the operation. */
import { clearAllDataLoaders } from '@pothos/plugin-dataloader';
import type DataLoader from 'dataloader';
import type { FieldNode } from 'graphql';
import type { Connector } from '../connectors/kit/contract.ts';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import type { Feed } from '../live/feed.ts';
import type { Seat } from '../live/seat.ts';
import type { Once } from '../live/sharing.ts';
import type { Clock } from '../model/clock.ts';
import type { Identity, Scope } from '../model/identity.ts';
import { readTransaction } from './read-transaction.ts';
import type { SignedLinks } from './signed-links.ts';
import type { SyncApi } from './sync-api.ts';

export interface SchemaDeps {
  /** The pool of the role that serves requests. */
  readonly app: Sql;
  readonly clock: Clock;
  readonly feed: Feed;
  /** The register. */
  readonly connectors: readonly Connector[];
  readonly sync: SyncApi;
  readonly reports: Pick<SignedLinks, 'link'>;
  readonly exports: Pick<SignedLinks, 'link'>;
  readonly apiKeys: ApiKeyMaker;
  /** Where people of this tenant may sign in: each as in a token's `iss`. */
  issuersOf(tenantId: string): readonly string[];
  /** The address others reach the gateway at. */
  baseUrl(): string;
}

/** Makes keys; what they are made of is the door's business. */
export interface ApiKeyMaker {
  /**
   * @param wanted `expiresAt` left out: a year from now. `schoolIds` null: every school of the tenant.
   * @returns `key` in full: it exists nowhere else.
   * @throws ValidationFailed for an `expiresAt` that is over, or more than a year away.
   */
  create(
    tx: TransactionSql,
    wanted: {
      tenantId: string;
      name: string;
      scopes: readonly Scope[];
      schoolIds: readonly string[] | null;
      expiresAt?: Date;
    },
  ): Promise<{ id: string; key: string }>;
}

/** Loaders by the place in the document that they serve; see `loaders.ts`. */
type Loaders = Map<FieldNode | null, Map<string, DataLoader<string, unknown>>>;

export interface Context {
  readonly deps: SchemaDeps;
  readonly identity: Identity;
  readonly loaders: Loaders;
  /** Aborts when the operation's time is over or its caller has left: then its statements are cancelled. */
  readonly signal: AbortSignal;
  has(scope: Scope): boolean;
  /**
   * Reads as the caller. All reads of a query share one read-only transaction; so do the reads of a mutation's payload,
   * which begin after its commit. A subscription's own reads (not its events') are a transaction each.
   */
  read<T>(fn: (db: TransactionSql) => Promise<T>): Promise<T>;
  /**
   * Reads as the caller in a transaction that ends with `fn`: for what must not stay open, such as before an outbound call.
   *
   * @param unwanted for what others want too: aborts when nobody does. Left out: the operation's.
   */
  readOnce<T>(fn: (db: TransactionSql) => Promise<T>, unwanted?: AbortSignal): Promise<T>;
  /** Writes as the caller in a transaction of its own; what is read afterwards is read fresh. */
  write<T>(fn: (tx: TransactionSql) => Promise<T>): Promise<T>;
  /** Of a subscription: reads for an event that all equal ones are told of, once for all of them. */
  readonly once: Once;
  /** Of a subscription. */
  readonly seat: Seat | undefined;
  /** A context for one event of this subscription: the same caller, nothing loaded. Whoever takes it disposes of it. */
  forEvent(signal: AbortSignal): Context;
  /** Ends the read transaction. To be called once when the operation, or the event, has been answered. */
  dispose(): Promise<void>;
}

export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** See `Context`. Left out: nobody ends it. */
  readonly signal?: AbortSignal;
  /** Of a subscription; left out: it has nothing to do with others. */
  readonly seat?: Seat;
}

const endless = new AbortController().signal;

/** Opens nothing: a transaction begins with the first read. */
export function createOperationContext(deps: SchemaDeps, identity: Identity, operation: Operation): Context {
  const { app } = deps;
  const { kind, signal = endless } = operation;
  const { tenantId, schoolIds, actor } = identity;
  const as = { tenantId, schoolIds, actor: `${actor.kind === 'USER' ? 'member' : 'api-key'}:${actor.id}` };
  let reading = readTransaction(app, as, signal);
  const startOver = async () => {
    const former = reading;
    reading = readTransaction(app, as, signal);
    context.loaders.clear();
    clearAllDataLoaders(context);
    await former.end();
  };
  const context: Context = {
    deps,
    identity,
    loaders: new Map(),
    signal,
    has: (scope) => identity.scopes.has(scope),
    read: (fn) => (kind === 'subscription' ? context.readOnce(fn) : reading.run(fn)),
    readOnce: (fn, unwanted = signal) => asTenant(app, as, fn, { readOnly: true, signal: unwanted }),
    async write(fn) {
      // A connection held for reading would be a second one, and would not see what is written now.
      await startOver();
      const answer = await asTenant(app, as, fn, { signal });
      deps.feed.wake();

      return answer;
    },
    once: operation.seat?.once ?? ((_key, work) => work(signal)),
    seat: operation.seat,
    forEvent: (ofEvent) => createOperationContext(deps, identity, { kind: 'query', signal: ofEvent }),
    dispose: () => reading.end(),
  };

  return context;
}

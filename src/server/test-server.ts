/** For the tests of this folder: a real server on a free port, over a small schema whose fields are named after what they do. */
import {
  createSourceEventStream,
  execute,
  GraphQLError,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { asTenant } from '../db/client.ts';
import { type ActivityRow, recordActivity } from '../db/queries/activity.ts';
import { createFeed, type Feed, type FeedEvent } from '../live/feed.ts';
import type { Seat } from '../live/seat.ts';
import { systemClock } from '../model/clock.ts';
import type { Identity } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { createApiKey, type NewApiKey, revokeApiKey } from './api-keys.ts';
import type { Results } from './line.ts';
import type { OperationContext } from './operations.ts';
import { type Server, type ServerOptions, startServer } from './server.ts';
import type { Subscribe } from './subscriptions.ts';

export interface TestServer {
  readonly server: Server;
  readonly database: TestDatabase;
  readonly feed: Feed;
  readonly tenantId: string;
  readonly key: string;
  /** What the server logged. */
  readonly logged: readonly { readonly facts: Record<string, unknown>; readonly message: string }[];
  /** Contexts that were made and not disposed of yet, by kind. */
  readonly contexts: readonly string[];
  /** Lets `slow` answer. */
  release(): void;
  /** Resolves when somebody waits for `slow`. */
  readonly slowAsked: Promise<void>;
  /** How many events have been executed. */
  executions(): number;
  /** For all schools of the tenant unless told otherwise. */
  makeKey(options?: Partial<NewApiKey>): Promise<{ id: string; key: string }>;
  revoke(id: string): Promise<void>;
  /** Commits an activity row and answers its id. */
  commit(row?: Partial<ActivityRow>): Promise<string>;
  /** Commits so many rows together and answers their ids in order. */
  commitMany(count: number): Promise<string[]>;
  close(): Promise<void>;
}

interface Context extends OperationContext {
  readonly identity: Identity;
  readonly seat: Seat | undefined;
}

/** What the feed tells is told to all alike. `executed` is called for each event that is. */
function subscribeWith(executed: () => void): Subscribe {
  return async (args, tell) => {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source[Symbol.asyncIterator]();
    const run = async (event: unknown) => {
      executed();
      return execute({ ...args, rootValue: event });
    };
    const results: Results = {
      async next() {
        const { done, value } = await events.next();
        if (done) return { done, value: undefined };
        const { cursor, to, row } = value as { cursor?: string; to?: string; row?: { ids: readonly string[] } };
        const key = cursor && `${cursor} ${row?.ids.join()}`;
        return { done: false, value: { told: await tell(() => run(value), key), cursor: cursor ?? to ?? '' } };
      },
      async return() {
        await events.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => results,
    };
    return results;
  };
}

export async function openTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const database = await freshDatabase();
  const tenantId = newId();
  const as = { tenantId, schoolIds: null, actor: 'test' };
  await asTenant(database.app, as, (tx) => tx`insert into tenant (id, name) values (${tenantId}, 'Test')`);
  const logged: { facts: Record<string, unknown>; message: string }[] = [];
  const note = (facts: object, message: string) => void logged.push({ facts: { ...facts }, message });
  const log = { info: note, warn: note, error: note } as ServerOptions['log'];
  const feed = await createFeed({ system: database.system, listen: database.system, log });
  const released = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const contexts: string[] = [];
  let executions = 0;

  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    schema: testSchema(feed, async () => {
      asked.resolve();
      await released.promise;
    }),
    subscribe: subscribeWith(() => (executions += 1)),
    createContext: (identity, { kind, seat }): Context => {
      contexts.push(kind);
      return { identity, seat, dispose: async () => void contexts.splice(contexts.indexOf(kind), 1) };
    },
    system: database.system,
    app: database.app,
    clock: systemClock,
    log,
    keyCacheMs: 0,
    ...options,
  }).catch(async (error: unknown) => {
    await feed.close();
    await database.drop();
    throw error;
  });

  const makeKey = (key: Partial<NewApiKey> = {}) =>
    asTenant(database.app, as, (tx) =>
      createApiKey(tx, { tenantId, name: 'Wall', scopes: ['roster:read'], schoolIds: null, ...key }, systemClock),
    );
  const { key } = await makeKey();

  return {
    server,
    database,
    feed,
    tenantId,
    key,
    logged,
    contexts,
    release: released.resolve,
    slowAsked: asked.promise,
    executions: () => executions,
    makeKey,
    revoke: (id) => asTenant(database.app, as, (tx) => revokeApiKey(tx, id, systemClock)),
    async commitMany(count) {
      const rows: ActivityRow[] = Array.from({ length: count }, () => {
        return { tenantId, schoolId: null, kind: 'log', ids: [newId()] };
      });
      await asTenant(database.app, as, (tx) => recordActivity(tx, rows));
      feed.wake();
      return rows.flatMap(({ ids }) => ids);
    },
    async commit(row = {}) {
      const id = newId();
      const full: ActivityRow = { tenantId, schoolId: null, kind: 'log', ids: [id], ...row };
      await asTenant(database.app, as, (tx) => recordActivity(tx, [full]));
      feed.wake();
      return id;
    },
    async close() {
      released.resolve();
      await server.close();
      await feed.close();
      await database.drop();
    },
  };
}

interface FollowsArgs {
  readonly after?: string;
  readonly together?: number;
}

const text = new GraphQLNonNull(GraphQLString);

function testSchema(feed: Feed, slow: () => Promise<void>): GraphQLSchema {
  const event = new GraphQLObjectType<FeedEvent, Context>({
    name: 'Event',
    fields: {
      type: { type: text },
      cursor: { type: GraphQLString },
      reason: { type: GraphQLString },
      rights: { type: text, resolve: (_told, _args, { identity }) => JSON.stringify(identity.schoolIds) },
      id: { type: GraphQLString, resolve: (told) => (told.type === 'activity' ? told.row.ids[0] : null) },
      ids: { type: new GraphQLList(text), resolve: (told) => (told.type === 'activity' ? told.row.ids : []) },
      padding: {
        type: text,
        args: { size: { type: new GraphQLNonNull(GraphQLInt) } },
        resolve: (_told, { size }: { size: number }) => 'x'.repeat(size),
      },
    },
  });

  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        hello: { type: text, resolve: () => 'world' },
        caller: { type: text, resolve: (_root, _args, { identity }: Context) => identity.actor.name },
        echo: { type: text, args: { text: { type: text } }, resolve: (_root, args: { text: string }) => args.text },
        fails: {
          type: GraphQLString,
          resolve: () => Promise.reject(new Error('select secret from vault where password = 42')),
        },
        refuses: {
          type: GraphQLString,
          resolve: () => {
            throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN', scopes: ['sync:run'] } });
          },
        },
        mistyped: { type: GraphQLInt, resolve: () => 'not a number: 12 Elm Street' },
        slow: { type: text, resolve: () => slow().then(() => 'at last') },
      },
    }),
    mutation: new GraphQLObjectType({
      name: 'Mutation',
      fields: { change: { type: text, resolve: () => 'changed' } },
    }),
    subscription: new GraphQLObjectType<unknown, Context>({
      name: 'Subscription',
      fields: {
        counts: {
          type: new GraphQLNonNull(GraphQLInt),
          args: { to: { type: new GraphQLNonNull(GraphQLInt) } },
          subscribe: async function* (_root, { to }: { to: number }) {
            for (let count = 1; count <= to; count += 1) yield count;
          },
          resolve: (count) => count,
        },
        breaks: {
          type: new GraphQLNonNull(GraphQLInt),
          subscribe: async function* () {
            yield 1;
            throw new Error('select secret from vault');
          },
          resolve: (count) => count,
        },
        refused: {
          type: GraphQLString,
          subscribe: () => Promise.reject(new GraphQLError('Nothing there.', { extensions: { code: 'NOT_FOUND' } })),
        },
        follows: {
          type: event,
          args: { after: { type: GraphQLString }, together: { type: GraphQLInt } },
          subscribe: (_root, { after, together }: FollowsArgs, { identity, seat }: Context) => {
            const { signal } = new AbortController();
            const { tenantId, schoolIds } = identity;
            const from = seat?.resume ?? (after && { after });
            const what = { tenantId, schoolIds, ...(together && { together }) };
            const following = feed.follow({ ...what, signal, patienceMs: 0, ...from });
            seat?.follows(following, JSON.stringify(what));
            return following;
          },
          resolve: (told) => told,
        },
      },
    }),
  });
}

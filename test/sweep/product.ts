/**
 * The product in this process, as `homeroom serve` wires it, behind a real port: a small pool that everybody's operations share,
 * statements that can be counted, and a key for whoever is to call. Nothing is outside: what calls a provider finds nobody.
 */
import { randomBytes } from 'node:crypto';
import { connectors } from '../../src/connectors/index.ts';
import { asTenant, type Sql } from '../../src/db/client.ts';
import { seedTenant } from '../../src/db/seed.ts';
import { createFeed, type Feed } from '../../src/live/feed.ts';
import { type Clock, systemClock } from '../../src/model/clock.ts';
import { scopes } from '../../src/model/identity.ts';
import { type Context, createOperationContext, type SchemaDeps } from '../../src/schema/context.ts';
import { schema } from '../../src/schema/index.ts';
import { createSignedLinks } from '../../src/schema/signed-links.ts';
import { createApiKey } from '../../src/server/api-keys.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import { engineApi } from '../../src/sync/api.ts';
import { createWebhooks } from '../../src/sync/webhooks.ts';
import { freshDatabase, type TestDatabase } from '../harness/database.ts';
import { makeTestEngine } from '../harness/worker.ts';

type MakeContext = (...args: Parameters<typeof createOperationContext>) => Context;

export interface ProductOptions {
  /** Connections that all operations share. */
  readonly connections: number;
  /** Whether statements are counted, which costs the driver a stack for each. */
  readonly counted?: boolean;
  /** Takes the place of the product's own, for a product that is broken on purpose. */
  readonly createContext?: MakeContext;
}

export interface Product {
  readonly server: Server;
  readonly database: TestDatabase;
  readonly feed: Feed;
  /** If they are counted: what operations asked the database, without the frames of their transactions; whoever reads it may empty it. */
  readonly statements: string[];
  /** What was logged as an error. */
  readonly errors: string[];
  /** The secret of a new key with all scopes. @param schoolIds null: every school of the tenant. */
  key(tenantId: string, schoolIds: readonly string[] | null): Promise<{ id: string; key: string }>;
  tenant(name: string): ReturnType<typeof seedTenant>;
  close(): Promise<void>;
}

/** Of a transaction: what begins it, ends it, and says whose it is. */
const frame = /^\s*(begin|commit|rollback|savepoint|release|set local|select\s+set_config)/i;

/** Far more than anybody here spends: the limits that are meant to bite have tests of their own. */
const plenty = { capacity: 100_000_000, perSecond: 10_000_000 };

export async function openProduct({ connections, counted = false, createContext }: ProductOptions): Promise<Product> {
  const database = await freshDatabase();
  const statements: string[] = [];
  const errors: string[] = [];
  const app = database.connect('app', {
    max: connections,
    ...(counted && {
      debug: (_connection, query) => {
        if (!frame.test(query)) statements.push(query);
      },
    }),
  });
  const quiet = () => undefined;
  const error = (facts: object, message: string) => void errors.push(`${message} ${describe(facts)}`);
  const log = { info: quiet, warn: quiet, error } as never;
  const feed = await createFeed({ system: database.system, listen: database.connect('system', { max: 1 }), log });
  const { deps, reports, exports, engine } = wire(app, feed, () => server.url);
  const make = createContext ?? createOperationContext;
  const server: Server = await startServer({
    host: '127.0.0.1',
    port: 0,
    schema,
    createContext: (identity, operation) => make(deps, identity, operation),
    system: database.system,
    app,
    clock: systemClock,
    log,
    reports: { app, links: reports },
    exports: { links: exports },
    webhooks: createWebhooks(engine, database.system),
    limits: { callerPoints: plenty, tenantPoints: plenty, connectionsPerCaller: 500, connectionsPerTenant: 500 },
  });

  return {
    server,
    database,
    feed,
    statements,
    errors,
    tenant: (name) => seedTenant(database.app, { name }),
    async key(tenantId, schoolIds) {
      const wanted = { tenantId, name: `Key of ${schoolIds?.join() ?? tenantId}`, scopes, schoolIds };
      const as = { tenantId, schoolIds: null, actor: 'test' };
      return asTenant(database.app, as, (tx) => createApiKey(tx, wanted, systemClock));
    },
    async close() {
      await server.close();
      await feed.close();
      await database.drop();
    },
  };
}

function wire(app: Sql, feed: Feed, baseUrl: () => string) {
  const masterKey = randomBytes(32);
  // It stands still: what tells of the time of an answer is the same in two of them.
  const now = new Date();
  const clock: Clock = { now: () => new Date(now) };
  const engine = makeTestEngine({ db: app, connectors, clock, masterKey, allowedHosts: [] });
  const signing = { masterKey, base: baseUrl, clock };
  const reports = createSignedLinks('reports', signing);
  const exports = createSignedLinks('exports', signing);
  const deps: SchemaDeps = {
    app,
    clock,
    feed,
    connectors,
    sync: engineApi(engine, app),
    reports,
    exports,
    apiKeys: { create: (tx, wanted) => createApiKey(tx, wanted, clock) },
    issuersOf: () => [issuer],
    baseUrl,
  };

  return { deps, reports, exports, engine };
}

/** Where everybody's people may sign in. Nobody does. */
export const issuer = 'https://login.example';

function describe(facts: object): string {
  const { err } = facts as { err?: Error };

  return err ? (err.stack ?? String(err)) : JSON.stringify(facts);
}

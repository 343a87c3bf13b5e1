/** The parts a process is made of, each opened in turn and closed in reverse at its end. */

import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { connectors } from '../connectors/index.ts';
import { type Jobs, openJobs } from '../db/jobs.ts';
import type { Database } from '../db/open.ts';
import { createVault } from '../db/vault.ts';
import type { Lifetime } from '../lifetime.ts';
import { createFeed } from '../live/feed.ts';
import { createWake } from '../live/wake.ts';
import type { Logger } from '../log.ts';
import { systemClock } from '../model/clock.ts';
import { createOperationContext, type SchemaDeps } from '../schema/context.ts';
import { schema } from '../schema/index.ts';
import { createSignedLinks } from '../schema/signed-links.ts';
import { createApiKey } from '../server/api-keys.ts';
import type { GraphiqlOptions } from '../server/graphiql.ts';
import type { Limits } from '../server/limits.ts';
import { issuersOf } from '../server/oidc/trusted-issuer.ts';
import { startServer } from '../server/server.ts';
import { engineApi } from '../sync/api.ts';
import type { Engine } from '../sync/engine.ts';
import { outbound } from '../sync/outbound.ts';
import { createWebhooks } from '../sync/webhooks.ts';
import { quickAtOnce, startWorker } from '../sync/worker.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { openSignIn } from './sign-in.ts';

/** What every command works with. */
export interface Process {
  readonly config: Config;
  readonly log: Logger;
  readonly lifetime: Lifetime;
  readonly database: Database;
  /** Reads or makes the key that credentials are sealed with. */
  masterKey(): Promise<Buffer>;
  /** Reads the documents that clients may name. */
  trustedDocuments(): Promise<ReadonlyMap<string, string>>;
}

export interface EngineParts {
  engine: Engine;
  jobs: Jobs;
}

/** Connections a run needs: one to read a cursor of differences, one to write, one to show that it lives. */
const perRun = 3;

/** The engine on connections of the given role: *worker* carries runs out, *app* only answers what people ask. */
async function openEngine(process: Process, role: 'app' | 'worker'): Promise<EngineParts> {
  const { config, log, lifetime, database } = process;
  const works = role === 'worker';
  const db = await database.pool(role, {
    max: works ? (config.workerConcurrency + quickAtOnce) * perRun + 2 : 4,
    name: `engine-${role}`,
  });
  const system = await database.pool('system', { max: 4, name: 'jobs' });
  const listener = await database.pool('system', { max: 1, name: 'jobs-listen' });
  const jobs = await openJobs({ system, listener, supervise: works, log });
  if (!works) lifetime.onEnd('jobs', () => jobs.stop());
  const wake = createWake(system, log);
  lifetime.onEnd('wake', () => wake.close());
  const vault = createVault({ masterKey: await process.masterKey() });
  lifetime.onEnd('vault', async () => vault.close());
  const engine: Engine = {
    db,
    connectors,
    vault,
    clock: systemClock,
    log,
    enqueue: jobs.enqueue,
    http: outbound(db, config.allowedHosts),
    wake,
    random: Math.random,
  };

  return { engine, jobs };
}

/** Takes runs and carries them out, until the process ends. */
export async function openWorker(process: Process): Promise<void> {
  const { engine, jobs } = await openEngine(process, 'worker');
  const system = await process.database.pool('system', { max: 2, name: 'worker' });
  const worker = await startWorker({ engine, jobs, system, concurrency: process.config.workerConcurrency });
  process.lifetime.onEnd('worker', () => worker.stop());
  process.log.info({ concurrency: process.config.workerConcurrency }, 'worker is ready');
}

export interface Gateway {
  url: string;
}

export interface GatewayOptions {
  /** What is counted here; left out: nothing is. */
  metrics?: Metrics | undefined;
  graphiql?: Omit<GraphiqlOptions, 'operationsDir'>;
}

const operationsDir = fileURLToPath(new URL('../../examples/operations', import.meta.url));

/** Seconds of points that may be saved up. */
const savedUp = 10;

function limitsOf({ points, connections }: Config): Partial<Limits> {
  const bucket = (perSecond: number) => ({ capacity: perSecond * savedUp, perSecond });

  return {
    callerPoints: bucket(points.perCaller),
    tenantPoints: bucket(points.perTenant),
    connectionsPerCaller: connections.perCaller,
    connectionsPerPerson: connections.perPerson,
    connectionsPerTenant: connections.perTenant,
  };
}

/** Serves the API, until the process ends. The demo fills its key into GraphiQL. */
export async function openGateway(process: Process, options: GatewayOptions = {}): Promise<Gateway> {
  const { config, log, lifetime, database } = process;
  const { engine } = await openEngine(process, 'app');
  const app = await database.pool('app', { max: 20 });
  const system = await database.pool('system', { max: 6, name: 'gateway' });
  const listen = await database.pool('system', { max: 1, name: 'gateway-listen' });
  const feed = await createFeed({ system, listen, log });
  lifetime.onEnd('feed', () => feed.close());
  const { metrics } = options;
  // Without an address for others, the one it listens at; nobody can ask before it does.
  const baseUrl = () => config.publicUrl ?? server.url;
  const signing = { masterKey: await process.masterKey(), base: baseUrl, clock: systemClock };
  const reports = createSignedLinks('reports', signing);
  const exports = createSignedLinks('exports', signing);
  const deps: SchemaDeps = {
    app,
    clock: systemClock,
    feed,
    connectors,
    sync: engineApi(engine, engine.db),
    reports,
    exports,
    apiKeys: { create: (tx, wanted) => createApiKey(tx, wanted, systemClock) },
    issuersOf: (tenantId) => issuersOf(config.issuers, tenantId),
    baseUrl,
  };
  const server = await startServer({
    host: config.host,
    port: config.port,
    schema,
    createContext: (identity, operation) => createOperationContext(deps, identity, operation),
    system,
    app,
    clock: systemClock,
    log,
    limits: limitsOf(config),
    corsOrigins: config.corsOrigins,
    reports: { app, links: reports },
    exports: { links: exports },
    webhooks: createWebhooks(engine, system),
    trustedDocuments: { documents: await process.trustedDocuments(), only: config.trustedDocuments.only },
    ...(config.issuers.length > 0 && { signIn: openSignIn(process) }),
    metrics: metrics && config.metrics ? { ...metrics, key: config.metrics.key } : undefined,
    graphiql: config.graphiql ? { operationsDir, ...options.graphiql } : null,
  });
  lifetime.onEnd('server', () => server.close());
  metrics?.gauge('homeroom_live_subscriptions', 'Subscriptions that are open at this process.', [], async () => [
    { value: server.subscriptions() },
  ]);
  metrics?.gauge('homeroom_export_transfers', 'Exports that this process is handing over.', [], async () => [
    { value: server.transfers() },
  ]);

  return { url: server.url };
}

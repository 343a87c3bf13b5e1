/** The HTTP server: one port, its doors, and how it closes without cutting anybody off. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { BaseLogger } from 'pino';
import type { Sql } from '../db/client.ts';
import type { Clock } from '../model/clock.ts';
import { subscribe as subscribeToEvents } from '../schema/subscribe.ts';
import type { Webhooks } from '../sync/webhooks.ts';
import { createApiKeys } from './api-keys.ts';
import { createAuthenticator } from './authenticator.ts';
import { createCallers, startWatch } from './caller.ts';
import { allowOrigin, answerPreflight } from './cors.ts';
import { limitDocuments } from './document-limits.ts';
import { createErrorMask } from './errors.ts';
import { createExports, type ExportOptions, exportsPath } from './exports.ts';
import { createGraphiql, type GraphiqlOptions } from './graphiql.ts';
import { createGraphqlHttp, type Door } from './graphql-http.ts';
import { createReadiness } from './health.ts';
import { createLastUse } from './last-use.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { createMetricsDoor, type MetricsOptions, metricsPath } from './metrics.ts';
import { createMembers } from './oidc/members.ts';
import { createTokens, type TokensOptions } from './oidc/tokens.ts';
import { type CreateContext, createOperations, type ServerContext } from './operations.ts';
import { createPlaces } from './places.ts';
import { sendJson } from './reply.ts';
import { createReports, type ReportOptions, reportsPath } from './reports.ts';
import type { Subscribe } from './subscriptions.ts';
import { createToll } from './toll.ts';
import { createFindDocument, type TrustedDocumentsOptions, trustDocuments } from './trusted-documents.ts';
import { createWebhookDoor, webhooksPath } from './webhooks.ts';
import { createWebSockets } from './websocket.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly createContext: CreateContext;
  /** Runs subscriptions. Left out: as the product's schema has it, each event with a context of its own. */
  readonly subscribe?: Subscribe;
  /** The pool of the role that looks up keys. */
  readonly system: Sql;
  /** The pool of the role that serves requests. */
  readonly app: Sql;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'info' | 'warn' | 'error'>;
  /** Origins, such as `https://school.example`, whose pages may call us. */
  readonly corsOrigins?: readonly string[];
  /** The page to try operations out in; null or left out: not served. */
  readonly graphiql?: GraphiqlOptions | null;
  /** Links to reports, and what reads them; left out: there are none. */
  readonly reports?: ReportOptions;
  /** Links to exports; left out: there are none. */
  readonly exports?: ExportOptions;
  /** For the operator's Prometheus; left out: nothing is told. */
  readonly metrics?: MetricsOptions | undefined;
  /** What is done when a provider rings; left out: nobody can. */
  readonly webhooks?: Webhooks;
  /** Documents that clients may name instead of sending them; left out: none. */
  readonly trustedDocuments?: TrustedDocumentsOptions;
  /** Whose access tokens open the API, and how their issuers are asked; left out: none do. */
  readonly signIn?: Pick<TokensOptions, 'trusted' | 'fetch'>;
  /** Milliseconds a key or a member is believed without asking the database. Default 5 seconds. */
  readonly keyCacheMs?: number;
  readonly limits?: Partial<Limits>;
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

export interface Server {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** How many subscriptions are being told, over whichever door. */
  subscriptions(): number;
  /** How many exports are being handed over. */
  transfers(): number;
  /**
   * Takes no new connections, tells subscribers to come back elsewhere, and after how many milliseconds, each others
   * (WebSockets by 1001 and its reason, streams of events by `retry`), lets what is under way finish for up to 25 seconds,
   * and then ends it.
   */
  close(): Promise<void>;
}

/** For all answers; a page adds its own. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-site',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** Resolves when it listens. @throws what listening throws: the port is taken, the address is not ours. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { system, clock, log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const origins = new Set(options.corsOrigins);
  const { keyCacheMs: cacheMs = 5_000 } = options;
  const lastUse = createLastUse(log);
  const kinds = [createApiKeys({ system, clock, lastUse, cacheMs })];
  if (options.signIn !== undefined) {
    const tokens = createTokens({ ...options.signIn, clock, log });
    kinds.push(createMembers({ tokens, app: options.app, clock, lastUse, cacheMs }));
  }
  const authenticator = createAuthenticator(kinds, clock);
  const findCaller = createCallers(authenticator);
  const watch = startWatch(limits.recheckMs, log);
  const mask = createErrorMask(log);
  const places = createPlaces({
    perCaller: limits.connectionsPerCaller,
    perPerson: limits.connectionsPerPerson,
    perTenant: limits.connectionsPerTenant,
  });
  const { random = Math.random } = options;
  // Never at once: the next gateway may still be starting.
  const comeBackMs = () => Math.round(limits.comeBackMs * (0.1 + 0.9 * random()));
  const subscribe = options.subscribe ?? subscribeToEvents;
  const { operationPoints: perOperation, callerPoints: perCaller, tenantPoints: perTenant } = limits;
  const toll = createToll({ app: options.app, perOperation, perCaller, perTenant });
  const findDocument = createFindDocument(options.trustedDocuments ?? { documents: new Map(), only: false });
  const operations = createOperations({ createContext: options.createContext, subscribe, mask, toll, limits, log });
  const yoga = createYoga<ServerContext>({
    schema: options.schema,
    plugins: [trustDocuments(findDocument), limitDocuments(limits.document), operations.plugin],
    // Each of these has a door, a limit or a mask of ours instead.
    maskedErrors: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    // The door counts the bytes; counting again would take a third of a small query.
    maxRequestBodySize: false,
    fetchAPI: { Response },
  });
  const graphiql = options.graphiql ? createGraphiql(options.graphiql) : null;
  const sockets = createWebSockets({ yoga, findDocument, findCaller, watch, places, mask, limits, comeBackMs, log });
  const exports = options.exports && createExports({ ...options.exports, app: options.app, clock, watch, limits });
  const isReady = createReadiness(system, log);
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  const doors: Readonly<Record<string, Door>> = {
    '/graphql': createGraphqlHttp({ yoga, findCaller, watch, places, graphiql, limits, comeBackMs }),
    ...(options.metrics && { [metricsPath]: createMetricsDoor(options.metrics) }),
    '/health': async ({ response }) => sendJson(response, 200, { status: 'ok' }),
    async '/ready'({ response }) {
      const ready = !closing.signal.aborted && (await isReady());
      sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready' });
    },
  };
  /** Doors to all that begins with a path. */
  const behind: readonly (readonly [path: string, door: Door])[] = [
    ...(options.reports ? [[reportsPath, createReports(options.reports)] as const] : []),
    ...(exports ? [[exportsPath, exports.door] as const] : []),
    ...(options.webhooks
      ? [[webhooksPath, createWebhookDoor({ webhooks: options.webhooks, limits, log })] as const]
      : []),
  ];
  const notFound: Door = async ({ response }) =>
    sendJson(response, 404, { error: 'There is nothing at this address.' });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    response.setHeader('x-request-id', requestId);
    if (closing.signal.aborted) response.setHeader('connection', 'close');
    allowOrigin(request, response, origins);
    if (request.method === 'OPTIONS') return answerPreflight(response);

    const path = pathOf(request);
    const door = doors[path] ?? behind.find(([begin]) => path.startsWith(begin))?.[1] ?? notFound;
    try {
      await door({ request, response, requestId, signal: closing.signal });
    } catch (error) {
      // A client that left while it was sending is no trouble of ours.
      if (response.destroyed || request.socket.destroyed) return;
      const { message, extensions } = mask(error, requestId);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { errors: [{ message, extensions }] });
    }
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (closing.signal.aborted) return refuseUpgrade(socket, 503);
    if (pathOf(request) !== '/graphql') return refuseUpgrade(socket, 404);
    sockets.upgrade(request, socket, head);
  }

  const http = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    const work = answer(request, response).finally(() => underWay.delete(work));
    underWay.add(work);
  });
  http.on('upgrade', upgrade);
  http.listen(options.port, options.host);
  try {
    await once(http, 'listening');
  } catch (error) {
    watch.close();
    throw error;
  }

  async function close(): Promise<void> {
    closing.abort();
    watch.close();
    const closed = once(http, 'close');
    http.close();
    const quiet = Promise.all([sockets.close(), Promise.all(underWay), operations.idle()]);
    if (!(await inTime(quiet, limits.drainMs))) log.warn({}, 'what was under way took too long and was ended');
    http.closeAllConnections();
    await closed;
    await authenticator.close();
  }

  let closed: Promise<void> | undefined;
  return {
    url: urlOf(http.address() as AddressInfo),
    subscriptions: operations.subscriptions,
    transfers: () => exports?.transfers() ?? 0,
    close: () => (closed ??= close()),
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** False when the milliseconds were over first. */
async function inTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(late.resolve, ms, false);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A SIS that speaks OneRoster 1.1 and 1.2 over REST, on loopback: strict where the standard is, quirky where told to be. */

import { type Life, startLife } from '../district/life.ts';
import { createSis, type Sis } from '../district/sis.ts';
import { createClock } from '../kit/clock.ts';
import type { Answer, SimulatorRequest } from '../kit/exchange.ts';
import type { Route } from '../kit/routes.ts';
import { type Simulator, startSimulator } from '../kit/server.ts';
import { createAccess } from './access.ts';
import { controlActs, type Prerender } from './control.ts';
import { type Endpoint, endpoints } from './endpoints.ts';
import { errorAnswer, problemOf, RequestProblem } from './errors.ts';
import { createVerifier } from './oauth1.ts';
import type { OneRosterClient, OneRosterOptions, Version } from './options.ts';
import { createReader } from './reading.ts';
import { openTokenDesk } from './token.ts';
import { createView, type View } from './view.ts';

export interface OneRosterSimulator extends Simulator {
  sis: Sis;
  life: Life;
  /** `http://127.0.0.1:<port>/ims/oneroster/v1p1` and 1.2's, for the versions it serves. */
  baseUrls: Partial<Record<Version, string>>;
  tokenUrl: string;
  /** Every token given so far is worth nothing any more. */
  revokeTokens(): void;
  prerenderedPages: Prerender;
}

interface Base {
  version: Version;
  path: string;
}

/** Starts the simulator. Rejects when the port is taken. */
export async function startOneRosterSimulator(options: OneRosterOptions): Promise<OneRosterSimulator> {
  const { clients, versions = ['1.1', '1.2'], prefix = '', nested = true, errors = 'standard', token = {} } = options;
  const clock = options.clock ?? createClock();
  const quirks = new Set(options.quirks);
  const sis = createSis(options.district, clock);
  const life = startLife(sis, options.lifeSeed ?? 'district');
  const desk = openTokenDesk(clients, versions, token, clock);
  const admit = createAccess(desk, createVerifier(clients, clock));
  const reader = createReader({ ...options, quirks, sis });
  const views = new Map<OneRosterClient, View>();
  const bases = basesOf(versions, prefix);
  const tokenPath = prefix + (token.path ?? '/oauth2/token');

  const viewOf = (client: OneRosterClient) => {
    const view = views.get(client) ?? createView(sis, client.orgs, quirks.has('one-user-per-school'));
    views.set(client, view);
    return view;
  };
  const versionAt = (path: string) => bases.find((base) => path.startsWith(`${base.path}/`))?.version ?? versions[0];
  const refuse = (request: SimulatorRequest, problem: RequestProblem['problem']) =>
    errorAnswer(problem, errors, versionAt(request.path) ?? '1.1');

  const read =
    (endpoint: Endpoint) =>
    (request: SimulatorRequest): Answer => {
      const base = bases.find(({ path }) => path === `/${request.params.base}`);
      if (!base) return refuse(request, problemOf(404));
      try {
        const client = admit(request, base.version, endpoint.reading);
        const { params, query, origin, path } = request;
        const reading = {
          endpoint,
          version: base.version,
          base: base.path,
          params,
          query,
          origin,
          path,
          view: viewOf(client),
        };
        return endpoint.single === undefined ? reader.collection(reading) : reader.single(reading);
      } catch (error) {
        if (error instanceof RequestProblem) return refuse(request, error.problem);
        throw error;
      }
    };

  const routes: Route[] = [
    ...tokenRoutes(tokenPath, desk.answer, quirks.has('token-redirect')),
    ...endpoints
      .filter(({ parent }) => nested || parent === undefined)
      .map(
        (endpoint): Route => ({
          name: endpoint.name,
          method: 'GET',
          path: `/{+base}${endpoint.path}`,
          handler: read(endpoint),
        }),
      ),
  ];

  const addresses = (origin: string) => ({
    baseUrls: Object.fromEntries(bases.slice(0, versions.length).map(({ version, path }) => [version, origin + path])),
    tokenUrl: origin + tokenPath,
  });
  const simulator: Simulator = await startSimulator({
    name: 'OneRoster',
    routes,
    clock,
    ...(options.port !== undefined && { port: options.port }),
    unknownRoute: (request) => refuse(request, problemOf(request.method === 'GET' ? 404 : 405)),
    statusAnswer: (status, request) =>
      request.path === tokenPath ? { status, json: { error: 'server_error' } } : refuse(request, problemOf(status)),
    providerAnswers: { 'too-many-in-html': tooManyInHtml },
    state: () => ({ ...addresses(simulator.origin), clients: clients.map(({ id }) => id), revision: sis.revision() }),
    acts: controlActs({ sis, life, desk, prerender: (...asked) => prerenderedPages(...asked) }),
  });

  const prerenderedPages: Prerender = (collection, pageSize, { version = versions[0], query = {}, client } = {}) => {
    const endpoint = endpoints.find((one) => one.path === `/${collection}`);
    const base = bases.find((one) => one.version === version);
    const reads = client === undefined ? clients[0] : clients.find(({ id }) => id === client);
    if (!endpoint || !base || !reads) throw new RangeError('There is no such version or client');

    return reader.prerender({
      endpoint,
      version: base.version,
      base: base.path,
      params: {},
      query: new URLSearchParams({ ...query, limit: String(pageSize) }),
      origin: simulator.origin,
      path: base.path + endpoint.path,
      view: viewOf(reads),
    });
  };

  return {
    ...simulator,
    ...addresses(simulator.origin),
    sis,
    life,
    revokeTokens: desk.revokeAll,
    prerenderedPages,
  };
}

/** The versions' own paths first; home-grown servers serve 1.1 under the path of 1.0 as well. */
function basesOf(versions: readonly Version[], prefix: string): Base[] {
  const paths: Record<Version, string> = { '1.1': '/ims/oneroster/v1p1', '1.2': '/ims/oneroster/rostering/v1p2' };
  const own = versions.map((version) => ({ version, path: prefix + paths[version] }));
  return versions.includes('1.1') ? [...own, { version: '1.1', path: `${prefix}/learningdata/v1` }] : own;
}

function tokenRoutes(path: string, handler: (request: SimulatorRequest) => Answer, redirected: boolean): Route[] {
  const route = { method: 'POST', writes: false } as const;
  if (!redirected) return [{ ...route, name: 'token', path, handler }];

  const moved = `${path}-moved`;
  const redirect = ({ origin }: SimulatorRequest): Answer => ({
    status: 307,
    headers: { location: origin.replace('127.0.0.1', 'localhost') + moved },
  });
  return [
    { ...route, name: 'token', path, handler: redirect },
    { ...route, name: 'tokenMoved', path: moved, handler },
  ];
}

/** What a rate limiter in front of the API answers, which knows nothing of OneRoster. */
function tooManyInHtml(): Answer {
  return {
    status: 429,
    headers: { 'content-type': 'text/html; charset=utf-8', 'retry-after': '58' },
    text: '<!doctype html><title>429</title><h1>Too Many Requests</h1>',
  };
}

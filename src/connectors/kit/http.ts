/** The one door to the outside. Addresses are judged, answers bounded in size and time, quotas drawn from first. */
import { createHash } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { STATUS_CODES } from 'node:http';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { type ProviderCallFacts, providerCalls } from '../../model/telemetry.ts';
import { hostAndPort, isPublicAddress, judgeUrl, notPublicHost } from './address.ts';
import { readBody } from './body.ts';
import type { Http, Limit } from './contract.ts';
import { SetupProblem, UnexpectedShape } from './errors.ts';
import { problemOfFailure } from './failures.ts';
import { makeQuotas, type TakeCalls } from './limits.ts';
import type { Sleep } from './retry.ts';

/** Milliseconds. */
export interface Timeouts {
  connect: number;
  headers: number;
  /** Between two pieces of the body. */
  idle: number;
  /** From the first byte sent to the last one received, redirects included; not the wait for a quota. */
  total: number;
}

const defaultTimeouts: Timeouts = { connect: 5_000, headers: 15_000, idle: 30_000, total: 60_000 };

export interface HttpOptions {
  /** The connector's id, for operators who measure. */
  provider?: string;
  /** `host:port` pairs an operator allows although they are private, speak plain HTTP or use another port. */
  allowedHosts: readonly string[];
  limits: readonly Limit[];
  quotaKeys: Readonly<Record<string, string>>;
  takeCalls: TakeCalls;
  /** Ends every call, also one that waits for its quota. */
  signal?: AbortSignal;
  /** Asked right before each call, after its wait for a quota; what it rejects with is thrown, and nothing is sent. */
  permit?: (() => Promise<void>) | undefined;
  timeouts?: Partial<Timeouts>;
  /** Bytes of a body at most, after decompression. Default 20 MiB. */
  largestBody?: number;
  /** All addresses of a host. Default: the system's resolver. */
  resolve?: Resolve;
  sleep?: Sleep;
}

export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export interface ClosableHttp extends Http {
  /** Ends idle connections and waits for calls under way. */
  close(): Promise<void>;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 3;
/** Set by the client itself, from what it really sends. */
const ownHeaders = ['connection', 'content-length', 'host', 'transfer-encoding'];
const bodies = new WeakMap<Response, readonly Uint8Array[]>();

/**
 * Reads that are redirected (`redirect: 'follow'`, the default) go on within their origin, three times at most, elsewhere
 * never: a `SetupProblem`. Writes, and anything with `redirect: 'manual'`, get the redirect itself as their answer.
 * A body beyond the bound, or one that does not decompress, is an `UnexpectedShape`.
 */
export function makeHttp(options: HttpOptions): ClosableHttp {
  const { provider = 'unknown', limits, quotaKeys, takeCalls, sleep, largestBody = 20 * 2 ** 20 } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const allowedHosts = new Set(options.allowedHosts.map((pair) => pair.toLowerCase()));
  const quotas = makeQuotas({ limits, quotaKeys, takeCalls, sleep });
  const agent = makeAgent(allowedHosts, timeouts, options.resolve ?? ((host) => lookup(host, { all: true })));

  const callOnce = async (url: URL, asked: Request, body: Uint8Array | undefined, signal: AbortSignal) => {
    const headers = Object.fromEntries(asked.headers);
    for (const name of ownHeaders) delete headers[name];
    headers['user-agent'] ??= 'Homeroom';
    headers['accept-encoding'] ??= 'gzip, deflate, br';
    const { method } = asked;
    const facts: ProviderCallFacts = { provider, method, status: null };
    const call = async () => {
      const answer = await request(url, { dispatcher: agent, method, headers, body: body ?? null, signal });
      facts.status = answer.statusCode;

      return makeResponse(url, answer, await readBody(answer.body, answer.headers['content-encoding'], largestBody));
    };

    return providerCalls.tracePromise(call, facts);
  };

  const fetch = async (given: string | URL, init: RequestInit = {}): Promise<Response> => {
    let url = judgeUrl(given, allowedHosts);
    const asked = new Request(url, init);
    const body = asked.body === null ? undefined : await asked.bytes();
    const follows = (asked.method === 'GET' || asked.method === 'HEAD') && asked.redirect !== 'manual';
    const stop = AbortSignal.any([options.signal, init.signal].filter((signal) => signal instanceof AbortSignal));

    let timer: AbortSignal | undefined;
    for (let hops = 0; ; hops += 1) {
      stop.throwIfAborted();
      await quotas.take(url.pathname, stop);
      await options.permit?.();
      stop.throwIfAborted();
      timer ??= AbortSignal.timeout(timeouts.total);
      const response = await callOnce(url, asked, body, AbortSignal.any([stop, timer])).catch((error: unknown) => {
        stop.throwIfAborted();
        throw problemOfFailure(error, timer?.aborted === true);
      });
      if (!follows || !redirects.has(response.status)) return response;

      url = nextHop(url, response, hops, asked.redirect, allowedHosts);
    }
  };

  return { fetch, close: () => agent.close() };
}

/** The body of a response that came through this door; undefined for any other response. */
export function bodyOf(response: Response): Uint8Array | undefined {
  const pieces = bodies.get(response);
  if (pieces === undefined || pieces.length === 1) return pieces?.[0];
  const joined = Buffer.concat(pieces);
  // Else both would be held.
  bodies.set(response, [joined]);

  return joined;
}

/** SHA-256 of that body, in hex. */
export function bodyDigest(response: Response): string | undefined {
  const pieces = bodies.get(response);
  if (pieces === undefined) return undefined;
  const digest = createHash('sha256');
  for (const piece of pieces) digest.update(piece);

  return digest.digest('hex');
}

/** Where a redirect answer leads, without its query, to tell an administrator; undefined when it does not say. */
export function redirectTarget(response: Response, base: string | URL): string | undefined {
  const target = URL.parse(response.headers.get('location') ?? '', String(base));
  return target === null || !response.headers.has('location') ? undefined : `${target.origin}${target.pathname}`;
}

/** Looks the host up once, judges every address it has, and connects to one of those. */
function makeAgent(allowedHosts: ReadonlySet<string>, timeouts: Timeouts, resolve: Resolve): Agent {
  const judge = async (hostname: string, family: unknown): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const found = await resolve(hostname);
    const [first, ...others] = family === 4 || family === 6 ? found.filter((one) => one.family === family) : found;
    if (first === undefined || !found.every(({ address }) => isPublicAddress(address))) throw notPublicHost();
    return [first, ...others];
  };
  const judgeThenCall = callbackify(judge);
  const judged: LookupFunction = (hostname, { all, family }, callback) => {
    judgeThenCall(hostname, family, (error, found) => {
      if (error) callback(error, '');
      else if (all) callback(null, found);
      else callback(null, found[0].address, found[0].family);
    });
  };
  const open = buildConnector({ timeout: timeouts.connect, allowH2: false });
  const guarded = buildConnector({ timeout: timeouts.connect, allowH2: false, lookup: judged });

  return new Agent({
    allowH2: false,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.idle,
    connect: (target, callback) => (allowedHosts.has(hostAndPort(target)) ? open : guarded)(target, callback),
  });
}

function makeResponse(url: URL, answer: Dispatcher.ResponseData, pieces: readonly Uint8Array[]): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    // The body is as it was before it was packed, so what described the package is gone with it.
    if (value === undefined || name === 'content-encoding' || name === 'content-length') continue;
    for (const one of [value].flat()) headers.append(name, one);
  }
  const { statusCode: status } = answer;
  if (status > 599) {
    throw new UnexpectedShape({
      code: 'answer_not_http',
      message: 'The provider answered with a status that does not exist.',
      remedy: 'Check the address in the settings; if it is right, tell the provider.',
    });
  }

  const none = status === 204 || status === 205 || status === 304;
  const response = new Response(none ? null : streamOf(pieces), {
    status,
    statusText: STATUS_CODES[status] ?? '',
    headers,
  });
  Object.defineProperty(response, 'url', { value: url.href });
  bodies.set(response, pieces);
  return response;
}

/** A body made from a stream is not copied unless somebody reads it. */
function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => {
      for (const piece of pieces) if (piece.byteLength > 0) controller.enqueue(piece);
      controller.close();
    },
  });
}

function nextHop(from: URL, response: Response, hops: number, mode: string, allowed: ReadonlySet<string>): URL {
  const location = response.headers.get('location');
  const target = location === null ? null : URL.parse(location, from.href);
  if (target !== null && target.origin === from.origin && hops < mostRedirects && mode === 'follow') {
    target.hash = '';
    return judgeUrl(target, allowed);
  }

  const elsewhere = redirectTarget(response, from);
  throw new SetupProblem({
    code: 'redirected_elsewhere',
    message: 'The address sends us on to another one.',
    remedy:
      elsewhere === undefined
        ? 'Ask the provider for the final address and enter that one.'
        : `Enter the final address. It may be at ${elsewhere}, if that belongs to the provider.`,
    details: { status: response.status },
  });
}

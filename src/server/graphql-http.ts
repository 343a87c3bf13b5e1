/** `/graphql` over HTTP: what is refused before anything of it is read, and the answers, whole or as a stream of events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import { readBody, TooLarge } from './body.ts';
import type { Caller, FindCaller, Watch } from './caller.ts';
import type { Graphiql } from './graphiql.ts';
import type { Limits } from './limits.ts';
import type { ServerContext } from './operations.ts';
import type { Places } from './places.ts';
import { sendEvents, sendJson, sendWhole } from './reply.ts';
import { turnAway } from './turned-away.ts';

export type Yoga = YogaServerInstance<ServerContext, object>;

export interface GraphqlHttpDeps {
  readonly yoga: Yoga;
  readonly findCaller: FindCaller;
  readonly watch: Watch;
  readonly places: Places;
  /** Null: not served. */
  readonly graphiql: Graphiql | null;
  readonly limits: Limits;
  /** After how many milliseconds the next client is to come back. */
  comeBackMs(): number;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Ends a stream of events. */
  readonly signal: AbortSignal;
}

/** Resolves when the answer has been handed over. */
export type Door = (exchange: Exchange) => Promise<void>;

/** Seconds after which to try for a place again: nobody can say when one is given back. */
const placesRetryAfter = 10;

export function createGraphqlHttp(deps: GraphqlHttpDeps): Door {
  const { yoga, findCaller, watch, places, graphiql, limits, comeBackMs } = deps;
  return async ({ request, response, requestId, signal }) => {
    const { method, headers } = request;
    const refuse = (status: number, error: GraphQLError, more: Record<string, string> = {}) =>
      sendJson(response, status, { errors: [error] }, { 'content-type': mediaType(headers.accept), ...more });

    if (method !== 'GET' && method !== 'POST') return refuse(405, refusal('Use GET or POST.'), { allow: 'GET, POST' });
    if (method === 'GET' && graphiql !== null && headers.accept?.includes('text/html')) return graphiql.send(response);

    const left = new AbortController();
    response.once('close', () => left.abort());
    let caller: Caller;
    try {
      caller = await findCaller(headers.authorization, requestId);
    } catch (error) {
      const { status, error: told, headers: more } = turnAway(error);
      return refuse(status, told, more);
    }
    if (method === 'POST' && !isPlainJson(request))
      return refuse(415, refusal('Send plain application/json in UTF-8.'));

    const init = { method, headers: { accept: headers.accept ?? '*/*', 'content-type': 'application/json' } };
    const { search, searchParams } = new URL(request.url ?? '', 'http://homeroom');
    const broken = method === 'GET' ? jsonParameters.find((name) => !isJson(searchParams.get(name))) : undefined;
    if (broken !== undefined) return refuse(400, refusal(`The parameter "${broken}" is no JSON.`));

    try {
      const body = method === 'POST' ? { body: (await readBody(request, limits.bodyBytes)).toString('utf8') } : {};
      const found: ServerContext['found'] = {};
      const answer = await yoga.fetch(
        `http://homeroom/graphql${search}`,
        { ...init, ...body },
        { caller, left: left.signal, traceparent: headerOf(headers.traceparent), found },
      );
      if (answer.status === 406) {
        return refuse(406, refusal('Accept application/json, or text/event-stream for a subscription.'));
      }
      const { delivery } = found;
      if (delivery === undefined) return await sendWhole(response, answer);

      const giveBack = places.take(caller.identity);
      if (giveBack === null) {
        delivery.leave();
        return refuse(429, tooManyConnections(), { 'retry-after': String(placesRetryAfter) });
      }
      const lost = new AbortController();
      const unwatch = watch.add(caller.guest, () => lost.abort());
      const { pingMs, stallMs } = limits;
      const ends = AbortSignal.any([signal, lost.signal]);
      const retryMs = () => (signal.aborted ? comeBackMs() : null);
      await sendEvents(response, delivery, { signal: ends, pingMs, stallMs, retryMs }).finally(() => {
        giveBack();
        unwatch();
      });
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      refuse(413, refusal(`A request has at most ${limits.bodyBytes / 1024} KiB.`));
    }
  };
}

/** What of a GET is read as JSON. */
const jsonParameters = ['variables', 'extensions'];

/** What is left out, or empty, says nothing. */
function isJson(text: string | null): boolean {
  if (text === null || text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Node gives a header that came twice, and is not to, as a list. */
function headerOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function tooManyConnections(): GraphQLError {
  return new GraphQLError('This caller, or its tenant, has too many live connections: end one, or try again later.', {
    extensions: { code: 'RATE_LIMITED', retryAfter: placesRetryAfter },
  });
}

function refusal(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/**
 * A form on another site can send text and forms in a browser's name, but no JSON without asking first (CORS). Also,
 * compressed bytes could become more than were counted.
 */
function isPlainJson({ headers }: IncomingMessage): boolean {
  const [type, ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const encoding = headers['content-encoding'] ?? 'identity';
  const utf8 = parameters.every((parameter) => /^\s*(?:charset="?utf-8"?)?\s*$/.test(parameter));
  return type?.trim() === 'application/json' && utf8 && encoding === 'identity';
}

/** As GraphQL over HTTP has it: the newer type for who asks for it. */
function mediaType(accept: string | undefined): string {
  const asked = accept?.includes('application/graphql-response+json');
  return `${asked ? 'application/graphql-response+json' : 'application/json'}; charset=utf-8`;
}

/** `/graphql` over HTTP: what is refused before anything of it is read, and the answers, whole or as a stream of events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import type { Authenticator } from './api-keys.ts';
import { readBody, TooLarge } from './body.ts';
import { findCaller, type Watch } from './caller.ts';
import { unauthenticated } from './errors.ts';
import type { Graphiql } from './graphiql.ts';
import type { Limits } from './limits.ts';
import type { ServerContext } from './operations.ts';
import { sendJson, sendStream, sendWhole } from './reply.ts';

export type Yoga = YogaServerInstance<ServerContext, object>;

export interface GraphqlHttpDeps {
  readonly yoga: Yoga;
  readonly authenticator: Authenticator;
  readonly watch: Watch;
  /** Null: not served. */
  readonly graphiql: Graphiql | null;
  readonly limits: Limits;
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

export function createGraphqlHttp({ yoga, authenticator, watch, graphiql, limits }: GraphqlHttpDeps): Door {
  return async ({ request, response, requestId, signal }) => {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'POST') return refuse(exchangeOf(request, response), 405, 'Use GET or POST.', { allow: 'GET, POST' });
    if (method === 'GET' && graphiql !== null && headers.accept?.includes('text/html')) return graphiql.send(response);
  };
}

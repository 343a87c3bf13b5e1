/** What of an error a client may see. */
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { BaseLogger } from 'pino';
import { isCancelled, isInTheWay } from '../db/gone.ts';
import { InvalidCursor } from '../live/cursor.ts';
import { tookTooLong } from './patience.ts';

/** Turns whatever was thrown into an error with a code of the API. What nobody expected is logged and gets a reference. */
export type MaskError = (error: unknown, requestId: string) => GraphQLError;

export function createErrorMask(log: Pick<BaseLogger, 'error'>): MaskError {
  /** What this made before is not to be judged again. */
  const masked = new WeakSet<GraphQLError>();

  return (error, requestId) => {
    if (error instanceof GraphQLError && masked.has(error)) return error;
    const safe = expected(error) ?? unexpected(error, requestId, log);
    masked.add(safe);
    return safe;
  };
}

/** The same error with its code, when it was meant for a client. */
function expected(error: unknown): GraphQLError | undefined {
  const cause = causeOf(error);
  if (cause instanceof InvalidCursor) return derive(error, cause.message, { code: cause.code });
  if (isCancelled(cause)) return timedOut(error, 'The database took too long over this, and stopped.');
  if (isInTheWay(cause)) return timedOut(error, 'Somebody else is changing the same records just now.');
  if (!(error instanceof GraphQLError) || !(cause instanceof GraphQLError)) return undefined;

  const { code } = error.extensions;
  if (typeof code === 'string' && !foreignCodes.has(code)) return derive(error, error.message, error.extensions);
  // Found in the document or the variables. With a path it comes out of a resolver: a value its type cannot hold.
  if (error.path !== undefined) return undefined;
  return derive(error, error.message, { ...withoutDetails(error.extensions), code: 'BAD_USER_INPUT' });
}

function timedOut(error: unknown, what: string): GraphQLError {
  const { message, extensions } = tookTooLong(what);
  return derive(error, message, extensions);
}

/** The libraries' words for what we call BAD_USER_INPUT. */
const foreignCodes: ReadonlySet<string> = new Set([
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
]);

function unexpected(error: unknown, requestId: string, log: Pick<BaseLogger, 'error'>): GraphQLError {
  const path = error instanceof GraphQLError ? error.path?.join('.') : undefined;
  log.error({ err: causeOf(error), requestId, ...(path !== undefined && { path }) }, 'an operation failed');
  return derive(error, `Something went wrong on our side. Ask for help with the reference ${requestId}.`, {
    code: 'INTERNAL',
    requestId,
  });
}

/** What was thrown: graphql wraps what a resolver throws, now and then twice. */
export function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

/** Where it happened stays; where it came from does not. */
function derive(error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError {
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : {};
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

/**
 * The HTTP layer puts the parser's own error beside its code. What it marks as `spec` is answered with 200 to who takes only the older
 * media type; that is meant for documents that are wrong, not for requests that are none.
 */
function withoutDetails({ http, ...extensions }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const status = extensions.code === 'BAD_REQUEST' ? { ...(http as object), spec: false } : http;

  return { ...extensions, originalError: undefined, http: status };
}

/** The same without what is meant for HTTP. */
export function withoutHttp(error: GraphQLError): GraphQLError {
  return derive(error, error.message, { ...error.extensions, http: undefined });
}

export function forAnyTransport(result: ExecutionResult): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map(withoutHttp) } : result;
}

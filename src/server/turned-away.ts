/** How the doors say that they do not open: over HTTP, and as the end of a WebSocket. */
import { GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { IssuerDown, NotAdmitted } from './not-admitted.ts';

/** "Try again later", after which clients connect again by themselves (1008 would stop them). */
export const tryAgainLater = 1013;

export interface TurnedAway {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: GraphQLError;
  readonly closeCode: number;
  /** Of a WebSocket: at most 123 bytes. */
  readonly reason: string;
}

/** @throws whatever it is given, when that is no refusal. */
export function turnAway(error: unknown): TurnedAway {
  if (error instanceof IssuerDown) {
    const { message, retryAfter } = error;
    return {
      status: 503,
      headers: { 'retry-after': String(retryAfter) },
      error: new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', retryAfter } }),
      closeCode: tryAgainLater,
      reason: 'The token could not be checked',
    };
  }
  if (!(error instanceof NotAdmitted)) throw error;
  const { problem } = error;

  return {
    status: 401,
    headers: { 'www-authenticate': challenge(problem) },
    error: unauthenticated(error),
    closeCode: CloseCode.Forbidden,
    reason: problem ?? 'Forbidden',
  };
}

/** RFC 6750, section 3. */
function challenge(problem: string | null): string {
  return problem === null ? 'Bearer' : `Bearer error="invalid_token", error_description="${problem}"`;
}

export function unauthenticated({ message }: NotAdmitted = NotAdmitted.unknown()): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } });
}

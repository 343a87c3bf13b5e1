import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Tells a browser whether pages of another origin may read our answers: those on the list, no others. No cookies are
 * involved, so there are no credentials to allow.
 */
export function allowOrigin(request: IncomingMessage, response: ServerResponse, origins: ReadonlySet<string>): void {
  if (origins.size === 0) return;
  response.setHeader('vary', 'origin');
  const { origin } = request.headers;
  if (origin === undefined || !origins.has(origin)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'x-request-id, retry-after');
}

/** Answers the question a browser asks before it sends. Without the header above it takes the answer for a no. */
export function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'authorization, content-type, accept',
    'access-control-max-age': '600',
  });
  response.end();
}

/** One request and all that is to be known of its answer. */
import type { Product } from '../sweep/product.ts';

export interface Request {
  readonly method: string;
  /** Behind the address of the server. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string | null;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
  /** That its operation sent. */
  readonly statements: readonly string[];
}

/** Milliseconds after which it counts as never answered. */
const patienceMs = 20_000;

export function graphqlRequest(key: string, body: Buffer | string | object): Request {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'application/json' },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  };
}

/** One at a time, or their statements could not be told apart. @throws when nothing comes back. */
export async function exchange(
  { server, statements }: Product,
  { method, path, headers, body }: Request,
): Promise<Answered> {
  statements.length = 0;
  const began = performance.now();
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers,
    body: body as BodyInit | null,
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = response.headers.get('content-type')?.startsWith('text/event-stream')
    ? await beginningOf(response)
    : await response.text();

  return { status: response.status, text, ms: performance.now() - began, statements: statements.slice() };
}

/** A stream goes on for ever. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();

  return Buffer.from(first?.value ?? []).toString();
}

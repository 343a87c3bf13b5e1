/** Writing answers: whole ones at once, streams no faster than the client reads. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Headers that belong to the connection; node sets them itself. */
const ofConnection = new Set(['connection', 'transfer-encoding', 'content-length', 'content-encoding']);

function copyHeaders(from: Response, to: ServerResponse): void {
  for (const [name, value] of from.headers) if (!ofConnection.has(name)) to.setHeader(name, value);
}

export async function sendWhole(response: ServerResponse, answer: Response): Promise<void> {
  const text = await answer.text();
  copyHeaders(answer, response);
  response.setHeader('content-length', Buffer.byteLength(text));
  response.writeHead(answer.status);
  response.end(text);
}

/**
 * Sends chunk by chunk; the next one is asked for when the client has taken the last. Ends the connection of a client
 * that takes nothing for `stallMs` milliseconds.
 *
 * @param signal ends the stream in good order: the source is told, then the answer is complete.
 */
export async function sendStream(
  response: ServerResponse,
  answer: Response,
  { signal, stallMs }: { readonly signal: AbortSignal; readonly stallMs: number },
): Promise<void> {
  const reader = answer.body?.getReader();
  let left = false;
  let stopWaiting: (() => void) | undefined;

  /** Undefined at the end, and at once when the stream is left: cancelling alone does not end a read that waits. */
  function next(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      if (left || reader === undefined) return resolve(undefined);
      stopWaiting = () => resolve(undefined);
      reader.read().then(({ value }) => resolve(value), reject);
    });
  }

  function leave(): void {
    left = true;
    stopWaiting?.();
    reader?.cancel().catch(() => response.destroy());
  }

  copyHeaders(answer, response);
  // Proxies that collect an answer before they pass it on would collect for ever.
  response.setHeader('x-accel-buffering', 'no');
  response.writeHead(answer.status);
  response.once('close', leave);
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted || response.closed) leave();
  try {
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
      if (!response.write(chunk)) await drained(response, stallMs);
    }
  } finally {
    response.off('close', leave);
    signal.removeEventListener('abort', leave);
    response.end();
  }
}

async function drained(response: ServerResponse, stallMs: number): Promise<void> {
  const timer = setTimeout(() => response.destroy(), stallMs);
  try {
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
  } finally {
    clearTimeout(timer);
  }
}

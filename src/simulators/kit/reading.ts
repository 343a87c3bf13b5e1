// Reads a request off the wire.
import type { IncomingMessage } from 'node:http';
import { readBody, type SimulatorRequest } from './exchange.ts';

/** The whole body, or undefined when the client left in the middle of it. */
export async function readBytes(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch (error) {
    if (message.destroyed) return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}

/** The request as handlers see it, before it is known which route it goes to. */
export function describeRequest(
  message: IncomingMessage,
  bytes: Buffer,
  about: { at: Date; origin: string },
): SimulatorRequest {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  return {
    route: 'unknown',
    method: message.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    params: {},
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: message.headers,
    body: readBody(bytes, message.headers['content-type']),
    ...about,
  };
}

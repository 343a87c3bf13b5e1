import type { IncomingMessage } from 'node:http';

/** The client sent more than it may. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/**
 * All bytes of a request. They are counted as they come: what the headers say of them is not believed.
 *
 * @throws TooLarge as soon as there are more than `limit`; the rest is left unread.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open when the loop ends early, so that the refusal can still be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

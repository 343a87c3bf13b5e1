import type { IncomingMessage } from 'node:http';

/** The client sent more than it may. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/**
 * All bytes of a request. They are counted as they come: what the headers say of them is not believed.
 *
 * @throws TooLarge as soon as there are more than `limit`. What still comes is thrown away: a client that is cut off
 *   while it sends may never read the answer.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      chunks.length = 0;
      reject(new TooLarge());
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

/** Reads a body whole, within a bound: nobody can fill our memory with a small packed answer. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { UnexpectedShape, Unwell } from './errors.ts';

const unpackers = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Below this size the ratio of a packed body does not matter. */
const smallBody = 2 ** 20;
const mostTimesPacked = 100;

/**
 * The bytes of a body as they were before packing, in pieces as they came: joining them costs more than it is worth to who
 * only looks whether they are as before. Throws `UnexpectedShape` when they are more than `largest`, more than a
 * hundred times what was sent, or packed in a way we did not ask for; `Unwell` when the package is damaged.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  encoding: string | string[] | undefined,
  largest: number,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > largest) throw tooLarge(largest);
    pieces.push(piece);
  }

  const packing = String(encoding ?? 'identity')
    .trim()
    .toLowerCase();
  if (size === 0 || packing === 'identity' || packing === '') return pieces;
  if (!(packing in unpackers)) {
    throw new UnexpectedShape({
      code: 'answer_packed',
      message: 'The provider packed its answer in a way we did not ask for.',
      remedy: 'Tell the provider.',
    });
  }

  const bound = Math.min(largest, Math.max(smallBody, size * mostTimesPacked));
  try {
    const raw = Buffer.concat(pieces, size);
    return [await unpackers[packing as keyof typeof unpackers](raw, { maxOutputLength: bound })];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bound);
    throw new Unwell({
      code: 'answer_damaged',
      message: 'The answer of the provider arrived damaged.',
      remedy: 'Nothing to do if it passes by itself; otherwise tell the provider.',
    });
  }
}

function tooLarge(bound: number): UnexpectedShape {
  return new UnexpectedShape({
    code: 'answer_too_large',
    message: 'An answer of the provider is larger than Homeroom accepts.',
    remedy: 'Where the settings have a page size, choose a smaller one; otherwise tell the provider.',
    details: { largestBytes: bound },
  });
}

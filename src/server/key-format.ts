/** How an API key is written: `hr_<environment>_<id, 8>_<secret, 43><checksum, 6>`. */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface PresentedKey {
  /** By which the key is looked up. */
  readonly lookup: string;
  /** SHA-256 over the whole key: what is stored, and what is compared. */
  readonly hash: Buffer;
}

const pattern = /^hr_[a-z]{2,8}_([A-Za-z0-9]{8})_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}$/;
const checksumLength = 6;

/**
 * A new key: 256 random bits. The secret part exists nowhere else.
 *
 * @param environment two to eight small letters that tell a person where it belongs: `live`, `test`, `demo`.
 */
export function makeKey(environment: string): PresentedKey & { readonly key: string } {
  const lookup = randomLetters(8);
  const body = `hr_${environment}_${lookup}_${randomBytes(32).toString('base64url')}`;
  const key = body + checksum(body);
  if (!pattern.test(key)) throw new RangeError('The environment of a key is two to eight small letters.');
  return { key, lookup, hash: hashOf(key) };
}

/** Null when the text cannot be a key: mistyped, cut off, something else. Says nothing about whether it is known. */
export function readKey(text: string): PresentedKey | null {
  const lookup = pattern.exec(text)?.[1];
  if (lookup === undefined) return null;
  if (checksum(text.slice(0, -checksumLength)) !== text.slice(-checksumLength)) return null;
  return { lookup, hash: hashOf(text) };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Four bytes in six characters: finds typing mistakes and lets scanners tell a key from other text. */
function checksum(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64url');
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomLetters(count: number): string {
  let text = '';
  while (text.length < count) {
    // 62 letters do not divide 256: what is beyond is thrown away, or the first letters would come more often.
    for (const byte of randomBytes(count)) if (byte < 248) text += letters[byte % letters.length];
  }
  return text.slice(0, count);
}

/** A small seeded source of chance: the same seed gives the same district, on every machine. */

export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from 0 to `bound - 1`. */
  int(bound: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of the items; throws a RangeError on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** A new list with the same items in another order. */
  shuffled<T>(items: readonly T[]): T[];
  /** A version 4 UUID. */
  uuid(): string;
}

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
const UUID_FORM = 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx';
const CODE_X = 'x'.charCodeAt(0);
const CODE_Y = 'y'.charCodeAt(0);

/** FNV-1a with a final mix: four different starts give four well spread words of state. */
function hash(text: string, start: number): number {
  let value = start >>> 0;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619) >>> 0;
  value = Math.imul(value ^ (value >>> 16), 2246822507);
  value = Math.imul(value ^ (value >>> 13), 3266489909);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Makes a source of chance (the sfc32 generator) from any seed. */
export function createRandom(seed: string | number): Random {
  const text = String(seed);
  let a = hash(text, 2166136261);
  let b = hash(text, 374761393);
  let c = hash(text, 3266489917);
  let counter = 1;

  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) word();

  const next = (): number => word() / 4294967296;
  const int = (bound: number): number => Math.floor(next() * bound);

  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('Cannot pick from an empty list');
    return items[int(items.length)] as T;
  };

  const shuffled = <T>(items: readonly T[]): T[] => {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = int(i + 1);
      const kept = result[i] as T;
      result[i] = result[j] as T;
      result[j] = kept;
    }
    return result;
  };

  // Written into one buffer: a string glued together from parts takes ten times the memory, and there are a million.
  const written = Buffer.alloc(UUID_FORM.length);
  const uuid = (): string => {
    let bits = 0;
    for (let i = 0; i < UUID_FORM.length; i++) {
      if (i % 8 === 0) bits = word();
      const form = UUID_FORM.charCodeAt(i);
      const digit = form === CODE_Y ? (bits & 3) | 8 : bits & 15;
      written[i] = form === CODE_X || form === CODE_Y ? (DIGITS[digit] ?? 0) : form;
      bits >>>= 4;
    }
    return written.toString('latin1');
  };

  return { next, int, chance: (probability) => next() < probability, pick, shuffled, uuid };
}

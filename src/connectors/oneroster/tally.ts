/** How many different records came, in 8 bytes a record: a million of them must not fill the memory. */

export interface Tally {
  /** Takes what `hashesOf` makes of ids, always with the same seed. */
  add(more: Float64Array): void;
  /** Exact but for chance: two ids of a million are taken for one with a chance of 1 in 18,000, and not again with another seed. */
  distinct(): number;
}

export function createTally(): Tally {
  let hashes = new Float64Array(1_024);
  let count = 0;

  return {
    add: (more) => {
      if (count + more.length > hashes.length) {
        const larger = new Float64Array(Math.max(count * 2, count + more.length));
        larger.set(hashes);
        hashes = larger;
      }
      hashes.set(more, count);
      count += more.length;
    },
    distinct: () => {
      // In place: their order means nothing, and a copy would be as large again.
      const sorted = hashes.subarray(0, count).sort();
      let different = 0;
      for (let place = 0; place < count; place += 1)
        if (place === 0 || sorted[place] !== sorted[place - 1]) different += 1;
      return different;
    },
  };
}

export function hashesOf(ids: readonly string[], seed: number): Float64Array {
  return Float64Array.from(ids, (id) => hashOf(id, seed));
}

/** 53 bits (cyrb53's mixing), as much as a number holds exactly. */
function hashOf(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);

  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}

/** Numbers that are the same for the same seed, and a seed to say so with. */

/** Mulberry32: from 0 up to 1. */
function generator(seed: number): () => number {
  let state = seed >>> 0;

  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** @param variable names the environment's variable that gives the seed; without it, any. */
export function seedOf(variable: string): { seed: number; random: () => number } {
  const seed = Number(process.env[variable] ?? Date.now() % 1_000_000);

  return { seed, random: generator(seed) };
}

/** Choosing at random, the same for the same seed. */
export interface Dice {
  /** From 0 up to 1. */
  readonly random: () => number;
  /** From 0 up to, but without, the number. */
  below(number: number): number;
  chance(share: number): boolean;
  /** One of them, which must be there. */
  of<T>(items: readonly T[]): T;
}

export function diceOf(random: () => number): Dice {
  const below = (number: number) => Math.floor(random() * number);

  return {
    random,
    below,
    chance: (share) => random() < share,
    of: <T>(items: readonly T[]) => items[below(items.length)] as T,
  };
}

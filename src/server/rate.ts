/** Answers true for what comes too soon: more than `perSecond` within a second. */
export function createRate(perSecond: number): () => boolean {
  let since = performance.now();
  let count = 0;
  return () => {
    const now = performance.now();
    if (now - since >= 1_000) {
      since = now;
      count = 0;
    }
    count += 1;
    return count > perSecond;
  };
}

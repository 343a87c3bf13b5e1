/** What was looked up is believed for a while, so that it may be asked again for each event. */

export interface Believed<Value> {
  /** What is known under the name, or what `look` finds. An answer that failed, or that knows nothing, is not kept. */
  get(name: string, look: () => Promise<Value>): Promise<Value>;
}

const mostKnown = 10_000;

/** @param ms for which an answer is believed. */
export function createBelieved<Value>(ms: number): Believed<Value> {
  const known = new Map<string, { readonly answer: Promise<Value>; readonly until: number }>();

  return {
    get(name, look) {
      const now = performance.now();
      const found = known.get(name);
      if (found !== undefined && found.until > now) return found.answer;

      const answer = look();
      known.delete(name);
      known.set(name, { answer, until: now + ms });
      if (known.size > mostKnown) forgetOldest(known);
      const drop = () => known.get(name)?.answer === answer && known.delete(name);
      answer.then((value) => value ?? drop(), drop);
      return answer;
    },
  };
}

export function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

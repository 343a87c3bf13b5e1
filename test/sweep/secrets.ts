/** Words that only somebody else has: ids, names, addresses, hashes. One of them in an answer has leaked. */

const word = /[\p{L}\p{N}_-]{8,}/gu;

/** A moment says nothing of whose it is. */
const moment = /^\d[\d-]*(?:T\d\d)?$/;

/** Also what stands in an opaque id or cursor. */
function wordsIn(text: string): Set<string> {
  const words = new Set<string>();
  for (const [found] of text.matchAll(word)) {
    words.add(found);
    const inner = found.length >= 16 ? Buffer.from(found, 'base64url').toString() : '';
    if (/^\w+[:/]/.test(inner)) for (const [hidden] of inner.matchAll(word)) words.add(hidden);
  }
  return words;
}

/** @param known what the caller may have; its words are no secrets. */
export function secretsAmong(foreign: readonly string[], known: readonly string[]): Set<string> {
  const theirs = new Set(foreign.flatMap((text) => [...wordsIn(text)]));
  const ours = new Set(known.flatMap((text) => [...wordsIn(text)]));

  return new Set([...theirs].filter((each) => !ours.has(each) && !moment.test(each)));
}

/** @param said what the caller itself put into the question. */
export function leaksIn(answer: string, secrets: ReadonlySet<string>, said: string): string[] {
  const own = wordsIn(said);

  return [...wordsIn(answer)].filter((each) => secrets.has(each) && !own.has(each));
}

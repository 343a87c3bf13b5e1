/** Where the records are in the answer to a collection: the right word, another word, or the only list there is. */

/** Words of an error or a remark, which 1.1 also sends along with a success; their lists are no records. */
const remarks = /^(imsx_|status|warning|error|link)/i;

/**
 * The records of a collection, looked for under each of `words` in turn, then as the only list of the object. Undefined
 * when there is no such list: then nothing may be taken for an empty collection.
 */
export function recordsIn(body: Readonly<Record<string, unknown>>, words: readonly string[]): unknown[] | undefined {
  for (const word of words) {
    const list = body[word];
    if (Object.hasOwn(body, word) && Array.isArray(list)) return list;
  }
  const lists = Object.entries(body).filter(([word, value]) => Array.isArray(value) && !remarks.test(word));
  const [only] = lists;

  return lists.length === 1 ? (only?.[1] as unknown[]) : undefined;
}

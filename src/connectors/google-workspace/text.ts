/** What Google can hold of a text. */

/** Without spaces around it and cut to `limit` UTF-16 units, never in the middle of a character. */
export function fitText(text: string, limit: number): string {
  return text
    .trim()
    .slice(0, limit)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
}

/** Cells as text: what a grid of Auriga's may hold, made fit to compare and to keep. Nothing here throws. */

/** Longer cells than a database or a person could use are cut; the packed lists have a bound of their own. */
const longestText = 10_000;

/** On one line, without control characters; null for blank, and for what is no text at all. */
export function readText(cell: unknown): string | null {
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  if (typeof cell !== 'string') return null;

  const clean = cell
    .slice(0, longestText)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return clean === '' ? null : clean;
}

/** A heading or a name as it is compared: capitals, accents and extra spaces make no difference. */
export function comparable(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Ids: opaque texts, alone or joined by pipes. */
import { readText } from './text.ts';

const longestId = 200;

/** An id as text; a `.0` that a spreadsheet added is taken off. Null for none, and for what is too long to be one. */
export function readId(cell: unknown): string | null {
  const id = readText(cell)?.replace(/^(\d+)\.0$/, '$1');
  return id === undefined || id.length > longestId ? null : id;
}

/**
 * Ids joined by pipes, or a list of them, each once, in order. Where people's names crept in behind a slash, the id is
 * what stands before it.
 */
export function readIds(cell: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(cell) ? cell : typeof cell === 'string' ? cell.split('|') : [cell];
  const ids = items.map((item) => readId(typeof item === 'string' ? item.split('/')[0] : item));

  return [...new Set(ids.filter((id) => id !== null))].filter((id) => id !== 'null');
}

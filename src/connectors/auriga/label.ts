/** Labels in several languages, as objects, as JSON text, and as text that was nearly JSON. */
import { readText } from './text.ts';

/**
 * The label in the first of `languages` that has one; else in any other language, in alphabetical order of their codes;
 * null when there is none. Never throws.
 */
export function readLabel(cell: unknown, languages: readonly string[]): string | null {
  const translations = translationsOf(cell);
  if (translations === null) return readText(cell);

  const byLanguage = new Map<string, string>();
  for (const [code, value] of translations) {
    const language = languageOf(code);
    const label = readText(value);
    if (label !== null && !byLanguage.has(language)) byLanguage.set(language, label);
  }
  const order = [...languages.map(languageOf), ...[...byLanguage.keys()].sort()];
  const first = order.find((language) => byLanguage.has(language));

  return first === undefined ? null : (byLanguage.get(first) ?? null);
}

/** `fr-FR` and `FR_be` are `fr`. */
function languageOf(code: string): string {
  return (code.trim().toLowerCase().split(/[-_]/)[0] ?? '').trim();
}

/** Null for a cell that is simply the label. */
function translationsOf(cell: unknown): readonly (readonly [string, unknown])[] | null {
  if (typeof cell === 'object' && cell !== null) return Array.isArray(cell) ? [] : Object.entries(cell);
  if (typeof cell !== 'string' || !cell.trimStart().startsWith('{')) return null;

  const parsed = parseObject(cell) ?? parseObject(`${cell}}`);
  if (parsed !== null) return Object.entries(parsed);
  const pairs = [...cell.matchAll(/"([^"\\]{1,20})"\s*:\s*"((?:[^"\\]|\\.)*)"/g)];

  return pairs.length === 0 ? null : pairs.map(([, code = '', value = '']) => [code, value] as const);
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

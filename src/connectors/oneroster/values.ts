/** From what servers send to the school's values: forgiving in form, never guessing. Nothing here throws. */

/** Longer texts are no names; they are cut here so that one of them cannot swell a page. */
const longestText = 65_536;
const longestKey = 1_000;

/** A text without the spaces around it; null for none. PostgreSQL can hold neither NUL nor half a character. */
export function text(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return null;

  const trimmed = (value.includes('\0') ? value.replaceAll('\0', '') : value).trim();
  if (trimmed === '') return null;
  const bounded = trimmed.length > longestText ? trimmed.slice(0, longestText) : trimmed;
  return bounded.isWellFormed() ? bounded : bounded.toWellFormed();
}

/** An e-mail address as all systems compare it. */
export function email(value: unknown): string | null {
  return text(value)?.toLowerCase() ?? null;
}

/** `"true"` as the standard writes it, `true`, `1`, `"TRUE"`, `"yes"`; undefined for anything that says neither. */
export function boolean(value: unknown): boolean | undefined {
  // As the standard has it, without a detour: a roster asks this a million times.
  if (value === 'true' || value === 'false') return value === 'true';

  switch (text(value)?.toLowerCase()) {
    case 'true':
    case '1':
    case 'yes':
      return true;
    case 'false':
    case '0':
    case 'no':
      return false;
    default:
      return undefined;
  }
}

/** `YYYY-MM-DD`, also from a date with a time; null for a day that no calendar has. */
export function date(value: unknown): string | null {
  const given = text(value);
  if (given === null || !/^\d{4}-\d{2}-\d{2}(?!\d)/.test(given)) return null;

  const year = Number(given.slice(0, 4));
  const month = Number(given.slice(5, 7));
  const day = Number(given.slice(8, 10));
  return year > 0 && day > 0 && day <= daysIn(year, month) ? given.slice(0, 10) : null;
}

/** 0 for a month that does not exist. */
function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

/** A list of texts, also from one text with commas, as 1.1's model has it for periods and files have it for all lists. */
export function list(value: unknown): readonly string[] {
  const items = Array.isArray(value) ? value : (text(value)?.split(',') ?? []);
  return items.map(text).filter((item) => item !== null);
}

/** CEDS grade levels: `1` is `01`, `kg` is `KG`; a school's own codes stay as they are. */
export function grades(value: unknown): readonly string[] {
  return list(value).map((grade) => {
    if (/^\d$/.test(grade)) return `0${grade}`;
    return /^(it|pr|pk|tk|kg|ps|ug)$/i.test(grade) ? grade.toUpperCase() : grade;
  });
}

/** A reader of an enumeration: in the standard's spelling whatever the capitals, and open, for unknown words are kept. */
export function wordOf(words: readonly string[]): (value: unknown) => string | null {
  const spelled = new Map(words.map((word) => [word.toLowerCase(), word]));
  return (value) => {
    const word = text(value);
    return word === null ? null : (spelled.get(word.toLowerCase()) ?? word);
  };
}

/** The sourcedId a reference names, exactly as it stands: resolved by it alone, never by its type or its address. */
export function keyOf(reference: unknown): string | undefined {
  const id =
    typeof reference === 'object' && reference !== null ? (reference as { sourcedId?: unknown }).sourcedId : reference;
  if (typeof id === 'number') return String(id);
  return isKey(id) ? id : undefined;
}

/** Whether the database can hold and index this text as it stands. */
export function isKey(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= longestKey && !id.includes('\0') && id.isWellFormed();
}

/** The sourcedId of a single reference as a list, which is empty where it names none. */
export function singleKey(reference: unknown): readonly string[] {
  const key = keyOf(Array.isArray(reference) ? reference[0] : reference);
  return key === undefined ? [] : [key];
}

/** The sourcedIds of a list of references, or of a single one, each once. */
export function keysOf(references: unknown): readonly string[] {
  const keys = (Array.isArray(references) ? references : [references]).map(keyOf);
  return [...new Set(keys)].filter((key) => key !== undefined);
}

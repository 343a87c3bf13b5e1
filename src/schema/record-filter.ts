/** Turning what a filter of records says into conditions; what it leaves out narrows nothing. */
import type { Condition } from '../db/queries/record.ts';
import { dayText } from './day.ts';
import { recordNamed } from './entity.ts';
import { rawId } from './ids.ts';
import { badUserInput } from './refusals.ts';

const mostText = 100;
const mostWords = 8;
const mostIds = 200;

export const searchLimit = `At most ${mostText} characters and ${mostWords} words.`;
export const idsLimit = `At most ${mostIds} ids.`;

/** @param condition made of the value, where there is one. */
export function given<Value>(value: Value | null | undefined, condition: (value: Value) => Condition): Condition[] {
  return value == null ? [] : [condition(value)];
}

/** The words of a search. @throws a top-level error for a text that is too long, or that no text in a database contains. */
export function wordsIn(search: string): string[] {
  const words = search.split(/\s+/).filter((word) => word !== '');
  if (search.length > mostText || words.length > mostWords) {
    throw badUserInput(`\`search\` has at most ${mostText} characters and ${mostWords} words.`);
  }

  return words.map(plain);
}

/** Text that a database can hold. @throws a top-level error for any other. */
export function plain(text: string): string {
  if (text.includes('\0')) throw badUserInput('Text has no NUL characters.');

  return text;
}

/**
 * The raw ids among global ids of records, of whatever kind: those that cannot be one find nothing, like unknown ones.
 *
 * @throws a top-level error for an endless list.
 */
export function recordsAmong(globalIds: readonly string[]): string[] {
  if (globalIds.length > mostIds) throw badUserInput(`A filter has at most ${mostIds} ids.`);

  return globalIds.flatMap((id) => recordNamed(id)?.id ?? []);
}

/** Ids that a source has given. @throws a top-level error for an endless list. */
export function sourcedIdsAmong(ids: readonly string[]): string[] {
  if (ids.length > mostIds) throw badUserInput(`A filter has at most ${mostIds} ids.`);

  return ids.map(plain);
}

/** A day as it was written. @throws a top-level error for what is none. */
export function dayIn(name: string, text: string): string {
  const day = dayText().safeParse(text);
  if (!day.success) throw badUserInput(`\`${name}\` is a day such as 2026-09-01.`);

  return day.data;
}

/**
 * The raw ids among global ids of this type: those that cannot be one find nothing, like unknown ones.
 *
 * @throws a top-level error for an endless list.
 */
export function idsAmong(type: string, globalIds: readonly string[]): string[] {
  if (globalIds.length > mostIds) throw badUserInput(`A filter has at most ${mostIds} ids.`);

  return globalIds.flatMap((id) => rawId(type, id) ?? []);
}

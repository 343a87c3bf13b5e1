/** What forms are made of: the values a person may type, and what is said where they are none. */
import { z } from 'zod';
import { dayText } from './day.ts';

export const requiredText = z
  .string('This cannot be empty.')
  .trim()
  .min(1, 'This cannot be empty.')
  .max(255, 'At most 255 characters.')
  .refine((text) => !text.includes('\0'), 'NUL is no character of a text.');

/** Null: empty. */
export const optionalText = requiredText.nullable();

export const list = z.array(requiredText, 'This cannot be empty.').max(50, 'At most 50.');

export const day = dayText('This is no day: `2026-09-01` is one.');

/**
 * One of OneRoster's words, in its spelling whatever the letters' case was. The standard leaves its lists open for words that
 * begin with `ext:`.
 */
export function wordOf(words: readonly string[]) {
  const known = new Map(words.map((word) => [word.toLowerCase(), word]));
  const message = `This is none of OneRoster’s words: ${words.join(', ')}, or one of your own such as ext:coach.`;

  return requiredText.transform((text, context) => {
    const word = known.get(text.toLowerCase()) ?? text;
    if (!known.has(text.toLowerCase()) && !/^ext:[\w.-]+$/.test(word)) context.addIssue({ code: 'custom', message });
    return word;
  });
}

const rolesInClasses = ['administrator', 'proctor', 'student', 'teacher'];

/** What somebody is in a class; the role of an enrollment in OneRoster 1.2. */
export const classRole = wordOf(rolesInClasses);

/** What somebody is at a school; the user's role of OneRoster 1.1 and those of 1.2. */
export const personRole = wordOf([
  ...rolesInClasses,
  'aide',
  'counselor',
  'districtAdministrator',
  'guardian',
  'parent',
  'principal',
  'relative',
  'siteAdministrator',
  'systemAdministrator',
]);

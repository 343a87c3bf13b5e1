/** What forms are made of: the values a person may type, and what is said where they are none. */
import { z } from 'zod';

export const requiredText = z
  .string('This cannot be empty.')
  .trim()
  .min(1, 'This cannot be empty.')
  .max(255, 'At most 255 characters.')
  .refine((text) => !text.includes('\0'), 'NUL is no character of a text.');

/** Null: empty. */
export const optionalText = requiredText.nullable();

export const list = z.array(requiredText, 'This cannot be empty.').max(50, 'At most 50.');

export const day = z.iso.date('This is no day: `2026-09-01` is one.');

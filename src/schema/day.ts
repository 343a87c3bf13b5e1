/** Days as text, `2026-09-01`, that a database takes: it knows no year 0. */
import { z } from 'zod';

/** @param message what is told of anything else. */
export function dayText(message?: string): z.ZodType<string, string> {
  return z.iso.date(message).refine((text) => !text.startsWith('0000'), message);
}

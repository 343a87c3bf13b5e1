// What a simulated Edusign starts with; plain data, so that it can be handed to a process of its own.
import { z } from 'zod';

export const edusignOptions = z.strictObject({
  /** The school's API keys, up to five. */
  apiKeys: z.array(z.string().min(1)).min(1).max(5),
  schoolName: z.string().default('École de démonstration'),
  /** Records a page: sheets come 40 at a time, people and groups 100. */
  pageSizes: z.strictObject({ sheets: z.int().positive(), others: z.int().positive() }).partial().default({}),
  /** Calls a minute before answers come late; the vendor's own numbers by default. */
  pace: z
    .union([z.literal('off'), z.strictObject({ calls: z.number(), heavy: z.number(), stepMs: z.number() })])
    .default({ calls: 480, heavy: 24, stepMs: 100 }),
  absenceReasons: z.array(z.strictObject({ ID: z.string(), NAME: z.string() })).default([
    { ID: 'reason-illness', NAME: 'Maladie' },
    { ID: 'reason-transport', NAME: 'Transport' },
  ]),
  classrooms: z.array(z.string()).default([]),
  /** Where events go, and the secret they are signed with. */
  webhook: z.strictObject({ url: z.string(), secret: z.string().min(1) }).optional(),
  port: z.int().optional(),
  journalLimit: z.int().positive().optional(),
});

export type EdusignOptions = z.input<typeof edusignOptions>;

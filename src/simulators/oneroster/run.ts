/**
 * The OneRoster simulator in a process of its own: one line of JSON on stdin tells it what to be, one on stdout tells
 * where it listens. The control door's state tells token and base addresses.
 */
import { z } from 'zod';
import { generateDistrict } from '../district/generate.ts';
import { type District, recordShapes } from '../district/records.ts';
import { createClock } from '../kit/clock.ts';
import { serveInOwnProcess } from '../kit/own-process.ts';
import { errorShapes } from './errors.ts';
import { type Quirk, quirks } from './quirks.ts';
import { scopeNames } from './scopes.ts';
import { startOneRosterSimulator } from './simulator.ts';

const districtInput = z.union([
  z.object({
    /** A district of our generator. */
    generate: z.object({
      seed: z.union([z.string(), z.number()]),
      size: z.enum(['small', 'district', 'large']).optional(),
      schools: z.int().positive().optional(),
      asOf: z.coerce.date(),
      untidy: z.boolean().optional(),
    }),
  }),
  z.object({
    /** A district as it is given. */
    records: z.object({
      orgs: z.array(recordShapes.orgs),
      academicSessions: z.array(recordShapes.academicSessions),
      courses: z.array(recordShapes.courses),
      classes: z.array(recordShapes.classes),
      users: z.array(recordShapes.users),
      enrollments: z.array(recordShapes.enrollments),
      demographics: z.array(recordShapes.demographics),
    }),
  }),
]);

const runInput = z.strictObject({
  district: districtInput,
  /** Stops the clock at this moment until it is put forward. */
  startAt: z.coerce.date().optional(),
  clients: z.array(
    z.object({
      id: z.string(),
      secret: z.string(),
      kind: z.enum(['oauth2', 'oauth1']).optional(),
      orgs: z.array(z.string()).optional(),
      scopes: z.array(z.enum(scopeNames)).optional(),
    }),
  ),
  versions: z.array(z.enum(['1.1', '1.2'])).optional(),
  prefix: z.string().optional(),
  pageCap: z.int().positive().optional(),
  filtering: z.union([z.enum(['full', 'ignored', 'refused']), z.array(z.string())]).optional(),
  sorting: z.enum(['full', 'ignored', 'refused']).optional(),
  nested: z.boolean().optional(),
  errors: z.enum(errorShapes).optional(),
  token: z
    .object({
      path: z.string(),
      lifetime: z.number(),
      expiresIn: z.enum(['number', 'string', 'absent']),
      tellsScope: z.boolean(),
      credentialsIn: z.enum(['basic', 'body', 'both']),
      basicEncoding: z.enum(['form', 'raw', 'both']),
      unknownScope: z.enum(['ignored', 'refused']),
      emptyScope: z.enum(['all', 'refused']),
    })
    .partial()
    .optional(),
  quirks: z.array(z.enum(Object.keys(quirks) as [Quirk, ...Quirk[]])).optional(),
  port: z.int().optional(),
  lifeSeed: z.union([z.string(), z.number()]).optional(),
});

/** What the process is told on its first line of stdin. */
export type RunInput = z.input<typeof runInput>;

/** Starts the simulator that `input` describes. Throws a ZodError when it describes none. */
function startFromInput(input: unknown) {
  const { district, startAt, ...options } = runInput.parse(input);
  const records: District = 'generate' in district ? generateDistrict(district.generate) : district.records;
  return startOneRosterSimulator({ ...options, district: records, clock: createClock(startAt) });
}

if (import.meta.main) await serveInOwnProcess(startFromInput);

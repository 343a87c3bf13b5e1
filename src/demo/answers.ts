/** The shapes of what the API answers to the demo's documents: only what the demo reads. */
import { z } from 'zod';

const counts = z.object({
  created: z.int(),
  updated: z.int(),
  deleted: z.int(),
  unchanged: z.int(),
  skipped: z.int(),
  failed: z.int(),
  conflicts: z.int(),
});

const runStatus = z.enum(['QUEUED', 'RUNNING', 'HELD', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED']);
const run = z.object({ id: z.string(), status: runStatus });

const runUpdate = run.extend({
  progress: z
    .object({ phase: z.enum(['PULLING', 'PLANNING', 'APPLYING']), completed: z.int(), total: z.int().nullable() })
    .nullable(),
  counts,
});

const logEntry = z.object({
  action: z.string(),
  status: z.enum(['SUCCESS', 'FAILED', 'SKIPPED', 'PENDING']),
  timestamp: z.coerce.date(),
  reason: z.string(),
  details: z.looseObject({ message: z.string().optional(), why: z.string().optional() }).nullable(),
  entity: z.object({ name: z.string() }),
});

const conflict = z.object({
  id: z.string(),
  version: z.int(),
  kind: z.string(),
  entity: z.object({ name: z.string() }),
  fields: z.array(
    z.object({ name: z.string(), baseValue: z.unknown(), localValue: z.unknown(), externalValue: z.unknown() }),
  ),
});

const total = z.object({ totalCount: z.int() });
const teacher = z.object({
  id: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  email: z.string().nullable(),
});

export const answers = {
  schools: z.object({
    schools: z.object({
      nodes: z.array(z.object({ id: z.string(), name: z.string(), sourcedId: z.string().nullable() })),
    }),
  }),
  providers: z.object({ providers: z.array(z.object({ id: z.string(), slug: z.string() })) }),
  connected: z.object({ integration: z.object({ id: z.string() }) }),
  tested: z.object({
    ok: z.boolean(),
    checks: z.array(
      z.object({ name: z.string(), ok: z.boolean(), message: z.string(), remedy: z.string().nullable() }),
    ),
  }),
  triggered: z.object({ syncRun: z.object({ id: z.string() }) }),
  syncRun: z.object({
    node: run.extend({
      heldReason: z.string().nullable(),
      error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
    }),
  }),
  syncRunUpdated: z.object({ syncRunUpdated: runUpdate }),
  syncLog: z.object({
    syncLogAdded: z.discriminatedUnion('__typename', [
      z.object({ __typename: z.literal('SyncLogAdded'), logs: z.array(logEntry) }),
      z.object({ __typename: z.literal('CaughtUp') }),
      z.object({ __typename: z.literal('ResumeGap'), reason: z.string() }),
    ]),
  }),
  liveCursor: z.object({ liveCursor: z.string() }),
  runs: z.object({ integration: z.object({ syncRuns: z.object({ nodes: z.array(run) }) }) }),
  settledCount: z.object({ node: z.object({ logs: total }) }),
  holdings: z.object({ school: z.object({ people: total, classes: total, enrollments: total }) }),
  teachers: z.object({
    school: z.object({
      classes: z.object({
        nodes: z.array(
          z.object({
            title: z.string(),
            enrollments: z.object({ nodes: z.array(z.object({ role: z.string(), person: teacher })) }),
          }),
        ),
      }),
    }),
  }),
  conflicts: z.object({ school: z.object({ conflicts: z.object({ nodes: z.array(conflict) }) }) }),
  questions: z.object({
    nodes: z.array(
      z
        .object({
          id: z.string(),
          status: z.string(),
          resolution: z.string().nullable(),
          resolvedBy: z.object({ name: z.string() }).nullable(),
        })
        .nullable(),
    ),
  }),
};

export type Counts = z.infer<typeof counts>;
export type RunStatus = z.infer<typeof runStatus>;
export type RunUpdate = z.infer<typeof runUpdate>;
export type LogEntry = z.infer<typeof logEntry>;
export type Conflict = z.infer<typeof conflict>;
export type Teacher = z.infer<typeof teacher>;

/** One leg of a school's journey, SIS → Homeroom or Homeroom → Classroom, as it is drawn and summed up. */
import type { Counts, RunStatus, RunUpdate } from './answers.ts';

export type Phase = 'waiting' | 'queued' | 'reading' | 'comparing' | 'writing' | 'ended';

export interface Leg {
  phase: Phase;
  /** Records done in this phase. */
  done: number;
  /** Records there will be in this phase; null while unknown. */
  total: number | null;
  /** Records the first phase reads, where that is known beforehand. */
  expected: number | null;
  /** Over all runs of the leg. */
  counts: Counts;
  /** How its runs ended; the worst of them. */
  outcome: RunStatus | null;
  /** The run that ended so; null while none has ended. */
  outcomeOf: string | null;
  /** Milliseconds since the process started. */
  beganAt: number | null;
  endedAt: number | null;
  /** When the present phase began. */
  phaseAt: number | null;
}

export const noCounts: Counts = {
  created: 0,
  updated: 0,
  deleted: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
  conflicts: 0,
};

export function startLeg(expected: number | null): Leg {
  return {
    phase: 'waiting',
    done: 0,
    total: null,
    expected,
    counts: noCounts,
    outcome: null,
    outcomeOf: null,
    beganAt: null,
    endedAt: null,
    phaseAt: null,
  };
}

const phases = { PULLING: 'reading', PLANNING: 'comparing', APPLYING: 'writing' } as const;

/** From best to worst: what a leg of several runs came to. */
const badness: readonly RunStatus[] = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'CANCELLED', 'HELD', 'PARTIAL', 'FAILED'];

const atRest: ReadonlySet<RunStatus> = new Set(['SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED', 'HELD']);

export function isAtRest(status: RunStatus): boolean {
  return atRest.has(status);
}

/**
 * The leg after an event of its run.
 *
 * @param earlier what former runs of this leg did.
 * @param at milliseconds since the process started.
 */
export function moveLeg(leg: Leg, run: RunUpdate, earlier: Counts, at: number): Leg {
  const counts = addCounts(earlier, run.counts);
  const phase = phaseOf(run);
  return {
    ...leg,
    phase,
    counts,
    done: run.progress?.completed ?? leg.done,
    total: run.progress?.total ?? null,
    ...(isAtRest(run.status) && isWorse(run.status, leg.outcome) && { outcome: run.status, outcomeOf: run.id }),
    beganAt: leg.beganAt ?? (run.status === 'QUEUED' ? null : at),
    endedAt: isAtRest(run.status) ? at : null,
    phaseAt: phase === leg.phase ? leg.phaseAt : at,
  };
}

function phaseOf({ status, progress }: Pick<RunUpdate, 'status' | 'progress'>): Phase {
  if (isAtRest(status)) return 'ended';
  return progress === null ? 'queued' : phases[progress.phase];
}

function isWorse(status: RunStatus, than: RunStatus | null): boolean {
  return than === null || badness.indexOf(status) > badness.indexOf(than);
}

function addCounts(one: Counts, other: Counts): Counts {
  const names = Object.keys(noCounts) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Counts;
}

/** Records written, on either side. */
export function written({ created, updated, deleted }: Counts): number {
  return created + updated + deleted;
}

/** How much of the leg is read and how much is written, each from 0 to 1. */
export function shares({ phase, done, total, expected }: Leg): { read: number; written: number } {
  switch (phase) {
    case 'waiting':
    case 'queued':
      return { read: 0, written: 0 };
    case 'reading':
      return { read: share(done, total ?? expected), written: 0 };
    case 'comparing':
      return { read: 1, written: 0 };
    case 'writing':
      return { read: 1, written: share(done, total) };
    case 'ended':
      return { read: 1, written: 1 };
  }
}

function share(part: number, whole: number | null): number {
  return whole === null || whole === 0 ? 0 : Math.min(1, part / whole);
}

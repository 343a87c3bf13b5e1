/**
 * What a schedule promises: each time it comes, a sync of the whole integration that ends well. Pure.
 *
 * A promise is kept by any sync that read everything and ended after the time it was due. Who has no schedule (a
 * destination that follows what changes here) is promised nothing about time; days without syncs are not due.
 */
import type { ProblemTurn, RunError } from '../model/sync.ts';
import type { Slot } from './due.ts';

/** How long a sync may take before it is late, and how long a worker may be away before it is said to be. */
const graceMs = 60 * 60 * 1000;

/** A window promises a sync by its end, if that is later than the grace. */
export function graceOf(slot: Pick<Slot, 'dueAt' | 'closesAt'>): Date {
  return new Date(Math.max(slot.dueAt.getTime() + graceMs, slot.closesAt?.getTime() ?? 0));
}

/** An integration's promises as they stand; see the table. */
export interface Promised {
  owedSince: Date | null;
  graceUntil: Date | null;
  lastSyncedAt: Date | null;
}

/** What became of the newest run of the whole integration since the promise was made; null: none was asked for. */
export interface Since {
  status: 'QUEUED' | 'RUNNING' | 'FAILED' | 'CANCELLED';
  error: RunError | null;
}

export interface Lateness {
  code: 'late' | 'window_missed';
  /** Names when it was due and when it last synced. */
  message: string;
  remedy: string;
  turn: ProblemTurn;
  since: Date;
  /** How many times were not kept. */
  affectedCount: number;
}

/** @param missed Windows that passed since without a worker. */
export function lateness(promised: Promised, missed: number, since: Since | null, now: Date): Lateness | null {
  const { owedSince, graceUntil, lastSyncedAt } = promised;
  if (!owedSince || (graceUntil && graceUntil > now)) return null;
  const due = minuteOf(owedSince);
  const last = lastSyncedAt ? `it last synced on ${minuteOf(lastSyncedAt)}` : 'it has never synced';
  if (missed > 0) {
    return {
      code: 'window_missed',
      message: `No worker was there for the sync of ${due}; ${last}.`,
      remedy: 'Trigger a sync to make up for it, and see to it that a worker of Homeroom always runs.',
      turn: 'HOMEROOM',
      since: owedSince,
      affectedCount: missed,
    };
  }

  return {
    code: 'late',
    message: `The sync that was due on ${due} is late; ${last}.`,
    ...whoseTurn(since),
    since: owedSince,
    affectedCount: 1,
  };
}

function whoseTurn(since: Since | null): { turn: ProblemTurn; remedy: string } {
  if (since?.error) return { turn: since.error.turn, remedy: since.error.remedy };
  if (since?.status === 'CANCELLED') return { turn: 'SCHOOL', remedy: 'It was cancelled: trigger another sync.' };
  if (since?.status === 'RUNNING') return { turn: 'HOMEROOM', remedy: 'It is under way: wait for its end.' };

  return { turn: 'HOMEROOM', remedy: 'It waits for a worker of Homeroom: see to it that enough of them run.' };
}

/**
 * What nobody can write down because nobody is there: the schedule was to be looked at long ago. Told wherever an
 * integration is read; it goes with the first worker that looks.
 */
export function withoutWorker(
  nextSyncAt: Date | null,
  now: Date,
): (Omit<Lateness, 'code'> & { code: 'no_worker' }) | null {
  if (!nextSyncAt || nextSyncAt.getTime() + graceMs > now.getTime()) return null;

  return {
    code: 'no_worker',
    message: `The sync that was due on ${minuteOf(nextSyncAt)} was not begun: no worker of Homeroom is running.`,
    remedy: 'Start a worker: homeroom worker.',
    turn: 'HOMEROOM',
    since: nextSyncAt,
    affectedCount: 1,
  };
}

/** An instant as a sentence names it: the minute, in UTC. */
export function minuteOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

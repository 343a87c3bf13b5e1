/** What a run's end and an integration's state are called. Pure: counts and recent ends in, words out. */
import { NotPermitted, ProviderProblem, SetupProblem, SignInNeeded } from '../connectors/kit/errors.ts';
import type { EndedRun } from '../db/queries/engine/integration.ts';
import type { IntegrationStatus, RunError, RunStatus } from '../model/sync.ts';

/** How a run that came to its end is called: what waits for a person goes before what failed. A preview always waits. */
export function endOf(run: {
  cancelled: boolean;
  error: RunError | null;
  preview: boolean;
  waiting: number;
  failed: number;
}): RunStatus {
  if (run.error) return 'FAILED';
  if (run.cancelled) return 'CANCELLED';
  if (run.waiting > 0 || run.preview) return 'HELD';

  return run.failed > 0 ? 'PARTIAL' : 'SUCCEEDED';
}

/** A problem as an administrator reads it. What we did not expect gets a reference instead of its words. */
export function runErrorOf(error: unknown, reference: string): RunError {
  if (error instanceof ProviderProblem) {
    return { code: error.code, message: error.message, remedy: error.remedy };
  }

  return {
    code: 'internal',
    message: 'Homeroom made a mistake in this run; the next one starts afresh.',
    remedy: `If it happens again, tell support the reference ${reference}.`,
  };
}

/** Codes after which nothing works until somebody signs in or changes the settings. */
export function needsAPerson(error: unknown): boolean {
  return error instanceof SignInNeeded || error instanceof SetupProblem || error instanceof NotPermitted;
}

/**
 * The rule: the newest run decides. All well or only waiting for a person: CONNECTED. Some operations failed: DEGRADED.
 * It failed as a whole: DEGRADED while one of the four before it went well, else, or when a person must act, ERROR.
 */
export function integrationState(
  ends: readonly EndedRun[],
  personNeeded: boolean,
): { status: Exclude<IntegrationStatus, 'DISCONNECTED'>; statusReason: string | null } {
  const [newest, ...earlier] = ends;
  if (!newest || newest.status === 'SUCCEEDED' || newest.status === 'HELD')
    return { status: 'CONNECTED', statusReason: null };
  if (newest.status === 'PARTIAL')
    return { status: 'DEGRADED', statusReason: 'Some operations of the last sync failed.' };
  const statusReason = newest.error ? `${newest.error.message} ${newest.error.remedy}` : 'The last sync failed.';
  const recently = earlier.slice(0, 4).some((end) => end.status !== 'FAILED');

  return { status: recently && !personNeeded ? 'DEGRADED' : 'ERROR', statusReason };
}

/** What a run's end and an integration's state are called. Pure: counts and recent ends in, words out. */
import { NotPermitted, ProviderProblem, Refused, SetupProblem, SignInNeeded } from '../connectors/kit/errors.ts';
import { isCutShort } from '../db/gone.ts';
import type { IntegrationStatus, ProblemTurn, RunError, RunStatus } from '../model/sync.ts';

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
  const turn = turnOf(error);
  if (error instanceof BreaksOff) {
    return {
      code: 'breaks_off',
      message: `This run ended the process that carried it out, ${error.tries} times at the same place.`,
      remedy: `What was done so far stays done. Tell support the reference ${reference}.`,
      turn,
    };
  }
  if (error instanceof ProviderProblem) {
    return { code: error.code, message: error.message, remedy: error.remedy, turn };
  }
  if (isCutShort(error)) {
    return {
      code: 'database_too_slow',
      message:
        'The database ended a statement of this run, as it does with one that takes too long; the run was tried again before.',
      remedy: 'The next sync goes on by itself. If this happens again, see what else keeps the database busy.',
      turn,
    };
  }

  return {
    code: 'internal',
    message: 'Homeroom made a mistake in this run; the next one starts afresh.',
    remedy: `If it happens again, tell support the reference ${reference}.`,
    turn,
  };
}

/** A run that ends its worker, or its worker's database, each time. */
export class BreaksOff extends Error {
  override readonly name = 'BreaksOff';
  readonly tries: number;
  constructor(tries: number) {
    super(`It broke off ${tries} times without getting any further.`);
    this.tries = tries;
  }
}

/** Who can make it go away: settings, rights and refused values are the school's, silence is the provider's, the rest is ours. */
export function turnOf(problem: unknown): ProblemTurn {
  const schools = [SetupProblem, SignInNeeded, NotPermitted, Refused];
  if (schools.some((kind) => problem instanceof kind)) return 'SCHOOL';

  return problem instanceof ProviderProblem ? 'PROVIDER' : 'HOMEROOM';
}

/** A run that came to its end; one that was cancelled says nothing about its integration and is not among them. */
export interface EndedRun {
  /** Why it could not go on. */
  error: RunError | null;
  /** Operations that failed. */
  failed: number;
  /** Records it wrote, or found as they should be. */
  done: number;
}

/** What an integration's state is derived from; runs newest first, five of a kind at most. */
export interface Evidence {
  /** Runs of the whole integration. */
  whole: readonly EndedRun[];
  /** Runs of some records, for whoever asked, in whatever lane, that ended after the newest whole one. */
  scoped: readonly EndedRun[];
  /** Operations that failed since the newest whole run that came through, and that nothing has made good. */
  openFailures: number;
  /** What was promised and is late, as a sentence. */
  late: string | null;
}

/**
 * The rule. It is about what is so now, wherever it was found out: neither does a small run that goes well hide that the
 * last whole one failed, nor the other way round.
 *
 * - ERROR: every run it looks at failed, or none of their operations succeeded; or the newest run failed for what only
 *   the school can mend, such as a sign-in.
 * - DEGRADED: the newest whole run, or the newest small one since, could not go on; or operations failed and were not
 *   made good; or a sync that was promised is late.
 * - CONNECTED: none of these. What waits for a person is no failure.
 */
export function integrationState({ whole, scoped, openFailures, late }: Evidence): {
  status: Exclude<IntegrationStatus, 'DISCONNECTED'>;
  statusReason: string | null;
} {
  const stopped = errorsOf({ whole, scoped })[0];
  const reasons = [
    ...(stopped ? [`${stopped.message} ${stopped.remedy}`] : openFailures > 0 ? [failures(openFailures)] : []),
    ...(late ? [late] : []),
  ];
  if (reasons.length === 0) return { status: 'CONNECTED', statusReason: null };
  const judged = [...scoped, ...whole];
  const nothingWorks =
    (stopped || openFailures > 0) && judged.every(({ error, failed, done }) => error || (failed > 0 && done === 0));
  const schoolMustAct = judged[0]?.error?.turn === 'SCHOOL';

  return { status: nothingWorks || schoolMustAct ? 'ERROR' : 'DEGRADED', statusReason: reasons.join(' ') };
}

/** Why the newest small run and the newest whole one could not go on, if they could not; the newer first. */
export function errorsOf({ whole, scoped }: Pick<Evidence, 'whole' | 'scoped'>): RunError[] {
  return [scoped[0]?.error, whole[0]?.error].filter((error) => error !== null && error !== undefined);
}

function failures(count: number): string {
  return count === 1
    ? 'One operation failed and has not been made good.'
    : `${count} operations failed and have not been made good.`;
}

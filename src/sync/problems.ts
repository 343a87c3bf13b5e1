/** What is wrong with an integration, by cause: whose turn it is and what helps. Refreshed at the end of each run. */
import { NotPermitted, ProviderProblem, Refused, SetupProblem, SignInNeeded } from '../connectors/kit/errors.ts';
import type { TransactionSql } from '../db/client.ts';
import { blockedOf, type Cause, failuresOf, refusedOf, waitingOf } from '../db/queries/problem.ts';
import type { ProblemTurn, RunError } from '../model/sync.ts';

interface Place {
  tenantId: string;
  schoolId: string;
  integrationId: string;
}

/** Who can make it go away: settings, rights and refused values are the school's, silence is the provider's, the rest is ours. */
export function turnOf(problem: unknown): ProblemTurn {
  const schools = [SetupProblem, SignInNeeded, NotPermitted, Refused];
  if (schools.some((kind) => problem instanceof kind)) return 'SCHOOL';

  return problem instanceof ProviderProblem ? 'PROVIDER' : 'HOMEROOM';
}

/** Why a run could not go on, as the cause of everything it did not do. */
export function causeOfError(error: RunError, problem: unknown): Cause {
  return { ...error, turn: turnOf(problem), affectedCount: 1 };
}

/** Everything else that is wrong now; reads much, so not in a transaction that writes. */
export async function causesOf(tx: TransactionSql, place: Place, provider: string): Promise<Cause[]> {
  const failures = await failuresOf(tx, place);
  const blocked = await blockedOf(tx, place);
  const refused = await refusedOf(tx, place);

  return [
    ...failures.map(({ code, count, message, remedy, turn }) => ({
      code,
      message: message ?? `${provider} did not take everything.`,
      remedy: remedy ?? 'The next sync tries again; the log says what it was.',
      turn: turn ?? ('SCHOOL' as const),
      affectedCount: count,
    })),
    ...blocked.map(({ code, count }) => ({
      ...blockedCause(code, provider),
      code,
      turn: 'SCHOOL' as const,
      affectedCount: count,
    })),
    ...refused.map(({ code, count }) => ({
      code,
      message: `${provider} sends records that cannot be taken; they are skipped.`,
      remedy: `The log names each with its field: correct them in ${provider}.`,
      turn: 'SCHOOL' as const,
      affectedCount: count,
    })),
  ];
}

function blockedCause(code: string, provider: string): { message: string; remedy: string } {
  if (code === 'reference_missing') {
    return {
      message: `Records refer to others that ${provider} has not sent.`,
      remedy: `See that ${provider} shares them with Homeroom too; the next sync goes on by itself.`,
    };
  }
  const name = /^(.+)_not_there$/.exec(code)?.[1];
  if (name) {
    return {
      message: `Records cannot be made in ${provider}, for their ${name} is not there.`,
      remedy: `Explain says of each why its ${name} is not there; once it is, the next sync goes on by itself.`,
    };
  }

  return {
    message: `Records cannot be written in ${provider} now (${code.replaceAll('_', ' ')}).`,
    remedy: 'Explain says of each what is in the way and what helps.',
  };
}

/** What waits for a person, once the run has its end. */
export async function causesThatWait(tx: TransactionSql, place: Place): Promise<Cause[]> {
  const { conflicts, held } = await waitingOf(tx, place);
  const school = { turn: 'SCHOOL' as const };
  const asked = { code: 'open_conflicts', message: 'Questions wait for an answer.', remedy: 'Answer the conflicts.' };
  const waits = {
    code: 'held',
    message: 'A sync run waits for approval.',
    remedy: 'Review what it holds, and approve or cancel it.',
  };

  return [
    ...(conflicts > 0 ? [{ ...school, ...asked, affectedCount: conflicts }] : []),
    ...(held > 0 ? [{ ...school, ...waits, affectedCount: held }] : []),
  ];
}

/** One row a code: what several causes share is counted together. */
export function grouped(causes: readonly Cause[]): Cause[] {
  const byCode = new Map<string, Cause>();
  for (const cause of causes) {
    const known = byCode.get(cause.code);
    byCode.set(cause.code, known ? { ...known, affectedCount: known.affectedCount + cause.affectedCount } : cause);
  }

  return [...byCode.values()];
}

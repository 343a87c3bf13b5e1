/** What is wrong with an integration, by cause: whose turn it is and what helps. */
import type { TransactionSql } from '../db/client.ts';
import { blockedOf, type Cause, failuresOf, refusedOf, waitingOf } from '../db/queries/problem.ts';
import type { RunError } from '../model/sync.ts';

interface Place {
  tenantId: string;
  schoolId: string;
  integrationId: string;
}

/** Why a run could not go on, as the cause of everything it did not do. */
export function causeOfError({ code, message, remedy, turn }: RunError): Cause {
  return { code, message, remedy, turn, affectedCount: 1 };
}

/** Operations that failed and that nothing has made good, by the provider's code. */
export async function failuresIn(tx: TransactionSql, place: Place, provider: string): Promise<Cause[]> {
  const failures = await failuresOf(tx, place);

  return failures.map(({ code, count, message, remedy, turn }) => ({
    code,
    message: message ?? `${provider} did not take everything.`,
    remedy: remedy ?? 'The next sync tries again; the log says what it was.',
    turn: turn ?? ('SCHOOL' as const),
    affectedCount: count,
  }));
}

/** Links that wait and records that were refused at the door, by cause. */
export async function standStill(tx: TransactionSql, place: Place, provider: string): Promise<Cause[]> {
  const blocked = await blockedOf(tx, place);
  const refused = await refusedOf(tx, place);

  return [
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

/** What waits for a person. */
export async function causesThatWait(tx: TransactionSql, place: Place, asksFirst: boolean): Promise<Cause[]> {
  const { conflicts, held } = await waitingOf(tx, place, asksFirst);
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

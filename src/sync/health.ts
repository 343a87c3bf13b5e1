/** An integration's state and problems, judged afresh: at each run's end, when a promise is broken, after new settings. */
import type { TransactionSql } from '../db/client.ts';
import {
  endGrace,
  type HealthRow,
  lockHealth,
  missedSince,
  recentEnds,
  setIntegrationStatus,
  unkeptSince,
} from '../db/queries/engine/health.ts';
import { findIntegration } from '../db/queries/engine/integration.ts';
import { type Cause, replaceProblems } from '../db/queries/problem.ts';
import type { Engine } from './engine.ts';
import { asksFirst } from './first-plan.ts';
import { lateness } from './freshness.ts';
import { causeOfError, causesThatWait, failuresIn, grouped, standStill } from './problems.ts';
import { errorsOf, integrationState } from './status.ts';

interface Place {
  tenantId: string;
  integrationId: string;
}

/** Links that wait and refused records, by cause. It reads as much as there is of them, so better not while writing. */
export async function standing(
  tx: TransactionSql,
  { connectors }: Pick<Engine, 'connectors'>,
  place: Place & { schoolId: string },
): Promise<Cause[]> {
  const integration = await findIntegration(tx, place);

  return standStill(tx, place, nameOf(connectors, integration?.provider));
}

/**
 * Writes down how the integration is, and answers whether its state has changed. Works in the transaction that ends a
 * run or breaks a promise, so the two are never seen apart. Of a disconnected one nothing is wrong: it is not there.
 */
export async function judge(
  tx: TransactionSql,
  { connectors }: Pick<Engine, 'connectors'>,
  place: Place,
  standing: readonly Cause[],
  now: Date,
): Promise<boolean> {
  const row = await lockHealth(tx, place);
  if (!row) return false;
  if (row.status === 'DISCONNECTED') {
    await replaceProblems(tx, row, [], now);
    return false;
  }
  const ends = await recentEnds(tx, row);
  const runs = { whole: ends.filter((end) => end.whole), scoped: ends.filter((end) => !end.whole) };
  const late = await latenessOf(tx, row, now);
  const connector = connectors.find(({ id }) => id === row.provider);
  const first = connector !== undefined && (await asksFirst(tx, row, connector));
  const failures = await failuresIn(tx, row, nameOf(connectors, row.provider));
  const causes: Cause[] = [
    ...errorsOf(runs).map(causeOfError),
    ...(late ? [late] : []),
    ...failures,
    ...standing,
    ...(await causesThatWait(tx, row, first)),
  ];
  await replaceProblems(tx, row, grouped(causes), now);
  const openFailures = failures.reduce((sum, { affectedCount }) => sum + affectedCount, 0);

  return setIntegrationStatus(tx, row, integrationState({ ...runs, openFailures, late: late?.message ?? null }));
}

function nameOf(connectors: Engine['connectors'], provider: string | undefined): string {
  return connectors.find(({ id }) => id === provider)?.name ?? 'The provider';
}

async function latenessOf(tx: TransactionSql, row: HealthRow, now: Date) {
  const { owedSince, graceUntil } = row;
  if (!owedSince || (graceUntil && graceUntil > now)) return null;
  if (graceUntil) await endGrace(tx, row);

  return lateness(row, await missedSince(tx, row, owedSince), await unkeptSince(tx, row, owedSince), now);
}

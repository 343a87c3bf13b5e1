/**
 * What a run has read lies in unlogged tables, and a crash of the database empties them, also under the hands of a worker
 * that notices nothing. So nobody draws a conclusion from staging, or from what is not in it, without making sure in the
 * same commit that it is whole.
 */
import type { TransactionSql } from '../db/client.ts';
import { unseePages } from '../db/queries/engine/known-page.ts';
import { planAgain } from '../db/queries/engine/log.ts';
import { findRun, resetRun } from '../db/queries/engine/run.ts';
import { dropStaged, hasLostStaged, layWitness } from '../db/queries/engine/staging.ts';
import type { Work } from './engine.ts';

/** What was read is gone: the run is left as it is, and whoever claims it next starts it over. */
export class StagingLost extends Error {
  override readonly name = 'StagingLost';
}

/** @throws StagingLost */
export async function mustBeWhole(tx: TransactionSql, { run }: Pick<Work, 'run'>): Promise<void> {
  if (await hasLostStaged(tx, run.id)) throw new StagingLost('The database crashed and what was read is gone.');
}

/** Before anything is read: back to nothing read and nothing planned, except what was sent and what a person approved. */
export async function startOver(tx: TransactionSql, { run }: Pick<Work, 'run'>): Promise<void> {
  const now = await findRun(tx, run.tenantId, run.id);
  if (now?.phase === 'APPLYING') await planAgain(tx, run);
  await dropStaged(tx, run.id);
  await unseePages(tx, run);
  await resetRun(tx, run);
  await layWitness(tx, run.id);
}

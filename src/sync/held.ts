/** Questions at rest: a held run is taken over by the next one that asks the same, closed by one that asks another, or lapses. */
import { asTenant, type TransactionSql } from '../db/client.ts';
import { handOnQuestions, reopenQuestions } from '../db/queries/engine/conflict.ts';
import { keepExpiry, lapseHeld, supersedeHeldRuns } from '../db/queries/engine/held-run.ts';
import { skipPending, waitingHash } from '../db/queries/engine/log.ts';
import { type Engine, tell, type Work } from './engine.ts';
import { minuteOf } from './freshness.ts';

/**
 * Closes what older runs of the integration ask, and says why. One that asks exactly this run's question hands over its
 * expiry too: asking again does not buy time.
 */
export async function takeOver(tx: TransactionSql, work: Work, held: boolean, now: Date): Promise<void> {
  const { run } = work;
  const hash = held ? await waitingHash(tx, run) : null;
  for (const older of await supersedeHeldRuns(tx, run, { preview: !work.writes }, now)) {
    const same = hash !== null && older.planHash === hash;
    if (same && older.planExpiresAt && older.planExpiresAt > now) await keepExpiry(tx, run, older.planExpiresAt);
    const why = same
      ? `The sync of ${minuteOf(now)} asks the same question.`
      : `The sync of ${minuteOf(now)} has planned afresh.`;
    const skipped = await skipPending(tx, { ...run, id: older.id }, now, 'all', why, { overtakenBy: run.id });
    await handOnQuestions(tx, run.tenantId, older.id, run.id);
    await tell(tx, run, [
      { kind: 'log', parentId: older.id, ids: skipped.ids },
      { kind: 'run', parentId: older.id, ids: [older.id] },
    ]);
  }
}

/** Ends a held run nobody has decided on in time. */
export async function lapse(
  engine: Pick<Engine, 'db' | 'clock' | 'wake'>,
  run: { tenantId: string; id: string },
): Promise<void> {
  const now = engine.clock.now();
  await asTenant(engine.db, { tenantId: run.tenantId, schoolIds: null, actor: `run:${run.id}` }, async (tx) => {
    const ended = await lapseHeld(tx, run, now);
    if (!ended) return;
    const skipped = await skipPending(tx, ended, now, 'all', 'Nobody has decided in time.');
    const reopened = await reopenQuestions(tx, run.tenantId, run.id);
    await tell(tx, ended, [
      { kind: 'log', parentId: run.id, ids: skipped.ids },
      { kind: 'run', parentId: run.id, ids: [run.id] },
      { kind: 'conflict', ids: reopened },
      { kind: 'integration', parentId: ended.integrationId, ids: reopened.length > 0 ? [ended.integrationId] : [] },
    ]);
  });
  engine.wake();
}

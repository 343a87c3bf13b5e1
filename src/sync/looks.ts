/** A later look at what a provider has promised to make, or at what refers to something that this run makes first. */
import type { TransactionSql } from '../db/client.ts';
import { relatedRecords } from '../db/queries/engine/related.ts';
import { addToScope, upsertQueuedRun } from '../db/queries/engine/run.ts';
import { newId } from '../model/ids.ts';
import { tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';

export interface Promised {
  recordId: string;
  until: Date;
}

/**
 * Asks for a run of these records at the earliest of their instants. A run that comes sooner asks for the look again, so
 * that folding the two into one loses nothing.
 */
export async function lookLater(tx: TransactionSql, work: Work, flow: Flow, promised: readonly Promised[]) {
  await askForLook(tx, work, flow, promised, relatedRecords);
}

/** A look at these records alone, right after this run: by then those they refer to have keys. */
export async function lookAfterwards(tx: TransactionSql, work: Work, flow: Flow, recordIds: readonly string[]) {
  const until = work.engine.clock.now();
  const looks = recordIds.map((recordId) => ({ recordId, until }));
  await askForLook(tx, work, flow, looks, async () => []);
}

async function askForLook(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  promised: readonly Promised[],
  relatedOf: typeof relatedRecords,
) {
  const [first] = promised.map(({ until }) => until).sort((left, right) => left.getTime() - right.getTime());
  if (!first || !work.writes) return;
  const { tenantId, schoolId, integrationId } = work.run;
  const whole = flow.stream.pull.some === undefined;
  // Somebody who waited for the run that asks waits for this one too.
  const lane = whole ? 'BULK' : work.run.lane;
  const request = { id: newId(), tenantId, schoolId, integrationId, whole, lane, dueAt: first, requestedBy: null };
  const run = await upsertQueuedRun(tx, { ...request, trigger: 'SCHEDULE', mode: 'DELTA' });
  const place = { tenantId, schoolId, id: run.id };
  const ids = promised.map(({ recordId }) => recordId);
  const { entity } = flow.stream;
  const related = whole ? [] : [{ entity, recordIds: ids }, ...(await relatedOf(tx, tenantId, entity, ids))];
  for (const each of related) await addToScope(tx, place, each.entity, each.recordIds);
  await work.engine.enqueue(tx, { tenantId, integrationId, lane }, first);
  if (run.isNew) await tell(tx, place, [{ kind: 'run', parentId: run.id, ids: [run.id] }]);
}

/** The data-change trigger: what was written here is noted, in the same transaction, for every integration that mirrors it. */

import type { Connector } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { integrationsOf } from '../db/queries/engine/integration.ts';
import { relatedRecords } from '../db/queries/engine/related.ts';
import { addToScope, upsertQueuedRun } from '../db/queries/engine/run.ts';
import type { EntityName } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import { type Engine, tell } from './engine.ts';

/** A change waits this long for more of its kind, at most half a minute in all (`upsertQueuedRun`). */
export const pauseMs = 2000;

/** From so many records on, a run over everything is cheaper than naming them. */
const wholeFrom = 2000;

export interface Changes {
  tenantId: string;
  schoolId: string;
  /** The integration whose run wrote them: it does not hear of its own writes. Absent for a person's edit. */
  integrationId?: string;
  entity: EntityName;
  recordIds: readonly string[];
}

/** Asks for a run of each integration that mirrors these records. Values are not noted: the run looks at the world. */
export async function noteChanges(
  tx: TransactionSql,
  engine: Pick<Engine, 'connectors' | 'clock' | 'enqueue'>,
  changes: Changes,
): Promise<void> {
  if (changes.recordIds.length === 0) return;
  const { tenantId, schoolId } = changes;
  const followers = await integrationsOf(tx, changes, changes.integrationId ?? null);
  const dueAt = new Date(engine.clock.now().getTime() + pauseMs);
  for (const follower of followers) {
    const connector = engine.connectors.find((candidate) => candidate.id === follower.provider);
    if (!connector || !mirrors(connector, changes.entity)) continue;
    // Before its first complete run it has nothing to compare single records with.
    const whole = follower.lastSyncedAt === null || changes.recordIds.length >= wholeFrom;
    const lane = 'BULK' as const;
    const request = { id: newId(), tenantId, schoolId, integrationId: follower.id, whole, lane, dueAt };
    const run = await upsertQueuedRun(tx, { ...request, trigger: 'DATA_CHANGE', mode: 'DELTA', requestedBy: null });
    const place = { tenantId, schoolId, id: run.id };
    if (!whole) {
      await addToScope(tx, place, changes.entity, changes.recordIds);
      const related = await relatedRecords(tx, tenantId, changes.entity, changes.recordIds);
      for (const { entity, recordIds } of related) {
        if (mirrors(connector, entity)) await addToScope(tx, place, entity, recordIds);
      }
    }
    if (!run.isNew) continue;
    await engine.enqueue(tx, { tenantId, integrationId: follower.id, lane }, dueAt);
    await tell(tx, place, [{ kind: 'run', parentId: run.id, ids: [run.id] }]);
  }
}

function mirrors(connector: Connector, entity: EntityName): boolean {
  return Object.values(connector.streams).some((stream) => stream.born !== 'there' && stream.entity === entity);
}

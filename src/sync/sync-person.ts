/** One person now, everywhere: a run of each connected integration of their school that knows or mirrors people. */
import type { Connector } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { findRecord } from '../db/queries/engine/edit.ts';
import { integrationsOf } from '../db/queries/engine/integration.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import { entities } from '../model/entities.ts';
import { InvalidState, NotFound } from '../model/problems.ts';
import type { Engine } from './engine.ts';
import { requestRun } from './requests.ts';

/**
 * Asks for the runs and answers their ids, in the order the integrations were connected. A destination looks at this
 * person and where they are enrolled; a source that cannot be asked for one person is asked for what changed.
 *
 * @throws NotFound; InvalidState when nothing is connected that knows people.
 */
export async function syncPerson(
  tx: TransactionSql,
  engine: Pick<Engine, 'connectors' | 'enqueue'>,
  act: { tenantId: string; personId: string; by: string; now: Date },
): Promise<string[]> {
  const { tenantId, personId, by: requestedBy, now } = act;
  const place = await findRecord(tx, tenantId, shapeOf('person'), personId);
  if (!place) throw new NotFound('There is no such person.');
  const connected = await integrationsOf(tx, place, null);
  const known = connected.filter(({ provider }) =>
    engine.connectors.some((each) => each.id === provider && knows(each)),
  );
  if (known.length === 0)
    throw new InvalidState('No connected integration of this school knows people: connect one first.');

  const runIds: string[] = [];
  for (const { id: integrationId } of known) {
    const request = { tenantId, integrationId, trigger: 'MANUAL', mode: 'DELTA', personIds: [personId] } as const;
    runIds.push(await requestRun(tx, engine, { ...request, requestedBy, now }));
  }

  return runIds;
}

/** People themselves, or anything that refers to them: a course's members. */
function knows(connector: Connector): boolean {
  return Object.values(connector.streams).some(
    ({ entity }) =>
      entity === 'person' ||
      Object.values(entities[entity].refs).some((ref) => ref.entity === 'person' && !ref.derived),
  );
}

/** The first run of a destination is a preview until somebody approves it, unless the school does not want to be asked. */
import type { Connector } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { type IntegrationRow, schoolSettings } from '../db/queries/engine/integration.ts';
import { becomePreview, type RunRow } from '../db/queries/engine/run.ts';
import { defaultSettings } from '../model/school-settings.ts';
import { commit, type Engine, look } from './engine.ts';

/** The school wants to see the first plan of this connector's integrations. A source has nothing to lose there. */
export async function asksFirst(
  tx: TransactionSql,
  place: { tenantId: string; schoolId: string },
  connector: Connector,
): Promise<boolean> {
  const mirrors = Object.values(connector.streams).some((stream) => stream.born !== 'there');
  if (!mirrors) return false;
  const { previewFirst } = await schoolSettings(tx, place);

  return previewFirst ?? defaultSettings.previewFirst;
}

/** Nobody has approved a plan of this destination, and its school wants to be asked. */
export async function isFirstPlan(
  engine: Engine,
  run: RunRow,
  integration: IntegrationRow,
  connector: Connector,
): Promise<boolean> {
  return integration.approvedAt === null && (await look({ engine, run }, (tx) => asksFirst(tx, run, connector)));
}

/** Whatever the run was asked for, it writes nothing yet. One that has begun to write goes on with its plan. */
export async function asPreview(engine: Engine, run: RunRow): Promise<RunRow> {
  if (run.mode === 'PREVIEW' || run.phase === 'APPLYING') return run;
  await commit({ engine, run }, (tx) => becomePreview(tx, run));

  return { ...run, mode: 'PREVIEW' };
}

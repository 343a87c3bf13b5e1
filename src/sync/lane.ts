/** Which lane a run takes: QUICK for what a person waits for and is small, BULK for everything else (ADR 16). */
import type { TransactionSql } from '../db/client.ts';
import { streamsWithCursor } from '../db/queries/engine/checkpoint.ts';
import type { RunLane, RunMode, RunTrigger } from '../model/sync.ts';
import type { Engine } from './engine.ts';

export interface Wanted {
  tenantId: string;
  integrationId: string;
  provider: string;
  trigger: RunTrigger;
  mode: RunMode;
  /** The whole integration, not only named records. */
  whole: boolean;
}

/**
 * QUICK: a person named some records, and the provider can be asked for as little: for those, or for what has changed.
 * What would read everything is bulk, whoever asked: two that do so at once would only keep each other waiting.
 */
export async function laneOf(
  tx: TransactionSql,
  { connectors }: Pick<Engine, 'connectors'>,
  wanted: Wanted,
): Promise<RunLane> {
  const { provider, trigger, mode, whole } = wanted;
  const connector = connectors.find(({ id }) => id === provider);
  if (!connector || whole || trigger !== 'MANUAL' || mode === 'PREVIEW') return 'BULK';
  const changesFrom = mode === 'DELTA' ? await streamsWithCursor(tx, wanted) : new Set<string>();
  const readsLittle = Object.entries(connector.streams).every(
    ([name, { pull }]) => pull.some || pull.within || (pull.since && changesFrom.has(name)),
  );

  return readsLittle ? 'QUICK' : 'BULK';
}

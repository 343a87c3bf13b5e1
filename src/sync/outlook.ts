/** What lies ahead of the records that a page refers to: the keys they will have once the plan is applied, and what is in question. */
import type { TransactionSql } from '../db/client.ts';
import type { MirrorRow, RefTarget } from '../db/queries/engine/mirror.ts';
import { missingThere, plannedKeys } from '../db/queries/engine/outlook.ts';
import type { Work } from './engine.ts';
import type { Flow } from './flow.ts';

export interface Outlook {
  /** The key a target has, or will have once this run is applied: `coming` where that is not known yet. */
  keyOf(stream: string, target: RefTarget): string | 'coming' | null;
  /** It is made there in this run. */
  isComing(stream: string, recordId: string): boolean;
  /** It is gone there, and whether it is made again is a question. */
  isLost(stream: string, recordId: string): boolean;
  /** Planned on this page: made there, or linked to a key. */
  plan(recordId: string, key: string | null): void;
}

/** How a stream was looked at before those that refer to it. */
export interface Looked {
  /** It was read by snapshot. */
  snapshot: boolean;
  onlySought: boolean;
}

/** Reads what the plan so far says of these rows' targets. `looked`: the streams that are planned or being planned, by name. */
export async function outlookOf(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  rows: readonly MirrorRow[],
  looked: ReadonlyMap<string, Looked>,
): Promise<Outlook> {
  const refs = Object.entries(flow.stream.refs ?? {});
  const place = { ...work.run, runId: work.run.id };
  const idsOf = (names: readonly string[]) => [
    ...new Set(rows.flatMap((row) => names.flatMap((name) => (row.refs[name] ?? []).map(({ id }) => id)))),
  ];
  const at = (stream: string, recordId: string) => `${stream} ${recordId}`;
  const streams = [...new Set(refs.map(([, { stream }]) => stream))];
  const planned = await plannedKeys(tx, place, streams, idsOf(refs.map(([name]) => name)), !work.writes);
  const keys = new Map(planned.map(({ stream, recordId, key }) => [at(stream, recordId), key ?? 'coming']));
  const lost = new Set<string>();
  for (const [name, { stream, container }] of refs) {
    const { snapshot, onlySought } = looked.get(stream) ?? { snapshot: false, onlySought: false };
    if (!container || !snapshot) continue;
    for (const id of await missingThere(tx, place, { stream, onlySought }, idsOf([name]))) lost.add(at(stream, id));
  }

  return {
    keyOf: (stream, target) => (target.state === 'EXCLUDED' ? null : (keys.get(at(stream, target.id)) ?? target.key)),
    isComing: (stream, recordId) => keys.get(at(stream, recordId)) === 'coming',
    isLost: (stream, recordId) => lost.has(at(stream, recordId)) && !keys.has(at(stream, recordId)),
    plan: (recordId, key) => void keys.set(at(flow.name, recordId), key ?? 'coming'),
  };
}

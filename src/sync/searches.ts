/** From the records a run was asked to look at to what each stream is searched for. */

import type { Sought } from '../connectors/kit/contract.ts';
import { type RefTarget, soughtRows } from '../db/queries/engine/mirror.ts';
import { readScope } from '../db/queries/engine/run.ts';
import { look, type Work } from './engine.ts';
import { canonicalKeys, type Flow } from './flow.ts';
import { mirrorScope } from './mirror-scope.ts';
import type { Searches } from './pull.ts';

/** null: the run is about the whole integration. */
export async function searchesOf(work: Work): Promise<Searches | null> {
  if (work.run.whole) return null;
  const scope = await look(work, (tx) => readScope(tx, work.run));
  const searches = new Map<string, readonly Sought[]>();
  for (const flow of work.flows) {
    if (flow.stream.born === 'there') continue;
    const ids = scope.get(flow.stream.entity) ?? [];
    const found = await look(work, (tx) => soughtRows(tx, mirrorScope(work, flow, false), ids));
    // A student is not looked up among the teachers.
    const rows = found.filter((row) => row.selected || row.linkState !== null);
    searches.set(
      flow.name,
      rows.map((row) => ({
        recordId: row.recordId,
        sourcedId: row.sourcedId,
        key: row.key,
        row: row.local,
        refs: keysOf(flow, row.refs),
      })),
    );
  }

  return searches;
}

function keysOf(
  flow: Flow,
  targets: Readonly<Record<string, readonly RefTarget[]>>,
): Record<string, readonly string[]> {
  const entries = Object.entries(flow.stream.refs ?? {}).map(([name, ref]): [string, readonly string[]] => [
    name,
    canonicalKeys(
      ref,
      (targets[name] ?? []).flatMap((target) => target.key ?? []),
    ),
  ]);

  return Object.fromEntries(entries);
}

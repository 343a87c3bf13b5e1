/** A record of ours is put away, or comes back: the same for every kind that can do so. */
import type { Context } from './context.ts';
import { nodeTypeOf } from './entity.ts';
import { act, idIn } from './input.ts';
import type { SyncApi } from './sync-api.ts';

type Archived = Parameters<SyncApi['archiveRecord']>[1]['entity'];
type Restored = Parameters<SyncApi['restoreRecord']>[1]['entity'];

/**
 * Archives the record that a node id stands for; answers its own id.
 *
 * @throws NotFound, OwnedBySource, and InvalidState for one that is archived already.
 */
export async function archive(context: Context, entity: Archived, id: string): Promise<string> {
  const recordId = idIn(nodeTypeOf[entity], id);
  await context.write((tx) => context.deps.sync.archiveRecord(tx, { ...act(context), entity, recordId }));

  return recordId;
}

/**
 * Restores the record that a node id stands for; answers its own id.
 *
 * @throws NotFound, OwnedBySource, and InvalidState for one that is not archived, or that its source gave up.
 */
export async function restore(context: Context, entity: Restored, id: string): Promise<string> {
  const recordId = idIn(nodeTypeOf[entity], id);
  await context.write((tx) => context.deps.sync.restoreRecord(tx, { ...act(context), entity, recordId }));

  return recordId;
}

/** A record of ours is put away, or comes back: the same for every kind that can do both. */
import type { Context } from './context.ts';
import { act, idIn } from './input.ts';

const nodeTypes = { person: 'Person', class: 'Class' } as const;

/**
 * Archives or restores the record that a node id stands for; answers its own id.
 *
 * @throws NotFound, OwnedBySource, and InvalidState for one that is so already.
 */
export async function changeStatus(
  context: Context,
  how: 'archiveRecord' | 'restoreRecord',
  entity: keyof typeof nodeTypes,
  id: string,
): Promise<string> {
  const recordId = idIn(nodeTypes[entity], id);
  await context.write((tx) => context.deps.sync[how](tx, { ...act(context), entity, recordId }));

  return recordId;
}

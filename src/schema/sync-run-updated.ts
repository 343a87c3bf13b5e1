import { type SyncRunRow, syncRunsByIds } from '../db/queries/sync-run.ts';
import type { Following } from '../live/feed.ts';
import { stableJson } from '../model/values.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { rawId } from './ids.ts';
import { type LiveEvent, liveEvent, liveStream } from './live.ts';
import { notThere } from './refusals.ts';
import { hasEnded, SyncRun } from './sync-run.ts';

async function look(context: Context, runId: string): Promise<LiveEvent<SyncRunRow> | undefined> {
  const event = context.forEvent();
  try {
    const [row] = await event.read((db) => syncRunsByIds(db, [runId]));
    if (row !== undefined) return liveEvent(event, row);
  } catch (error) {
    await event.dispose();
    throw error;
  }
  await event.dispose();

  return undefined;
}

/** The run as it is now, then whenever it is another; ends behind its last state, or when it can no longer be seen. */
async function* states(
  context: Context,
  following: Following,
  first: LiveEvent<SyncRunRow>,
): AsyncGenerator<LiveEvent<SyncRunRow>, void> {
  let shown = stableJson(first.value);
  yield first;
  if (hasEnded(first.value)) return;

  for await (const { type } of following) {
    // Once a minute there is news of no change; after a gap the present state is all that was missed.
    if (type === 'caughtUp') continue;
    const event = await look(context, first.value.id);
    if (event === undefined) return;

    const state = stableJson(event.value);
    if (state === shown) {
      await event.context.dispose();
      continue;
    }
    shown = state;
    yield event;
    if (hasEnded(event.value)) return;
  }
}

builder.subscriptionField('syncRunUpdated', (t) =>
  t.field({
    type: SyncRun,
    description:
      'A run as it is now, then again whenever it changed, the newest state only. Completes when the run has ended. After a reconnect it starts with the present state.',
    authScopes: { scope: 'roster:read' },
    args: { id: t.arg.id({ required: true, description: 'The run’s id.' }) },
    subscribe: async (_root, { id }, context) => {
      const runId = rawId('SyncRun', id);
      if (runId === undefined) throw notThere();

      return liveStream(context, { kinds: ['run'], parentId: runId }, async (following) => {
        const first = await look(context, runId);
        if (first === undefined) throw notThere();

        return states(context, following, first);
      });
    },
    resolve: (event) => event.value,
  }),
);

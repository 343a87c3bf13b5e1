import { type SyncRunRow, syncRunsByIds } from '../db/queries/sync-run.ts';
import type { Following } from '../live/feed.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { rawId } from './ids.ts';
import { type LiveEvent, liveEvent, liveStream } from './live.ts';
import { notThere } from './refusals.ts';
import { hasEnded, SyncRun } from './sync-run.ts';

async function look(context: Context, runId: string, unwanted?: AbortSignal): Promise<SyncRunRow | undefined> {
  const [row] = await context.readOnce((db) => syncRunsByIds(db, [runId]), unwanted);

  return row;
}

/** The run as it is now, then whenever it is another; ends behind its last state, or when it can no longer be seen. */
async function* states(
  context: Context,
  following: Following,
  first: SyncRunRow,
): AsyncGenerator<LiveEvent<SyncRunRow>, void> {
  let shown = JSON.stringify(first);
  yield liveEvent(context, following.start, first);
  if (hasEnded(first)) return;

  for await (const event of following) {
    // Once a minute there is news of no change; after a gap the present state is all that was missed.
    if (event.type === 'caughtUp') continue;
    const place = event.type === 'gap' ? event.to : event.cursor;
    const run = await context.once(`run ${first.id} ${place}`, (unwanted) => look(context, first.id, unwanted));
    if (run === undefined) return;

    const state = JSON.stringify(run);
    if (state === shown) continue;
    shown = state;
    yield liveEvent(context, place, run, `run ${place} ${state}`);
    if (hasEnded(run)) return;
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

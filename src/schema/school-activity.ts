import { integrationsByIds, visibleIntegrations } from '../db/queries/integration.ts';
import { syncConflictsByIds } from '../db/queries/sync-conflict.ts';
import { syncRunsByIds, unfinishedSyncRuns } from '../db/queries/sync-run.ts';
import type { FeedEvent, Following } from '../live/feed.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { followedSchools, followedSchoolsArg } from './followed-schools.ts';
import { Integration } from './integration.ts';
import {
  CaughtUp,
  type CaughtUpEvent,
  describeCursor,
  feedEvent,
  type LiveEvent,
  liveEvent,
  liveStream,
  ResumeGap,
  type ResumeGapEvent,
} from './live.ts';
import { SyncConflict } from './sync-conflict.ts';
import { SyncRun } from './sync-run.ts';

type Noun = 'run' | 'integration' | 'conflict';

interface ChangedEvent {
  type: Noun;
  cursor: string;
  /** The run, the integration or the conflict, by its raw id. */
  id: string;
}

type Event = ChangedEvent | CaughtUpEvent | ResumeGapEvent;

const SyncRunChanged = builder.objectRef<ChangedEvent>('SyncRunChanged').implement({
  description: 'A run was asked for, moved along, or ended.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', describeCursor),
    run: t.field({ type: SyncRun, description: 'The run as it is now.', resolve: ({ id }) => id }),
  }),
});

const IntegrationChanged = builder.objectRef<ChangedEvent>('IntegrationChanged').implement({
  description: 'An integration was connected or changed, works better or worse, or has other open questions.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', describeCursor),
    integration: t.field({ type: Integration, description: 'The integration as it is now.', resolve: ({ id }) => id }),
  }),
});

const ConflictChanged = builder.objectRef<ChangedEvent>('ConflictChanged').implement({
  description: 'A question came up, moved, was answered, or closed by itself.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', describeCursor),
    conflict: t.field({ type: SyncConflict, description: 'The question as it is now.', resolve: ({ id }) => id }),
  }),
});

const typeNames = {
  run: SyncRunChanged,
  integration: IntegrationChanged,
  conflict: ConflictChanged,
  caughtUp: CaughtUp,
  gap: ResumeGap,
} as const;

const SchoolActivityEvent = builder.unionType('SchoolActivityEvent', {
  description: 'What `schoolActivity` tells.',
  types: [SyncRunChanged, IntegrationChanged, ConflictChanged, CaughtUp, ResumeGap],
  resolveType: (event) => typeNames[event.type],
});

const byIds = { run: syncRunsByIds, integration: integrationsByIds, conflict: syncConflictsByIds } as const;

/** Each integration, and each run that has not ended; a client that leaves amid these begins with them again. */
async function* presentState(
  context: Context,
  { amidPresentState: cursor }: Following,
  schoolIds: readonly string[] | null,
): AsyncGenerator<LiveEvent<Event>, void> {
  const { integrations, runs } = await context.readOnce(async (db) => ({
    integrations: await visibleIntegrations(db, schoolIds),
    runs: await unfinishedSyncRuns(db, schoolIds),
  }));
  for (const { id } of integrations) yield liveEvent<Event>(context, cursor, { type: 'integration', cursor, id });
  for (const { id } of runs) yield liveEvent<Event>(context, cursor, { type: 'run', cursor, id });
}

async function* activity(
  context: Context,
  following: Following,
  schoolIds: readonly string[] | null,
): AsyncGenerator<LiveEvent<Event>, void> {
  if (following.beginsWithPresentState) yield* presentState(context, following, schoolIds);
  for await (const event of following) {
    if (event.type === 'activity') yield* changed(context, event);
    else yield feedEvent(context, event);
  }
}

/** What is no longer there to be seen is left out: an event never shows nothing. */
async function* changed(
  context: Context,
  { cursor: behind, row, cursorBehind }: Extract<FeedEvent, { type: 'activity' }>,
): AsyncGenerator<LiveEvent<Event>, void> {
  const type = row.kind as Noun;
  const read = async (unwanted: AbortSignal) => {
    const rows = await context.readOnce<{ id: string }[]>((db) => byIds[type](db, row.allIds), unwanted);

    return new Set(rows.map(({ id }) => id));
  };
  // All of the row, whatever is left of it here: so the answer is everybody's.
  const seen = await context.once(`seen ${behind}`, read);
  for (const id of row.ids) {
    const cursor = cursorBehind(id);
    if (seen.has(id)) yield liveEvent<Event>(context, cursor, { type, cursor, id }, `${type} ${cursor} ${id}`);
  }
}

builder.subscriptionField('schoolActivity', (t) =>
  t.field({
    type: SchoolActivityEvent,
    description:
      'What happens at schools: runs, integrations, questions. Begins with the present state, each integration and each run that has not ended, then CaughtUp, then live.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...followedSchoolsArg,
      after: t.arg.string({ description: 'Go on behind this event’s cursor, without the present state.' }),
    },
    subscribe: async (_root, { schoolIds, after }, context) => {
      const schools = await followedSchools(context, schoolIds);
      const topic = { kinds: ['run', 'integration', 'conflict'], schoolIds: schools, after } as const;

      return liveStream<Event>(context, topic, async (following) => activity(context, following, schools));
    },
    resolve: (event) => event.value,
  }),
);

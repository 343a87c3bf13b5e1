import { currentSnapshot, type Sees } from '../db/queries/snapshot.ts';
import { lastSettledLogIds } from '../db/queries/sync-log.ts';
import { syncRunsByIds } from '../db/queries/sync-run.ts';
import type { Following } from '../live/feed.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { rawId } from './ids.ts';
import {
  CaughtUp,
  type CaughtUpEvent,
  describeCursor,
  type LiveEvent,
  liveEvent,
  liveStream,
  ResumeGap,
  type ResumeGapEvent,
} from './live.ts';
import { badUserInput, notThere } from './refusals.ts';
import { SyncLog } from './sync-log.ts';

/** They travel in one event, which has one cursor: more could not be resumed in between. */
const mostLast = 100;
const defaultLast = 50;

interface AddedEvent {
  type: 'added';
  cursor: string;
  logIds: readonly string[];
}

type Event = AddedEvent | CaughtUpEvent | ResumeGapEvent;

const SyncLogAdded = builder.objectRef<AddedEvent>('SyncLogAdded').implement({
  description: 'Operations that were settled: SUCCESS, FAILED or SKIPPED. Each comes once.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', describeCursor),
    logs: t.field({
      type: [SyncLog],
      description: 'At most 100, in the order in which they were settled.',
      resolve: async ({ logIds }, _args, context) => {
        const loader = SyncLog.getDataloader(context);
        const logs = await Promise.all(logIds.map((id) => loader.load(id)));

        // An entry may have been forgotten since.
        return logs.filter((log) => log !== null);
      },
    }),
  }),
});

const typeNames = { added: SyncLogAdded, caughtUp: CaughtUp, gap: ResumeGap } as const;

const SyncLogEvent = builder.unionType('SyncLogEvent', {
  description: 'What `syncLogAdded` tells.',
  types: [SyncLogAdded, CaughtUp, ResumeGap],
  resolveType: (event) => typeNames[event.type],
});

interface Present {
  readonly pastIds: readonly string[];
  /** What the past covers; undefined when a cursor says where to go on. */
  readonly seen: Sees | undefined;
}

/** What was settled so far, and up to where that goes. @throws when the run is not there. */
async function present(context: Context, runId: string, last: number, resumes: boolean): Promise<Present> {
  const event = context.forEvent();
  try {
    return await event.read(async (db) => {
      const [run] = await syncRunsByIds(db, [runId]);
      if (run === undefined) throw notThere();
      if (resumes) return { pastIds: [], seen: undefined };

      return { pastIds: await lastSettledLogIds(db, runId, last), seen: await currentSnapshot(db) };
    });
  } finally {
    await event.dispose();
  }
}

async function* events(
  context: Context,
  following: Following,
  { pastIds, seen }: Present,
): AsyncGenerator<LiveEvent<Event>, void> {
  const tell = (event: Event) => liveEvent(context.forEvent(), event);
  if (pastIds.length > 0) yield tell({ type: 'added', cursor: following.start, logIds: pastIds });

  for await (const event of following) {
    if (event.type !== 'activity') {
      yield tell(event);
    } else if (!seen?.(event.row.place.xid)) {
      // What was committed before the past was read is part of it, though the feed brings it again.
      yield tell({ type: 'added', cursor: event.cursor, logIds: event.row.ids });
    }
  }
}

builder.subscriptionField('syncLogAdded', (t) =>
  t.field({
    type: SyncLogEvent,
    description:
      'Each log entry of a run once, when it is settled. Begins with the last entries of the past, the oldest of them first, then CaughtUp, then live.',
    authScopes: { scope: 'roster:read' },
    args: {
      syncRunId: t.arg.id({ required: true, description: 'The run’s id.' }),
      last: t.arg.int({
        defaultValue: defaultLast,
        description: `How many past entries come first: 0 to ${mostLast}. Of no effect with \`after\`.`,
      }),
      after: t.arg.string({ description: 'Go on behind this event’s cursor, without the past.' }),
    },
    subscribe: async (_root, { syncRunId, after, ...args }, context) => {
      const last = args.last ?? defaultLast;
      if (last < 0 || last > mostLast) throw badUserInput(`\`last\` is from 0 to ${mostLast}.`);
      const runId = rawId('SyncRun', syncRunId);
      if (runId === undefined) throw notThere();

      return liveStream<Event>(context, { kinds: ['log'], parentId: runId, after }, async (following) =>
        events(context, following, await present(context, runId, last, after != null)),
      );
    },
    resolve: (event) => event.value,
  }),
);

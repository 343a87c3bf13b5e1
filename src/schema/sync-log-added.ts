import { readHorizon } from '../db/queries/horizon.ts';
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
  feedEvent,
  type LiveEvent,
  liveEvent,
  liveStream,
  ResumeGap,
  type ResumeGapEvent,
} from './live.ts';
import { badUserInput, notThere } from './refusals.ts';
import { SyncLog } from './sync-log.ts';

const mostInEvent = 100;
/** The past travels in one event, which has one cursor: more could not be resumed in between. */
const mostLast = mostInEvent;
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
      description: `At most ${mostInEvent}, in the order in which they were settled.`,
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

/** @throws when the run is not there. */
function findRun(context: Context, runId: string): Promise<{ horizon: string }> {
  return context.readOnce(async (db) => {
    const [run] = await syncRunsByIds(db, [runId]);
    if (run === undefined) throw notThere();

    return { horizon: await readHorizon(db) };
  });
}

async function* live(context: Context, following: Following): AsyncGenerator<LiveEvent<Event>, void> {
  for await (const event of following) {
    if (event.type !== 'activity') {
      yield feedEvent(context, event);
      continue;
    }
    const { cursor } = event;
    const logIds = event.row.ids;
    yield liveEvent<Event>(context, cursor, { type: 'added', cursor, logIds }, `added ${cursor} ${logIds.join()}`);
  }
}

interface Past {
  readonly runId: string;
  readonly last: number;
  /** Of a read that came after the place from which `following` begins. */
  readonly horizon: string;
}

/**
 * The past, then live. Both must meet at a place that has a cursor: first the feed catches up, and where it stands then
 * is the seam. Read after that, the log holds all that was told up to the seam, and perhaps some of what comes behind it.
 */
async function* pastThenLive(
  context: Context,
  following: Following,
  { runId, ...past }: Past,
): AsyncGenerator<LiveEvent<Event>, void> {
  const told: string[] = [];
  let step = await following.next();
  for (; !step.done && step.value.type !== 'caughtUp'; step = await following.next()) {
    if (step.value.type === 'activity') told.push(...step.value.row.ids);
  }
  if (step.done || step.value.type !== 'caughtUp') return;

  const { cursor } = step.value;
  const logIds = await context.readOnce((db) => lastSettledLogIds(db, runId, { ...past, told }));
  if (logIds.length > 0) yield liveEvent<Event>(context, cursor, { type: 'added', cursor, logIds });
  yield feedEvent(context, step.value);
  yield* live(context, following);
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

      const from = after ?? (await context.deps.feed.cursor(context.identity.tenantId));

      const topic = { kinds: ['log'], parentId: runId, after: from, together: mostInEvent } as const;

      return liveStream<Event>(context, topic, async (following) => {
        const { horizon } = await findRun(context, runId);

        const goesOn = after != null || context.seat?.resume != null;
        return goesOn ? live(context, following) : pastThenLive(context, following, { runId, last, horizon });
      });
    },
    resolve: (event) => event.value,
  }),
);

/** The live feed: one tail per process, and for each subscriber its tenant's events from a place on, without gap or repeat. */
import type { BaseLogger } from 'pino';
import type { Sql } from '../db/client.ts';
import { type Activity, databaseEpoch } from '../db/queries/activity.ts';
import { createCursors } from './cursor.ts';
import { type Following, type FollowOptions, follow, type Subscription } from './follow.ts';
import { startRetention } from './retention.ts';
import { startTail } from './tail.ts';
import { createWake } from './wake.ts';

export type { FeedEvent, Following, FollowOptions } from './follow.ts';

export interface Feed {
  /**
   * Follows a tenant's activity. What it may show is registered before this returns: read the present state afterwards,
   * give it the cursor `start`, then iterate.
   *
   * @throws InvalidCursor for an `after` that is made up, another tenant's or another database's; at the first step of
   *   the iteration for one that this database has not reached.
   */
  follow(options: FollowOptions): Following;
  /** A place before everything that is read from now on: what happens later comes after it. */
  cursor(tenantId: string): Promise<string>;
  /** Call after a commit that recorded activity: wakes the feeds of all processes. Returns at once. */
  wake(): void;
  /** How many subscriptions are open. */
  size(): number;
  /** Ends all subscriptions and waits until nothing of the feed runs any more. The pools stay open. */
  close(): Promise<void>;
}

export interface FeedDeps {
  readonly system: Sql;
  /** A pool that LISTEN may use: not one behind a transaction-mode pooler. */
  readonly listen: Sql;
  readonly log: Pick<BaseLogger, 'warn' | 'info'>;
  /** Milliseconds that activity can be replayed. Default 24 hours. */
  readonly keptMs?: number;
}

const day = 24 * 60 * 60 * 1_000;

/** Resolves when the feed knows where the present is. */
export async function createFeed({ system, listen, log, keptMs = day }: FeedDeps): Promise<Feed> {
  const cursors = createCursors(await databaseEpoch(system));
  const subscriptions = new Map<string, Set<Subscription>>();

  let turn = 0;
  const publish = (rows: readonly Activity[]) => {
    turn += 1;
    for (const [tenantId, some] of Map.groupBy(rows, (row) => row.tenantId)) {
      for (const subscription of subscriptions.get(tenantId) ?? []) subscription.push(some, turn);
    }
  };
  const tail = await startTail({ system, listen, log, publish });
  const wake = createWake(system, log);
  const retention = startRetention({ system, log, keptMs });

  const register = (tenantId: string, subscription: Subscription) => {
    const known = subscriptions.get(tenantId) ?? new Set();
    subscriptions.set(tenantId, known.add(subscription));
    return () => {
      known.delete(subscription);
      if (known.size === 0 && subscriptions.get(tenantId) === known) subscriptions.delete(tenantId);
    };
  };
  const all = () => [...subscriptions.values()].flatMap((some) => [...some]);

  return {
    follow: (options) => follow(options, { system, cursors, keptMs, position: () => tail.position(), register }),
    cursor: async (tenantId) => cursors.encode(tenantId, tail.position()),
    wake,
    size: () => all().length,
    async close() {
      for (const subscription of all()) subscription.end();
      await Promise.all([tail.close(), wake.close(), retention.close()]);
    },
  };
}

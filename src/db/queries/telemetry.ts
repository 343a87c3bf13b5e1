/** What operators look at across tenants: numbers, and nothing of anybody. For the system role. */
import type { RunLane } from '../../model/sync.ts';
import type { Sql } from '../client.ts';

export interface QueuedRuns {
  readonly lane: RunLane;
  /** `due`: nobody is at it yet. `scheduled`: not before its time. `held`: for a person. */
  readonly state: 'due' | 'scheduled' | 'running' | 'held';
  readonly count: number;
  /** Since the first of them was due; 0 for what is not due. */
  readonly oldestSeconds: number;
}

/** Runs that have not ended. */
export function queuedRuns(system: Sql, now: Date): Promise<QueuedRuns[]> {
  return system<QueuedRuns[]>`
    select lane, case when status <> 'QUEUED' then lower(status) when due_at <= ${now} then 'due' else 'scheduled' end as state,
           count(*)::int as count, greatest(0, extract(epoch from ${now}::timestamptz - min(due_at)))::float8 as "oldestSeconds"
      from sync_run where status in ('QUEUED', 'RUNNING', 'HELD')
     group by 1, 2`;
}

/** Seconds that the oldest event is held back by a transaction elsewhere on the server that has written and not ended; 0: none is. */
export async function heldBackSeconds(system: Sql): Promise<number> {
  const [row] = await system<{ seconds: number }[]>`
    select coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 as seconds
      from activity where xid >= pg_snapshot_xmin(pg_current_snapshot())`;

  return row?.seconds ?? 0;
}

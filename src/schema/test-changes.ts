/** For the tests of this folder: changes as the engine makes them, with the activity that tells of them. */
import assert from 'node:assert/strict';
import { asLogin } from '../../test/harness/server.ts';
import { recordActivity } from '../db/queries/activity.ts';
import type { SeededRun } from '../db/seed.ts';
import type { TestGateway } from './test-gateway.ts';

/** @param sql an update of the rows whose ids are `$1`. */
async function change(
  { feed }: TestGateway,
  run: SeededRun,
  { kind, ids, sql }: { kind: 'run' | 'log'; ids: readonly string[]; sql: string },
): Promise<void> {
  const { id: schoolId, tenant } = run.integration.school;
  await tenant.write(async (tx) => {
    await tx.unsafe(sql, [ids as string[]]);
    await recordActivity(tx, [{ tenantId: tenant.id, schoolId, kind, entity: null, parentId: run.id, ids }]);
  });
  feed.wake();
}

/** @param set what follows `set` in an update of the run. */
export function updateRun(gateway: TestGateway, run: SeededRun, set: string): Promise<void> {
  return change(gateway, run, {
    kind: 'run',
    ids: [run.id],
    sql: `update sync_run set ${set} where id = any ($1::uuid[])`,
  });
}

/** Settles pending entries of a run's log. */
export function settleLogs(gateway: TestGateway, run: SeededRun, ids: readonly string[]): Promise<void> {
  const sql = "update sync_log set status = 'SUCCESS', at = clock_timestamp() where id = any ($1::uuid[])";

  return change(gateway, run, { kind: 'log', ids, sql });
}

/** Fails when a subscription or a transaction outlived the test it was for. */
export async function assertNothingLeft({ feed, database }: TestGateway): Promise<void> {
  assert.equal(feed.size(), 0, 'a subscription was left behind');
  // As the login: what a connection does is shown to nobody else.
  const held = await asLogin(
    database.target,
    (sql) => sql`
      select from pg_stat_activity
      where datname = current_database() and application_name = 'homeroom-app' and state like 'idle in transaction%'`,
  );
  assert.equal(held.length, 0, 'a transaction was left open');
}

/**
 * Resolves once all that was told can be replayed: transactions elsewhere on the server hold back what is newer than they. Asked as
 * the system role, for the owner of the table sees no row of it.
 */
export async function untilReplayable({ database }: TestGateway): Promise<void> {
  for (let held = true; held; ) {
    const [row] = await database.system<{ held: boolean }[]>`
      select exists (select from activity where xid >= pg_snapshot_xmin(pg_current_snapshot())) as held`;
    held = row?.held ?? false;
  }
}

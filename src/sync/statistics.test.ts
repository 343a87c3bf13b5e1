/** What the planner of the database knows of tables that have just grown. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { analyzed, hasOldStatistics, refreshStatistics } from '../db/queries/engine/session.ts';

let world: TestEngine;
before(async () => {
  world = await testEngine([]);
});
after(() => world.database.drop());

const refreshAll = async () => {
  for (const table of analyzed) await world.write((tx) => refreshStatistics(tx, table));
};

it('is old after a table has grown, until it was looked at', async () => {
  await refreshAll();
  assert.equal(await world.write(hasOldStatistics), false);
  await world.write(async (tx) => {
    await tx`
      insert into meeting (tenant_id, school_id, id, title, starts_at, ends_at)
      select ${world.school.tenant.id}, ${world.school.id}, gen_random_uuid(), 'Ethics', now(), now() + interval '1 hour'
      from generate_series(1, 300)`;
    await tx`select pg_stat_force_next_flush()`;
  });
  assert.equal(await world.write(hasOldStatistics), true);
  await refreshAll();
  assert.equal(await world.write(hasOldStatistics), false);
});

it('is left to whoever is at a table already, and nothing fails for it', async () => {
  const other = await world.database.connect('owner', { max: 1 }).reserve();
  await other`begin`;
  await other`lock table meeting in share update exclusive mode`;
  const answer = await world.write(async (tx) => {
    await tx`set local lock_timeout = 50`;
    await refreshStatistics(tx, 'meeting');
    return tx`select 1 as one`;
  });
  assert.deepEqual([...answer], [{ one: 1 }]);
  await other`rollback`;
  other.release();
});

it('is refreshed for the tables of runs, and for no others', async () => {
  await assert.rejects(
    world.write((tx) => refreshStatistics(tx, 'api_key')),
    /Nobody plans a run/,
  );
});

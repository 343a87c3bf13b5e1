import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../../../test/harness/engine.ts';
import { memoryDestination } from '../../../../test/harness/memory.ts';
import { newId } from '../../../model/ids.ts';
import type { RunLane } from '../../../model/sync.ts';
import type { Sql } from '../../client.ts';
import { beat, claimRun, LostClaim, moveRun, type RunRow, unattended, workerLocks } from './run.ts';
import { giveTurn, keepsTurn, takeTurn } from './turn.ts';

describe('the turn of two runs', () => {
  let world: TestEngine;
  let integrationId: string;
  let session: Awaited<ReturnType<Sql['reserve']>>;
  let bulk: RunRow;
  let quick: RunRow;
  const [bulksWorker, quicksWorker] = [101, 102];
  const queued = async (lane: RunLane) => {
    const { tenant, id: schoolId } = world.school;
    await world.write(
      (tx) => tx`
        insert into sync_run (tenant_id, school_id, integration_id, id, status, trigger, mode, whole, lane, due_at)
        values (${tenant.id}, ${schoolId}, ${integrationId}, ${newId()}, 'QUEUED', 'MANUAL', 'DELTA', ${lane === 'BULK'}, ${lane}, now() - interval '1 second')`,
    );
  };
  const claim = async (lane: RunLane, worker: number) => {
    const place = { tenantId: world.school.tenant.id, integrationId, lane };
    return world.write((tx) => claimRun(tx, place, worker, new Date()));
  };
  const started = async (lane: RunLane, worker: number) => {
    await queued(lane);
    const run = await claim(lane, worker);
    assert.ok(run);
    return run;
  };
  const take = (run: RunRow) => world.write((tx) => takeTurn(tx, run));
  const keeps = (run: RunRow) => world.write((tx) => keepsTurn(tx, run));
  const writes = (run: RunRow) => world.write((tx) => moveRun(tx, run, { inTurn: true }));
  const planned = (run: RunRow) => world.write((tx) => moveRun(tx, run, { phase: 'APPLYING' }));
  const dies = (worker: number) => session`select pg_advisory_unlock(${workerLocks}::int, ${worker}::int)`;

  before(async () => {
    const rooms = memoryDestination();
    world = await testEngine([rooms.connector]);
    integrationId = await world.connect(rooms.connector.id, {}, {});
    session = await world.database.worker.reserve();
  });
  beforeEach(async () => {
    await world.write((tx) => tx`delete from sync_run`);
    await session`select pg_advisory_unlock_all()`;
    for (const worker of [bulksWorker, quicksWorker])
      await session`select pg_advisory_lock(${workerLocks}::int, ${worker}::int)`;
    bulk = await started('BULK', bulksWorker);
    quick = await started('QUICK', quicksWorker);
  });
  after(async () => {
    session.release();
    await world.database.drop();
  });

  it('is had by one of them, and whoever writes without it is refused', async () => {
    assert.equal(await take(bulk), true);
    assert.equal(await take(quick), false);
    await writes(bulk);
    await assert.rejects(writes(quick), LostClaim);
  });

  it('is kept by the bulk run while the quick one reads, and given back once that one has planned', async () => {
    await take(bulk);
    assert.equal(await keeps(bulk), true);
    await planned(quick);
    assert.equal(await keeps(bulk), false);
    await world.write((tx) => giveTurn(tx, bulk));
    assert.deepEqual([await take(bulk), await take(quick)], [false, true], 'the quick run comes first');
    assert.equal(await keeps(quick), true);
    await world.write((tx) => tx`update sync_run set status = 'SUCCEEDED', has_turn = false where id = ${quick.id}`);
    assert.equal(await take(bulk), true);
  });

  it('passes on when the worker of a quick run is gone, and comes back to whoever takes that run over', async () => {
    await planned(quick);
    await take(quick);
    await dies(quicksWorker);
    assert.equal(await take(bulk), true);
    await assert.rejects(writes(quick), LostClaim);
    const again = await claim('QUICK', bulksWorker);
    assert.equal(again?.id, quick.id);
    assert.equal(await keeps(bulk), false);
  });

  it('passes on when the worker of the bulk run is stopped: should it wake, it writes nothing', async () => {
    await take(bulk);
    await planned(quick);
    await world.write(
      (tx) => tx`update sync_run set heartbeat_at = now() - interval '11 seconds' where id = ${bulk.id}`,
    );
    assert.equal(await take(quick), true);
    await assert.rejects(writes(bulk), LostClaim);
    await assert.rejects(
      world.write((tx) => beat(tx, bulk)),
      LostClaim,
      'nor does it get leave to call anybody',
    );
    const places = await unattended(world.database.system, new Date());
    assert.deepEqual(
      places.map(({ lane }) => lane),
      ['BULK'],
    );
  });

  it('is not taken by a worker whose run another one has taken over', async () => {
    await dies(bulksWorker);
    assert.ok(await claim('BULK', quicksWorker));
    await assert.rejects(take(bulk), LostClaim);
  });
});

/** A claim that was lost while nobody looked is missed before the next call. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { memoryDestination } from '../../test/harness/memory.ts';
import { claimRun, LostClaim, type RunPlaceRow, type RunRow } from '../db/queries/engine/run.ts';
import { Cancelled, type Claim, holdClaim } from './claim.ts';
import type { Engine } from './engine.ts';

describe('a claim', () => {
  let world: TestEngine;
  let place: RunPlaceRow;
  const held: Claim[] = [];
  const claim = async (worker: number): Promise<RunRow> => {
    const run = await world.write((tx) => claimRun(tx, place, worker, world.engine.clock.now()));
    assert.ok(run);
    return run;
  };
  const hold = (run: RunRow, engine: Engine = world.engine) => {
    const stop = new AbortController();
    const claim = holdClaim(engine, run, stop);
    held.push(claim);
    return { claim, stop };
  };

  before(async () => {
    const { connector } = memoryDestination();
    world = await testEngine([connector]);
    place = {
      tenantId: world.school.tenant.id,
      integrationId: await world.connect(connector.id, {}, {}),
      lane: 'BULK',
    };
    await world.write((tx) =>
      world.api.requestRun(tx, {
        ...place,
        trigger: 'MANUAL',
        mode: 'DELTA',
        requestedBy: 'a person',
        now: world.engine.clock.now(),
      }),
    );
  });
  after(async () => {
    for (const claim of held) claim.end();
    await world.database.drop();
  });

  it('permits calls, without asking the database each time', async () => {
    let commits = 0;
    const counting = { ...world.engine, wake: () => void (commits += 1) };
    const { claim: mine, stop } = hold(await claim(1), counting);
    await Promise.all([mine.permit(), mine.permit(), mine.permit()]);
    await mine.permit();

    assert.equal(commits, 1);
    assert.equal(stop.signal.aborted, false);
  });

  it('that another worker took over permits none, and stops the run', async () => {
    const { claim: mine, stop } = hold(await claim(1));
    await world.write((tx) => tx`update sync_run set heartbeat_at = now() - interval '1 minute'`);
    await claim(2);

    await assert.rejects(mine.permit(), LostClaim);
    assert.ok(stop.signal.reason instanceof LostClaim);
  });

  it('on a run that a person has cancelled permits none', async () => {
    const { claim: mine } = hold(await claim(2));
    await world.write((tx) => tx`update sync_run set cancel_requested = true`);

    await assert.rejects(mine.permit(), Cancelled);
  });

  it('that nobody can vouch for, because the database is away, permits none', async () => {
    const away = new Error('The database is away.');
    const db = Object.assign(() => undefined, { begin: () => Promise.reject(away) }) as unknown as Engine['db'];
    const { claim: mine, stop } = hold(await claim(2), { ...world.engine, db });

    await assert.rejects(mine.permit(), (error) => error === away);
    assert.equal(stop.signal.reason, away);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemorySource, memorySource } from '../../test/harness/memory.ts';

describe('a run that is to change what somebody else has locked', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let from: string;
  const ann = { id: 'ann', familyName: 'Bos', role: 'teacher', email: 'ann@school.example' };

  before(async () => {
    sis = memorySource();
    world = await testEngine([sis.connector]);
    from = await world.connect(sis.connector.id, {}, {});
    sis.people.push({ ...ann, givenName: 'Ann' });
    await world.sync(from);
  });
  after(() => world.database.drop());

  /** Somebody locks everybody; the run is carried out meanwhile, by a worker that waits for so many milliseconds at most. */
  const syncAgainst = async (
    givenName: string,
    how: { statementTimeout?: number; until: 'it was left' | 'the end' },
  ) => {
    sis.people.splice(0, 1, { ...ann, givenName });
    const asked = { tenantId: world.school.tenant.id, integrationId: from, now: world.engine.clock.now() };
    await world.write((tx) =>
      world.api.requestRun(tx, { ...asked, mode: 'FULL', trigger: 'MANUAL', requestedBy: 'a person' }),
    );
    const released = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const inTheWay = world.database.connect('worker', { max: 1, idleInTransactionTimeout: 0 }).begin(async (tx) => {
      await tx`select set_config('homeroom.tenant', ${asked.tenantId}, true), set_config('homeroom.schools', '*', true)`;
      await tx`select 1 from person for update`;
      locked.resolve();
      await released.promise;
    });
    await locked.promise;
    let left = 0;
    const warn = () => {
      left += 1;
      if (how.until === 'it was left') released.resolve();
    };
    const { statementTimeout } = how;
    const db = statementTimeout ? world.database.connect('worker', { statementTimeout }) : world.engine.db;
    const run = await world.runWaiting(from, { ...world.engine, db, log: { ...world.engine.log, warn } });
    released.resolve();
    await inTheWay;

    return { run, left };
  };

  it('is left and taken up again once it is free, as after the death of a worker whose statement goes on', async () => {
    const { run, left } = await syncAgainst('Anna', { until: 'it was left' });
    assert.deepEqual([run?.status, run?.error, run?.updated, left], ['SUCCEEDED', null, 1, 1]);
  });

  it('is also taken up again when a statement takes longer than it may', async () => {
    const { run, left } = await syncAgainst('Anne', { statementTimeout: 500, until: 'it was left' });
    assert.deepEqual([run?.status, run?.error, run?.updated, left], ['SUCCEEDED', null, 1, 1]);
  });

  it('fails when that happens a third time, and says what helps; the next sync goes on', async () => {
    const { run, left } = await syncAgainst('Annette', { statementTimeout: 500, until: 'the end' });
    // The first try got as far as that, and is not counted.
    assert.deepEqual([run?.status, run?.error?.code, left], ['FAILED', 'database_too_slow', 3]);
    assert.match(run?.error?.remedy ?? '', /The next sync goes on by itself/);
    const next = await world.sync(from, { mode: 'FULL' });
    assert.deepEqual([next.status, next.updated], ['SUCCEEDED', 1]);
  });
});

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

  it('is left and taken up again once it is free, as after the death of a worker whose statement goes on', async () => {
    sis.people.splice(0, 1, { ...ann, givenName: 'Anna' });
    const asked = { tenantId: world.school.tenant.id, integrationId: from, now: world.engine.clock.now() };
    await world.write((tx) =>
      world.api.requestRun(tx, { ...asked, mode: 'FULL', trigger: 'MANUAL', requestedBy: 'a person' }),
    );
    const released = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const dying = world.database.connect('worker', { max: 1, idleInTransactionTimeout: 0 }).begin(async (tx) => {
      await tx`select set_config('homeroom.tenant', ${asked.tenantId}, true), set_config('homeroom.schools', '*', true)`;
      await tx`select 1 from person for update`;
      locked.resolve();
      await released.promise;
    });
    await locked.promise;
    let left = 0;
    const warn = () => {
      left += 1;
      released.resolve();
    };
    const run = await world.runWaiting(from, { ...world.engine, log: { ...world.engine.log, warn } });
    released.resolve();
    await dying;

    assert.deepEqual([run?.status, run?.error, run?.updated], ['SUCCEEDED', null, 1]);
    assert.equal(left, 1, 'it was in the way');
  });
});

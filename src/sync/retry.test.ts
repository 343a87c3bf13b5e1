import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemoryDestination, memoryDestination } from '../../test/harness/memory.ts';
import { Refused } from '../connectors/kit/errors.ts';

describe('a retry', () => {
  let world: TestEngine;
  let rooms: MemoryDestination;
  let destination: string;
  const retry = (runId: string) => {
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() };
    return world.write((tx) => world.api.retryFailed(tx, { ...act, runId }));
  };
  const refuse = () => {
    throw new Refused({ code: 'no', message: 'No.', remedy: 'Ask again.' });
  };

  before(async () => {
    rooms = memoryDestination();
    world = await testEngine([rooms.connector]);
    destination = await world.connect(rooms.connector.id, {}, {});
    for (const title of ['Art', 'Biology', 'Chemistry']) await world.school.class({ title });
  });
  after(() => world.database.drop());

  it('looks at only what failed, and writes nothing else', async () => {
    rooms.meanwhile = () => {
      if (rooms.journal.length === 1) refuse();
    };
    const failed = await world.sync(destination);
    assert.deepEqual([failed.status, failed.created, failed.failed], ['PARTIAL', 1, 2]);
    rooms.meanwhile = () => undefined;
    await world.school.class({ title: 'Drama' });
    const id = await retry(failed.id);
    assert.equal(await retry(failed.id), id, 'asked twice, it is one run');
    const run = await world.runWaiting(destination);

    assert.deepEqual([run?.id, run?.status, run?.created, rooms.classes.size], [id, 'SUCCEEDED', 2, 3]);
    assert.equal((await world.sync(destination)).created, 1, 'what came later is the next sync’s');
  });

  it('takes along what was left because it waited for what failed', async () => {
    const classId = await world.school.class({ title: 'Ethics' });
    const personId = await world.school.person({ givenName: 'Ann', familyName: 'X', email: 'ann@x.example' });
    await world.school.enrollment({ classId, personId });
    rooms.meanwhile = ({ stream }) => void (stream === 'classes' && refuse());
    const failed = await world.sync(destination);
    assert.deepEqual([failed.failed, failed.skipped, rooms.members.size], [1, 1, 0]);
    rooms.meanwhile = () => undefined;
    await retry(failed.id);
    const run = await world.runWaiting(destination);

    assert.deepEqual([run?.created, rooms.members.size], [2, 1]);
  });

  it('is refused where nothing failed, and for a run that has not ended or is not there', async () => {
    const well = await world.sync(destination);
    await assert.rejects(retry(well.id), { name: 'InvalidState' });
    await assert.rejects(retry(destination), { name: 'NotFound' });
    const act = {
      tenantId: world.school.tenant.id,
      integrationId: destination,
      requestedBy: 'a person',
      now: new Date(),
    };
    const queued = await world.write((tx) => world.api.requestRun(tx, { ...act, trigger: 'MANUAL', mode: 'DELTA' }));
    await assert.rejects(retry(queued), { name: 'InvalidState' });
  });
});

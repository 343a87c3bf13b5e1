import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemoryDestination, memoryDestination, memorySource } from '../../test/harness/memory.ts';

describe('the first plan of a destination', () => {
  let world: TestEngine;
  let rooms: MemoryDestination;
  let destination: string;
  let classId: string;
  const seen = (runId: string) =>
    world.write(async (tx) => {
      const [row] = await tx<{ mode: string; links: number; questions: number; approvedAt: Date | null }[]>`
        select r.mode, i.approved_at as "approvedAt", (select count(*)::int from link) as links,
               (select count(*)::int from sync_conflict) as questions
        from sync_run r join integration i on i.id = r.integration_id where r.id = ${runId}`;
      return row;
    });

  before(async () => {
    rooms = memoryDestination();
    world = await testEngine([rooms.connector, memorySource().connector], {});
    destination = await world.connect(rooms.connector.id, {}, {});
    classId = await world.school.class({ title: 'Art' });
    for (const name of ['ann', 'bob']) {
      const personId = await world.school.person({ givenName: name, familyName: 'X', email: `${name}@x.example` });
      await world.school.enrollment({ classId, personId });
    }
  });

  after(() => world.database.drop());

  it('waits until somebody approves it, whatever the run was asked for', async () => {
    const run = await world.sync(destination);

    assert.equal(run.status, 'HELD', JSON.stringify({ run, messages: world.messages }));
    assert.equal(
      run.heldReason,
      'This is the first plan for Memory Rooms: nothing is written until somebody approves it.',
    );
    assert.equal(run.created, 5);
    assert.deepEqual(rooms.journal, []);
    assert.deepEqual(await seen(run.id), { mode: 'PREVIEW', links: 0, questions: 0, approvedAt: null });
  });

  it('is a preview for some classes too, and after an edit', async () => {
    const scoped = await world.sync(destination, { classIds: [classId] });
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date() };
    const personId = await world.school.person({ givenName: 'cas', familyName: 'X', email: 'cas@x.example' });
    await world.write((tx) => world.api.enrollPerson(tx, { ...act, classId, personId, role: 'student' }));
    const changed = await world.runWaiting(destination);

    assert.deepEqual([scoped.status, changed?.status, changed?.trigger], ['HELD', 'HELD', 'DATA_CHANGE']);
    assert.deepEqual(rooms.journal, []);
    assert.equal((await seen(scoped.id))?.links, 0);
  });

  it('is applied when a person approves it, and the runs after it write without being asked', async () => {
    const run = await world.sync(destination);
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() };
    await world.write((tx) => world.api.approveRun(tx, { ...act, runId: run.id, planHash: run.planHash ?? '' }));
    const applied = await world.runWaiting(destination);
    assert.deepEqual([applied?.id, applied?.status, applied?.created], [run.id, 'SUCCEEDED', 7]);
    assert.ok((await seen(run.id))?.approvedAt);

    await world.school.class({ title: 'Biology' });
    const next = await world.sync(destination);
    assert.deepEqual([next.status, next.created, rooms.classes.size], ['SUCCEEDED', 1, 2]);
  });

  it('does not wait in a school that does not want to be asked', async () => {
    const other = memoryDestination('other-rooms');
    const at = await testEngine([other.connector], { previewFirst: false });
    const integrationId = await at.connect(other.connector.id, {}, {});
    await at.school.class({ title: 'Art' });
    const run = await at.sync(integrationId);
    assert.deepEqual([run.status, run.created], ['SUCCEEDED', 1]);

    await at.write((tx) => tx`update school set settings = '{}'`);
    await at.school.class({ title: 'Biology' });
    assert.equal((await at.sync(integrationId)).status, 'SUCCEEDED', 'it was trusted before');
    await at.database.drop();
  });

  it('of a source does not wait: nothing is written there', async () => {
    const source = await world.connect('memory-sis', {}, {});

    assert.equal((await world.sync(source)).status, 'SUCCEEDED');
  });
});

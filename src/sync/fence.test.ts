import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemoryDestination, memoryDestination } from '../../test/harness/memory.ts';

describe('an operation there', () => {
  let world: TestEngine;
  let rooms: MemoryDestination;
  let destination: string;
  let classId: string;
  let newcomers = 0;
  /** Syncs, and does something after the plan is made and before the classes' turn: while somebody new is written there. */
  const syncWhile = async (fn: () => Promise<unknown>) => {
    newcomers += 1;
    await world.school.person({ givenName: 'New', familyName: 'Comer', email: `new${newcomers}@x.example` });
    let done = false;
    rooms.meanwhile = async ({ verb, stream }) => {
      if (verb !== 'create' || stream !== 'people' || done) return;
      done = true;
      await fn();
    };
    const run = await world.sync(destination);
    assert.ok(done);
    rooms.meanwhile = () => undefined;
    const log = await world.log(run.id);
    return log
      .filter(({ action }) => action.startsWith('rooms.classes'))
      .map(({ status, details }) => [status, details?.why]);
  };
  const writes = (stream: string) => rooms.journal.filter((call) => call.stream === stream).map(({ verb }) => verb);

  before(async () => {
    rooms = memoryDestination();
    world = await testEngine([rooms.connector]);
    destination = await world.connect(rooms.connector.id, {}, {});
  });
  after(() => world.database.drop());

  it('that makes a record is not sent when another run has linked it since the plan was made', async () => {
    classId = await world.school.class({ title: 'Art' });
    rooms.classes.set('by-another', { id: 'by-another', title: 'Art' });
    const told = await syncWhile(() =>
      world.write(
        (tx) => tx`
          insert into link (tenant_id, school_id, integration_id, stream, key, record_id, state, base)
          select tenant_id, school_id, ${destination}, 'classes', 'by-another', id, 'LINKED', '{"title": "Art"}' from class`,
      ),
    );

    assert.deepEqual(told, [['SKIPPED', 'Another run has linked it since the plan was made.']]);
    assert.deepEqual(writes('classes'), []);
  });

  it('that changes one is not sent when our value has moved since', async () => {
    await world.write((tx) => tx`update class set title = 'Art 1'`);
    const told = await syncWhile(() => world.write((tx) => tx`update class set title = 'Art 2'`));

    assert.deepEqual(told, [['SKIPPED', 'It changed here since the plan was made; the next run looks again.']]);
    assert.deepEqual(writes('classes'), []);
  });

  it('that changes one is not sent when another run has settled it since', async () => {
    const told = await syncWhile(() =>
      world.write((tx) => tx`update link set base = '{"title": "Art 2"}' where key = 'by-another'`),
    );

    assert.deepEqual(told, [['SKIPPED', 'Another run has settled it since the plan was made.']]);
    assert.deepEqual(writes('classes'), []);
    await world.write((tx) => tx`update link set base = '{"title": "Art"}' where key = 'by-another'`);
    assert.equal((await world.sync(destination)).updated, 1);
    assert.equal(rooms.classes.get('by-another')?.title, 'Art 2');
  });

  it('that removes one is not sent when it is to be mirrored again', async () => {
    for (let index = 0; index < 10; index += 1) await world.school.class({ title: `C${index}` });
    await world.sync(destination);
    await world.write((tx) => tx`update class set status = 'ARCHIVED' where id = ${classId}`);
    const told = await syncWhile(() =>
      world.write((tx) => tx`update class set status = 'ACTIVE' where id = ${classId}`),
    );

    assert.deepEqual(told, [['SKIPPED', 'It is to be mirrored again, since the plan was made.']]);
    assert.ok(rooms.classes.has('by-another'));
  });

  it('that makes one again is sent under a new idempotency key, in place of the one that is gone', async () => {
    rooms.classes.delete('by-another');
    await world.sync(destination);
    const [conflict] = await world.conflicts();
    assert.equal(conflict?.kind, 'DELETED_EXTERNALLY');
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() };
    const { id: conflictId, version } = conflict;
    await world.write((tx) => world.api.resolveConflict(tx, { ...act, conflictId, version, resolution: 'PUSH_LOCAL' }));
    const run = await world.runWaiting(destination);

    assert.deepEqual([run?.status, run?.created, run?.skipped], ['SUCCEEDED', 1, 0]);
  });
});

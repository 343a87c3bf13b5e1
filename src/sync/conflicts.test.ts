import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { memoryDestination } from '../../test/harness/memory.ts';
import { Refused } from '../connectors/kit/errors.ts';

describe('answers to conflicts', () => {
  const rooms = memoryDestination();
  let world: TestEngine;
  let there: string;
  const act = () => ({ tenantId: world.school.tenant.id, by: 'a person', now: new Date() });
  const open = async () => (await world.conflicts()).filter((each) => each.status !== 'RESOLVED');
  const seen = (conflict: { id: string; version: number }) => ({
    conflictId: conflict.id,
    version: conflict.version,
  });
  const all = (
    resolution: 'PUSH_LOCAL' | 'ACCEPT_EXTERNAL' | 'IGNORE',
    conflicts: { conflictId: string; version: number }[],
  ) => world.write((tx) => world.api.resolveConflicts(tx, { ...act(), conflicts, resolution }));
  const rename = (familyName: string, count = 3) => {
    for (const [key, record] of [...rooms.people].slice(0, count)) rooms.people.set(key, { ...record, familyName });
  };
  const names = () => [...rooms.people.values()].map(({ familyName }) => familyName);

  before(async () => {
    world = await testEngine([rooms.connector]);
    there = await world.connect('memory-rooms', {}, {});
    for (const name of ['Ann', 'Cas', 'Eli'])
      await world.school.person({ givenName: name, familyName: 'Bos', email: `${name}@school.example` });
    await world.sync(there);
  });
  beforeEach(async () => {
    rooms.meanwhile = () => undefined;
    await all('PUSH_LOCAL', (await open()).map(seen));
    await world.runWaiting(there);
    assert.deepEqual(names(), ['Bos', 'Bos', 'Bos']);
  });
  after(() => world.database.drop());

  it('are taken one by one: what is refused leaves the others settled, and all pushes go in one run', async () => {
    rename('Boss');
    await world.sync(there);
    const [first, second, third] = await open();
    assert.ok(first && second && third);
    const outcome = await all('PUSH_LOCAL', [
      seen(first),
      { ...seen(second), version: second.version + 1 },
      { conflictId: '00000000-0000-4000-8000-000000000000', version: 1 },
      seen(third),
    ]);
    assert.deepEqual(outcome.settled.toSorted(), [first.id, third.id].toSorted());
    assert.deepEqual(outcome.failures.map(({ error }) => error.name).toSorted(), ['NotFound', 'Stale']);
    assert.equal(outcome.runIds.length, 1);
    await world.runWaiting(there);
    assert.deepEqual(names().toSorted(), ['Bos', 'Bos', 'Boss']);
    assert.deepEqual(
      (await open()).map(({ id }) => id),
      [second.id],
    );
  });

  it('count once when two people give them at the same time', async () => {
    rename('Boss', 1);
    await world.sync(there);
    const [conflict] = await open();
    assert.ok(conflict);
    const answer = (resolution: 'PUSH_LOCAL' | 'ACCEPT_EXTERNAL') =>
      world.write((tx) => world.api.resolveConflict(tx, { ...act(), ...seen(conflict), resolution }));
    const outcomes = await Promise.allSettled([answer('PUSH_LOCAL'), answer('ACCEPT_EXTERNAL')]);

    assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    await world.write((tx) => tx`update person set family_name = 'Bos'`);
    await world.runWaiting(there);
    await world.sync(there);
  });

  it('are refused when either side has moved since the person looked', async () => {
    rename('Boss', 1);
    await world.sync(there);
    const [conflict] = await open();
    assert.ok(conflict);
    rename('Bosch', 1);
    await world.sync(there);
    await assert.rejects(
      world.write((tx) => world.api.resolveConflict(tx, { ...act(), ...seen(conflict), resolution: 'PUSH_LOCAL' })),
      { name: 'Stale' },
    );
  });

  it('stay with what was ignored: that pair is not asked again, also after another field was written; another pair is', async () => {
    rename('Boss', 1);
    await world.sync(there);
    await all('IGNORE', (await open()).map(seen));
    await world.write((tx) => tx`update person set given_name = 'Anna' where given_name = 'Ann'`);
    const run = await world.sync(there);
    assert.deepEqual([run.updated, run.conflicts], [1, 0]);
    assert.equal((await world.sync(there)).conflicts, 0);

    rename('Bosch', 1);
    assert.equal((await world.sync(there)).conflicts, 1);
  });

  it('are asked for again when the push fails, and nothing is pushed until then', async () => {
    rename('Bosma', 1);
    await world.sync(there);
    const asked = await open();
    rooms.meanwhile = () => {
      throw new Refused({ code: 'no', message: 'No.', remedy: 'Try later.' });
    };
    await all('PUSH_LOCAL', asked.map(seen));
    await world.runWaiting(there);
    assert.deepEqual(
      (await open()).map(({ id, status, resolution }) => [id, status, resolution]),
      asked.map(({ id }) => [id, 'OPEN', null]),
    );
    rooms.meanwhile = () => undefined;
    assert.equal((await world.sync(there)).updated, 0);
  });

  it('are not needed any more when both sides agree again by themselves', async () => {
    rename('Bosma', 1);
    await world.sync(there);
    const [conflict] = await open();
    rename('Bos', 1);
    await world.sync(there);
    assert.deepEqual(
      (await world.conflicts())
        .filter(({ id }) => id === conflict?.id)
        .map(({ status, resolution }) => [status, resolution]),
      [['RESOLVED', null]],
    );
  });

  it('for some fields leave the others open', async () => {
    for (const [key, record] of [...rooms.people].slice(0, 1))
      rooms.people.set(key, { ...record, familyName: 'Bosma', givenName: 'Annie' });
    await world.sync(there);
    const [conflict] = await open();
    assert.ok(conflict);
    const request = { ...act(), ...seen(conflict), resolution: 'PUSH_LOCAL' as const, fields: ['givenName'] };
    await world.write((tx) => world.api.resolveConflict(tx, request));
    await world.runWaiting(there);
    assert.equal([...rooms.people.values()][0]?.givenName, 'Anna');
    assert.deepEqual(
      (await open()).map(({ fields }) => fields.map(({ name }) => name)),
      [['familyName']],
    );
  });

  it('are open again when their integration is disconnected before the push went out', async () => {
    for (const [key, record] of [...rooms.people].slice(0, 1)) rooms.people.set(key, { ...record, givenName: 'Anke' });
    await world.sync(there);
    const [conflict] = await open();
    assert.ok(conflict);
    await all('PUSH_LOCAL', [seen(conflict)]);
    assert.equal((await open())[0]?.status, 'RESOLVING');
    await world.write((tx) => world.api.disconnectIntegration(tx, { ...act(), integrationId: there }));

    assert.deepEqual(
      (await open()).map(({ id, status, resolution }) => [id, status, resolution]),
      [[conflict.id, 'OPEN', null]],
    );
  });
});

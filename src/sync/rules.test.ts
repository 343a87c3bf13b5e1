import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { memoryDestination, memorySource } from '../../test/harness/memory.ts';

describe('standing rules', () => {
  const sis = memorySource();
  const rooms = memoryDestination();
  let world: TestEngine;
  let source: string;
  let there: string;
  let personId: string;
  const act = () => ({ tenantId: world.school.tenant.id, by: 'a person', now: new Date() });
  const open = async () => (await world.conflicts()).filter((each) => each.status !== 'RESOLVED');
  const person = async () =>
    (await world.write((tx) => tx`select given_name, family_name, email from person where id = ${personId}`))[0];
  const rule = (integrationId: string, field: string, rule: 'ASK' | 'ALWAYS_PUSH_LOCAL' | 'ALWAYS_ACCEPT_EXTERNAL') =>
    world.write((tx) =>
      world.api.setFieldRule(tx, { ...act(), integrationId, entityType: 'person' as const, field, rule }),
    );
  const rename = (values: object) => {
    for (const [key, record] of rooms.people) rooms.people.set(key, { ...record, ...values });
  };
  const reasons = async (runId: string) => (await world.log(runId)).map(({ action, reason }) => [action, reason]);

  before(async () => {
    world = await testEngine([sis.connector, rooms.connector]);
    source = await world.connect('memory-sis', {}, {});
    there = await world.connect('memory-rooms', {}, {});
    sis.people = [{ id: 'p1', givenName: 'Ann', familyName: 'Bos', role: 'teacher', email: 'ann@school.example' }];
    await world.sync(source);
    await world.sync(there);
    const [row] = await world.write((tx) => tx<{ id: string }[]>`select id from person`);
    personId = row?.id ?? '';
    assert.equal(rooms.people.size, 1);
  });
  after(() => world.database.drop());

  it('are for fields that the integration exchanges, and for values that can be taken', async () => {
    for (const field of ['shoeSize', 'phone'])
      await assert.rejects(rule(there, field, 'ALWAYS_PUSH_LOCAL'), { name: 'ValidationFailed' });
    await assert.rejects(rule('00000000-0000-4000-8000-000000000000', 'email', 'ASK'), { name: 'NotFound' });
    await assert.rejects(
      world.write((tx) =>
        world.api.setFieldRule(tx, {
          ...act(),
          integrationId: there,
          entityType: 'class' as const,
          field: 'email',
          rule: 'ASK' as const,
        }),
      ),
      { name: 'ValidationFailed' },
    );
  });

  it('answer what is asked already, write ours there, and say so', async () => {
    rename({ familyName: 'Boss' });
    await world.sync(there);
    assert.deepEqual(
      (await open()).map(({ kind, fields }) => [kind, fields.map(({ name }) => name)]),
      [['FIELD_CHANGED', ['familyName']]],
    );
    await rule(there, 'familyName', 'ALWAYS_PUSH_LOCAL');
    const run = await world.sync(there);

    assert.equal([...rooms.people.values()][0]?.familyName, 'Bos');
    assert.deepEqual(await reasons(run.id), [
      ['rooms.people.update', 'A standing rule of the school: familyName always takes Homeroom’s value.'],
    ]);
    assert.deepEqual(await open(), []);
    assert.deepEqual(
      (await world.conflicts()).map(({ status, resolution }) => [status, resolution]),
      [['RESOLVED', 'PUSH_LOCAL']],
    );
    assert.equal((await world.sync(there)).updated, 0, 'L2');
  });

  it('take their value here, kept against the source that owns it', async () => {
    await rule(there, 'familyName', 'ALWAYS_ACCEPT_EXTERNAL');
    rename({ familyName: 'Bosch' });
    const run = await world.sync(there);
    assert.deepEqual(await reasons(run.id), [
      ['rooms.people.accept', 'A standing rule of the school: familyName always takes the value of Memory Rooms.'],
    ]);
    assert.equal((await person())?.family_name, 'Bosch');
    assert.deepEqual(
      [...(await world.write((tx) => tx`select field, value, source_value from override`))],
      [{ field: 'familyName', value: 'Bosch', source_value: 'Bos' }],
    );
    assert.equal((await world.sync(source)).updated, 0, 'the source leaves it alone');
    assert.equal((await person())?.family_name, 'Bosch');
    assert.deepEqual(await open(), []);
  });

  it('hold at a source too: ours stays, whatever it says, and that is told once', async () => {
    await rule(source, 'familyName', 'ALWAYS_PUSH_LOCAL');
    sis.people = sis.people.map((each) => ({ ...each, familyName: 'Bossa' }));
    const run = await world.sync(source);
    assert.deepEqual(
      (await reasons(run.id)).map(([action]) => action),
      ['memory.people.keep'],
    );
    assert.equal((await person())?.family_name, 'Bosch');
    assert.deepEqual([...(await world.log((await world.sync(source)).id))], [], 'L1');
  });

  it('give in to the source where the school says so, and nothing is kept against it any more', async () => {
    await rule(source, 'familyName', 'ASK');
    sis.people = sis.people.map((each) => ({ ...each, familyName: 'Bosboom' }));
    await world.sync(source);
    assert.deepEqual(
      (await open()).map(({ fields }) => fields),
      [[{ name: 'familyName', baseValue: 'Bossa', localValue: 'Bosch', externalValue: 'Bosboom' }]],
    );
    await rule(source, 'familyName', 'ALWAYS_ACCEPT_EXTERNAL');
    const run = await world.sync(source);
    assert.deepEqual(await reasons(run.id), [
      ['memory.people.update', 'A standing rule of the school: familyName always takes the value of Memory SIS.'],
    ]);
    assert.equal((await person())?.family_name, 'Bosboom');
    assert.deepEqual([...(await world.write((tx) => tx`select field from override`))], []);
    assert.deepEqual(await open(), []);
  });

  it('leave other fields alone: where the source owns an address, it is Homeroom’s for all others', async () => {
    rename({ email: 'another@school.example', familyName: 'Bosboom' });
    const run = await world.sync(there);
    assert.deepEqual(
      (await open()).map(({ fields }) => fields.map(({ name }) => name)),
      [['email']],
    );
    assert.equal(run.updated, 0);
  });
});

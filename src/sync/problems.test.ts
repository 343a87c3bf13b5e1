import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';
import { Refused } from '../connectors/kit/errors.ts';
import { problemsOfIntegrations } from '../db/queries/problem.ts';

describe('the problems of an integration', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let rooms: MemoryDestination;
  let from: string;
  let to: string;
  const problems = (integrationId: string) => world.write((tx) => problemsOfIntegrations(tx, [integrationId]));
  const codes = async (integrationId: string) => (await problems(integrationId)).map(({ code }) => code);

  before(async () => {
    sis = memorySource();
    rooms = memoryDestination();
    world = await testEngine([sis.connector, rooms.connector]);
    from = await world.connect(sis.connector.id, {}, {});
    to = await world.connect(rooms.connector.id, {}, {});
    sis.classes.push(...Array.from({ length: 4 }, (_, index) => ({ id: `c${index}`, title: `Class ${index}` })));
    await world.sync(from);
  });
  after(() => world.database.drop());

  it('are none while all is well', async () => assert.deepEqual(await codes(from), []));

  it('group what failed by cause, and go when it is made good', async () => {
    rooms.meanwhile = () => {
      throw new Refused({ code: 'rooms_full', message: 'There is no room left.', remedy: 'Make room.' });
    };
    await world.sync(to);
    const [full, ...others] = await problems(to);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [full?.code, full?.message, full?.remedy, full?.turn, full?.affectedCount],
      ['rooms_full', 'There is no room left.', 'Make room.', 'SCHOOL', 4],
    );
    await world.sync(to);
    assert.deepEqual((await problems(to))[0]?.since, full?.since, 'it began when it began');

    rooms.meanwhile = () => undefined;
    await world.sync(to);
    assert.deepEqual(await codes(to), []);
  });

  it('name refused records and records that wait, until they come well', async () => {
    sis.people.push({ id: 'p1', givenName: 'No', familyName: 'Role' });
    sis.enrollments.push({ id: 'e1', class: 'c1', person: 'p1', role: 'student' });
    await world.sync(from);
    assert.deepEqual((await codes(from)).sort(), ['reference_missing', 'required_value_missing']);
    for (const { remedy, turn } of await problems(from)) assert.ok(remedy && turn === 'SCHOOL');

    Object.assign(sis.people[0] ?? {}, { role: 'student' });
    await world.sync(from);
    assert.deepEqual(await codes(from), []);
  });

  it('count open questions, and no longer once they are answered, before any run', async () => {
    const [key = ''] = [...rooms.classes.keys()];
    rooms.classes.set(key, { ...rooms.classes.get(key), id: key, title: 'Theirs' });
    await world.sync(to);
    assert.ok((await codes(to)).includes('open_conflicts'));
    const conflict = (await world.conflicts()).find(({ status }) => status === 'OPEN');
    await world.write((tx) =>
      world.api.resolveConflict(tx, {
        tenantId: world.school.tenant.id,
        conflictId: conflict?.id ?? '',
        version: conflict?.version ?? 0,
        resolution: 'IGNORE',
        by: 'Ms Vos',
        now: world.engine.clock.now(),
      }),
    );
    assert.ok(!(await codes(to)).includes('open_conflicts'));
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';
import { countTimelinesOf, timelinesOf } from '../db/queries/timeline.ts';

describe('what a timeline is made of', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let rooms: MemoryDestination;
  let from: string;
  let to: string;
  const act = () => ({ tenantId: world.school.tenant.id, by: 'Ms Vos', now: world.engine.clock.now() });
  const told = (id: string) => world.write((tx) => timelinesOf(tx, [id], { after: null, limit: 20, descending: true }));
  const actions = async (id: string) => (await told(id)).map(({ action }) => action);
  const idOf = async (table: 'person' | 'class', sourcedId: string) => {
    const [row] = await world.write((tx) =>
      tx.unsafe<{ id: string }[]>(`select id from ${table} where sourced_id = $1`, [sourcedId]),
    );
    assert.ok(row);
    return row.id;
  };

  before(async () => {
    sis = memorySource();
    rooms = memoryDestination();
    world = await testEngine([sis.connector, rooms.connector]);
    from = await world.connect(sis.connector.id, {}, {});
    to = await world.connect(rooms.connector.id, {}, {});
    const person = (id: string) => ({ id, givenName: id, familyName: 'Bos', role: 'student' });
    sis.people.push(...Array.from({ length: 1200 }, (_, index) => person(`p${String(index).padStart(4, '0')}`)));
    sis.classes.push({ id: 'bio', title: 'Biology' });
    await world.sync(from);
    await world.sync(to);
  });
  after(() => world.database.drop());

  it('includes the batch in which a record came with a thousand others', async () => {
    const id = await idOf('person', 'p0777');
    const [made, ...others] = await told(id);

    assert.equal(made?.action, 'memory.people.add');
    assert.equal(made?.status, 'SUCCESS');
    assert.ok(made?.runId && made.integrationId === from);
    assert.deepEqual(others, []);
    const counts = await world.write((tx) => countTimelinesOf(tx, [id]));
    assert.equal(counts[0]?.count, 1);
  });

  it('includes what a person did in Homeroom', async () => {
    const personId = await world.school.person({ givenName: 'Own', email: null });
    const classId = await idOf('class', 'bio');
    await world.write((tx) => world.api.updatePerson(tx, { ...act(), personId, changes: { givenName: 'Our' } }));
    await world.write((tx) => world.api.enrollPerson(tx, { ...act(), personId, classId, role: 'student' }));
    const [enrolled, changed] = await told(personId);

    assert.deepEqual([enrolled?.action, enrolled?.actor], ['enrollment.add', 'Ms Vos']);
    assert.deepEqual(
      [changed?.action, changed?.before, changed?.after],
      ['person.update', { givenName: 'Own' }, { givenName: 'Our' }],
    );
    assert.equal(changed?.integrationId, null);
  });

  it('includes answers to conflicts, with the integration that asked', async () => {
    const id = await idOf('class', 'bio');
    const [key] = [...rooms.classes.keys()];
    rooms.classes.set(key ?? '', { ...rooms.classes.get(key ?? ''), id: key ?? '', title: 'Theirs' });
    await world.sync(to);
    const conflict = (await world.conflicts()).find(({ status }) => status === 'OPEN');
    await world.write((tx) =>
      world.api.resolveConflict(tx, {
        ...act(),
        conflictId: conflict?.id ?? '',
        version: conflict?.version ?? 0,
        resolution: 'PUSH_LOCAL',
      }),
    );
    const [answer] = await told(id);

    assert.deepEqual([answer?.action, answer?.actor, answer?.integrationId], ['conflict.push_local', 'Ms Vos', to]);
    assert.deepEqual([answer?.before, answer?.after], [{ title: 'Theirs' }, { title: 'Biology' }]);
    assert.ok((await actions(id)).includes('rooms.classes.add'));
  });
});

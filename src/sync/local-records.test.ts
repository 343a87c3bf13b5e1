import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';
import { timelinesOf } from '../db/queries/timeline.ts';

describe('a record that people make in Homeroom', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let rooms: MemoryDestination;
  let from: string;
  let to: string;
  let person: string;
  let classId: string;
  const act = () => ({ tenantId: world.school.tenant.id, by: 'Ms Vos', now: world.engine.clock.now() });
  const follow = async () => assert.equal((await world.runWaiting(to))?.status, 'SUCCEEDED');
  const archive = (entity: 'person' | 'class' | 'enrollment', recordId: string) =>
    world.write((tx) => world.api.archiveRecord(tx, { ...act(), entity, recordId }));
  const restore = (entity: 'person' | 'class', recordId: string) =>
    world.write((tx) => world.api.restoreRecord(tx, { ...act(), entity, recordId }));
  const sourced = async (table: 'person' | 'class' | 'enrollment', key: string): Promise<string> => {
    const rows = await world.write((tx) => tx`select id from ${tx(table)} where sourced_id = ${key}`);
    return rows[0]?.id ?? assert.fail(`no ${key}`);
  };

  before(async () => {
    sis = memorySource();
    rooms = memoryDestination();
    world = await testEngine([sis.connector, rooms.connector], { previewFirst: false, removalShare: 1 });
    from = await world.connect(sis.connector.id, {}, {});
    to = await world.connect(rooms.connector.id, {}, {});
    sis.people.push({ id: 'p1', givenName: 'Ann', familyName: 'Bos', role: 'student', email: 'ann@school.example' });
    sis.classes.push({ id: 'bio', title: 'Biology' });
    sis.enrollments.push({ id: 'e1', class: 'bio', person: 'p1', role: 'student' });
    await world.sync(from);
    await world.sync(to);
  });
  after(() => world.database.drop());

  it('reaches the destinations by itself, with its memberships', async () => {
    const { id: schoolId } = world.school;
    const values = { givenName: 'Mia', familyName: 'Own', role: 'student', email: 'mia@school.example' };
    person = await world.write((tx) => world.api.createRecord(tx, { ...act(), entity: 'person', schoolId, values }));
    classId = await world.write((tx) =>
      world.api.createRecord(tx, { ...act(), entity: 'class', schoolId, values: { title: 'Chess' } }),
    );
    await world.write((tx) => world.api.enrollPerson(tx, { ...act(), classId, personId: person, role: 'student' }));
    await follow();

    assert.ok([...rooms.people.values()].some(({ email }) => email === 'mia@school.example'));
    assert.ok([...rooms.classes.values()].some(({ title }) => title === 'Chess'));
    assert.equal(rooms.members.size, 2);
    const told = await world.write((tx) => timelinesOf(tx, [person], { after: null, limit: 20, descending: true }));
    assert.deepEqual(
      told.filter(({ actor }) => actor).map(({ action }) => action),
      ['enrollment.add', 'person.add'],
    );
    // What its source does not have is no reason to archive it.
    await world.sync(from, { mode: 'FULL' });
    const rows = await world.write((tx) => tx`select status from person where id = ${person}`);
    assert.equal(rows[0]?.status, 'ACTIVE');
  });

  it('leaves the destinations when it is put away, and comes back when it is brought back', async () => {
    await archive('class', classId);
    await follow();
    assert.ok(![...rooms.classes.values()].some(({ title }) => title === 'Chess'));
    await restore('class', classId);
    await follow();
    assert.ok([...rooms.classes.values()].some(({ title }) => title === 'Chess'));
    assert.equal(rooms.members.size, 2);
  });

  it('leaves its classes when it is a person', async () => {
    await archive('person', person);
    await follow();
    assert.deepEqual(
      [...rooms.people.values()].map(({ email }) => email),
      ['ann@school.example'],
    );
    assert.equal(rooms.members.size, 1);

    await restore('person', person);
    await follow();
    assert.equal(rooms.people.size, 2);
    assert.equal(rooms.members.size, 1);
    await world.write((tx) => world.api.enrollPerson(tx, { ...act(), classId, personId: person, role: 'student' }));
    await follow();
    assert.equal(rooms.members.size, 2);
    await assert.rejects(restore('person', person), { name: 'InvalidState' });
  });

  it('changes in its fields and in what it refers to, within its school', async () => {
    const term = await world.school.term();
    const course = await world.school.course();
    const change = (changes: Record<string, string>, references: Record<string, string[]>) =>
      world.write((tx) =>
        world.api.changeRecord(tx, { ...act(), entity: 'class', recordId: classId, changes, references }),
      );
    const refs = async () =>
      (
        await world.write(
          (tx) => tx`select title, course_id as course, terms_ids as terms from class where id = ${classId}`,
        )
      )[0];
    await change({ title: 'Chess club' }, { course: [course], terms: [term] });
    assert.deepEqual({ ...(await refs()) }, { title: 'Chess club', course, terms: [term] });
    await change({}, { course: [] });
    assert.deepEqual({ ...(await refs()) }, { title: 'Chess club', course: null, terms: [term] });

    const beside = await (await world.school.tenant.school()).course();
    for (const lost of [beside, term]) await assert.rejects(change({}, { course: [lost] }), { name: 'NotFound' });
    await follow();
    const quiet = rooms.journal.length;
    await change({ title: 'Chess club' }, { terms: [term] });
    assert.equal(await world.runWaiting(to), null, 'nothing has changed');
    assert.equal(rooms.journal.length, quiet);
  });

  it('is the source’s where it has one: it is removed there, and comes back from there', async () => {
    for (const [entity, key] of [
      ['person', 'p1'],
      ['class', 'bio'],
      ['enrollment', 'e1'],
    ] as const) {
      const id = await sourced(entity, key);
      await assert.rejects(archive(entity, id), { name: 'OwnedBySource', integrationId: from });
    }
    // Somebody of our own in a class of the source's may leave it.
    const bio = await sourced('class', 'bio');
    const own = await world.write((tx) =>
      world.api.enrollPerson(tx, { ...act(), classId: bio, personId: person, role: 'student' }),
    );
    await archive('enrollment', own);
    await assert.rejects(archive('enrollment', own), { name: 'InvalidState' });

    sis.classes = [{ id: 'art', title: 'Art' }];
    sis.enrollments = [{ id: 'e1', class: 'bio', person: 'p1', role: 'student', gone: true }];
    await world.sync(from, { mode: 'FULL' });
    await assert.rejects(restore('class', bio), { name: 'InvalidState', message: /source no longer has it/ });
    sis.classes.push({ id: 'bio', title: 'Biology' });
    await world.sync(from, { mode: 'FULL' });
    const rows = await world.write((tx) => tx`select status from class where id = ${bio}`);
    assert.equal(rows[0]?.status, 'ACTIVE');
  });

  it('of a source that was disconnected is put away and brought back by people', async () => {
    const ann = await sourced('person', 'p1');
    await world.write((tx) => world.api.disconnectIntegration(tx, { ...act(), integrationId: from }));
    await archive('person', ann);
    await restore('person', ann);
    const rows = await world.write((tx) => tx`select status from person where id = ${ann}`);
    assert.equal(rows[0]?.status, 'ACTIVE');
  });
});

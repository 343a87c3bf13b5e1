import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { memorySource } from '../../test/harness/memory.ts';
import type { Connector } from '../connectors/kit/contract.ts';

/** A source whose people are known by their address, and whose memberships by who is in what. */
function matching(connector: Connector): Connector {
  const { people, classes, enrollments } = connector.streams;
  assert.ok(people && classes && enrollments);
  const by = (...names: string[]) => ({ match: [{ by: names, adopt: 'link' as const }] });

  return {
    ...connector,
    name: 'Second SIS',
    streams: {
      people: { ...people, ...by('email') },
      classes: { ...classes, ...by('title') },
      enrollments: { ...enrollments, ...by('class', 'person') },
    },
  };
}

describe('several sources of one record', () => {
  const one = memorySource('first-sis');
  const two = memorySource('second-sis');
  let world: TestEngine;
  let first: string;
  let second: string;
  const person = async () =>
    (
      await world.write(
        (tx) => tx<{ id: string; familyName: string; email: string | null; status: string }[]>`
      select id, family_name as "familyName", email, status from person`,
      )
    ).map((row) => ({ ...row }));
  const counts = async () =>
    (
      await world.write(
        (tx) => tx`
      select (select count(*)::int from person) as people, (select count(*)::int from class) as classes,
             (select count(*)::int from enrollment) as enrollments`,
      )
    )[0];
  const writes = async (id: string) => {
    const run = await world.sync(id, { mode: 'FULL' });
    assert.equal(run.status, 'SUCCEEDED');
    return (await world.log(run.id)).length;
  };

  before(async () => {
    world = await testEngine([one.connector, matching(two.connector)]);
    first = await world.connect('first-sis', {}, {});
    second = await world.connect('second-sis', {}, {});
    // One of one may go: what guards hold is another test's.
    await world.write((tx) => tx`update school set settings = settings || '{"removalShare": 1}'`);
    one.people = [{ id: 'p1', givenName: 'Ann', familyName: 'Bos', role: 'teacher', email: 'ann@school.example' }];
    one.classes = [{ id: 'c1', title: 'Art' }];
    one.enrollments = [{ id: 'e1', class: 'c1', person: 'p1', role: 'teacher' }];
    two.people = [{ id: 'x9', givenName: 'Ann', familyName: 'Bosch', role: 'teacher', email: 'Ann@School.example' }];
    two.classes = [{ id: 'k9', title: 'Art' }];
    two.enrollments = [{ id: 'm9', class: 'k9', person: 'x9', role: 'teacher' }];
  });
  after(() => world.database.drop());

  it('is found by what it says when the second one comes, and is not made again', async () => {
    await world.sync(first);
    const run = await world.sync(second);
    assert.deepEqual(
      (await world.log(run.id)).map(({ action, status, reason }) => [action, status, reason]),
      [
        ['memory.people.link', 'SUCCESS', 'Known here already: alike by email.'],
        ['memory.classes.link', 'SUCCESS', 'Known here already: alike by title.'],
        ['memory.enrollments.link', 'SUCCESS', 'Known here already: alike by class and person.'],
      ],
    );
    assert.deepEqual(await counts(), { people: 1, classes: 1, enrollments: 1 });
  });

  it('is written once when they spell a name differently for twenty runs', async () => {
    let written = 0;
    for (let time = 0; time < 10; time += 1) written += (await writes(first)) + (await writes(second));
    assert.equal(written, 0);
    assert.equal((await person())[0]?.familyName, 'Bos');
  });

  it('belongs to the first: what the second changes is not taken over, what the first changes is', async () => {
    two.people = two.people.map((each) => ({ ...each, familyName: 'Boschmans' }));
    assert.equal(await writes(second), 0);
    one.people = one.people.map((each) => ({ ...each, familyName: 'Bosman' }));
    assert.equal(await writes(first), 1);
    assert.equal((await person())[0]?.familyName, 'Bosman');
  });

  it('is filled in by the second where the first says nothing, until the first says something', async () => {
    const say = (source: typeof one, email: string | undefined) => {
      source.people = source.people.map(({ email: _before, ...each }) => ({ ...each, ...(email && { email }) }));
    };
    say(one, undefined);
    await world.sync(first);
    assert.equal((await person())[0]?.email, null);
    say(two, 'ann@second.example');
    await world.sync(second);
    one.people = one.people.map((each) => ({ ...each, givenName: 'Anna' }));
    await world.sync(first);
    assert.equal((await person())[0]?.email, 'ann@second.example', 'to say nothing empties nothing');
    say(two, 'a.bos@second.example');
    await world.sync(second);
    assert.equal((await person())[0]?.email, 'a.bos@second.example');
    say(one, 'ann@first.example');
    await world.sync(first);
    say(two, 'other@second.example');
    await world.sync(second);
    assert.equal((await person())[0]?.email, 'ann@first.example');
  });

  it('may not be edited here, and the refusal names the one that owns the field', async () => {
    const [found] = await person();
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date(), personId: found?.id ?? '' };
    const edit = () => world.write((tx) => world.api.updatePerson(tx, { ...act, changes: { familyName: 'Mine' } }));
    await assert.rejects(edit(), { name: 'OwnedBySource', integrationId: first });

    await world.write((tx) => tx`update integration set position = 9 where id = ${first}`);
    await assert.rejects(edit(), {
      name: 'OwnedBySource',
      integrationId: second,
      message: /^Second SIS owns familyName/,
    });
    await world.write((tx) => tx`update integration set position = 0 where id = ${first}`);
  });

  it('stays while one of them has it, and then is that one’s', async () => {
    const [was] = await person();
    one.people = one.people.map((each) => ({ ...each, gone: true }));
    one.enrollments = [{ id: 'other', class: 'c1', person: 'p1', role: 'student', gone: true }];
    await world.sync(first);
    const [now] = await person();
    assert.deepEqual([now?.id, now?.status], [was?.id, 'ACTIVE']);
    await world.sync(second, { mode: 'FULL' });
    assert.equal((await person())[0]?.familyName, 'Boschmans');
  });

  it('is nobody’s once its source is disconnected, also not that source’s to keep', async () => {
    one.people = one.people.map(({ gone: _gone, ...each }) => each);
    await world.sync(first);
    assert.equal((await counts())?.people, 2, 'it came back as a new record, for the first source matches by nothing');
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date() };
    await world.write((tx) => world.api.disconnectIntegration(tx, { ...act, integrationId: second }));
    const found = (await person()).find(({ familyName }) => familyName === 'Boschmans');
    await world.write((tx) =>
      world.api.updatePerson(tx, { ...act, personId: found?.id ?? '', changes: { familyName: 'Ours' } }),
    );
    assert.equal((await person()).find(({ id }) => id === found?.id)?.familyName, 'Ours');
  });
});

describe('a source that is disconnected', () => {
  const one = memorySource('first-sis');
  const two = memorySource('second-sis');
  let world: TestEngine;
  let first: string;
  let second: string;
  const name = async () =>
    (await world.write((tx) => tx<{ name: string }[]>`select family_name as name from person`)).map((row) => row.name);
  const act = () => ({ tenantId: world.school.tenant.id, by: 'a person', now: new Date() });
  /** How many entries its next run has, by changes alone where the source tells them. */
  const writes = async (id: string) => (await world.log((await world.sync(id)).id)).length;

  before(async () => {
    const connector = matching(two.connector);
    const { people } = connector.streams;
    assert.ok(people);
    // From the second run on it tells what has changed, which is nothing.
    const since = async function* () {
      yield { records: [], next: null, mark: 'mark' };
    };
    const byChange = { ...people, pull: { ...people.pull, since } };
    world = await testEngine([one.connector, { ...connector, streams: { ...connector.streams, people: byChange } }], {
      removalShare: 1,
    });
    first = await world.connect('first-sis', {}, {});
    second = await world.connect('second-sis', {}, {});
    one.people = [{ id: 'p1', givenName: 'Ann', familyName: 'Bos', role: 'teacher', email: 'ann@school.example' }];
    two.people = [{ id: 'x9', givenName: 'Ann', familyName: 'Bosch', role: 'teacher', email: 'ann@school.example' }];
    await world.sync(first);
    await world.sync(second);
  });
  after(() => world.database.drop());

  it('leaves its fields to the next one, whose next run says so although nothing of it has changed', async () => {
    assert.deepEqual([await writes(second), await name()], [0, ['Bos']]);
    await world.write((tx) => world.api.disconnectIntegration(tx, { ...act(), integrationId: first }));
    assert.deepEqual(await name(), ['Bos'], 'not before its own run');
    assert.equal(await writes(second), 1);
    assert.deepEqual(await name(), ['Bosch']);
    assert.equal(await writes(second), 0);
  });

  it('has them again once it is connected again', async () => {
    await world.write((tx) =>
      world.api.updateIntegration(tx, { ...act(), integrationId: first, settings: {}, credentials: {} }),
    );
    assert.deepEqual([await writes(first), await name()], [1, ['Bos']]);
    assert.deepEqual([await writes(second), await writes(first), await name()], [0, 0, ['Bos']]);
  });

  it('leaves them to the next one also when it only loses the record', async () => {
    one.people = [{ id: 'p2', givenName: 'Eve', familyName: 'Ede', role: 'teacher', email: 'eve@school.example' }];
    await world.sync(first);
    assert.equal(await writes(second), 1);
    assert.deepEqual((await name()).toSorted(), ['Bosch', 'Ede']);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';

function undoing(world: () => TestEngine) {
  const act = () => ({ tenantId: world().school.tenant.id, by: 'a person', now: world().engine.clock.now() });
  const plan = async (run: RunSeen, integrationId: string) => {
    const id = await world().write((tx) => world().api.undoRun(tx, { ...act(), runId: run.id }));
    const planned = await world().runWaiting(integrationId);
    assert.equal(planned?.id, id);
    assert.equal(planned?.status, 'HELD', JSON.stringify({ planned, messages: world().messages }));
    return planned;
  };
  const approve = async (run: RunSeen, integrationId: string) => {
    await world().write((tx) => world().api.approveRun(tx, { ...act(), runId: run.id, planHash: run.planHash ?? '' }));
    const applied = await world().runWaiting(integrationId);
    assert.equal(applied?.status, 'SUCCEEDED', JSON.stringify({ applied, log: await world().log(run.id) }));
    return applied;
  };
  const undo = async (run: RunSeen, integrationId: string) => approve(await plan(run, integrationId), integrationId);

  return { act, plan, approve, undo };
}

describe('an undo of a source’s run', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let source: string;
  const { act, plan, approve, undo } = undoing(() => world);
  const people = async () => {
    const rows = await world.write(
      (tx) => tx<{ line: string }[]>`
        select given_name || ' ' || family_name || ' ' || status as line from person order by sourced_id`,
    );
    return rows.map(({ line }) => line);
  };
  const person = (id: string, familyName = 'X') => ({ id, givenName: id, familyName, role: 'student' });

  before(async () => {
    sis = memorySource();
    world = await testEngine([sis.connector], { removalShare: 1, removalMax: 2000 });
    source = await world.connect(sis.connector.id, {}, {});
    sis.people = Array.from({ length: 12 }, (_, index) => person(`p${String(index).padStart(2, '0')}`));
    await world.sync(source);
  });
  after(() => world.database.drop());

  it('waits for approval and has written nothing until then', async () => {
    const before = await people();
    sis.people = [person('p00', 'Y'), ...sis.people.slice(1, 11), person('q')];
    const run = await world.sync(source);
    assert.deepEqual([run.created, run.updated, run.deleted], [1, 1, 1]);
    const changed = await people();
    const planned = await plan(run, source);
    assert.deepEqual([planned.created, planned.updated, planned.deleted], [0, 2, 1]);
    assert.deepEqual(await people(), changed);
    await approve(planned, source);

    assert.deepEqual(await people(), [...before, 'q X ARCHIVED']);
  });

  it('holds: the next syncs do not do it again, for the source is overridden', async () => {
    const before = await people();
    const run = await world.sync(source, { mode: 'FULL' });

    assert.deepEqual([run.status, run.created, run.updated, run.deleted, run.conflicts], ['SUCCEEDED', 0, 0, 0, 0]);
    assert.deepEqual(await people(), before);
  });

  it('leaves alone what has changed since, and lists it before anybody approves', async () => {
    sis.people = sis.people.map((each) =>
      each.id === 'p01' || each.id === 'p02' ? { ...each, familyName: 'Z' } : each,
    );
    const run = await world.sync(source);
    sis.people = sis.people.map((each) => (each.id === 'p01' ? { ...each, familyName: 'ZZ' } : each));
    await world.sync(source);
    const planned = await plan(run, source);
    const told = (await world.log(planned.id)).map(({ name, status, reason }) => [name, status, reason]);
    assert.deepEqual(told.sort(), [
      ['p01 X', 'SKIPPED', 'It has changed since: it is left alone.'],
      ['p02 X', 'PENDING', 'It was changed by the run that is undone.'],
    ]);
    await approve(planned, source);
    assert.deepEqual((await people()).slice(1, 3), ['p01 ZZ ACTIVE', 'p02 X ACTIVE']);
  });

  it('can be undone itself, and then the source is followed again', async () => {
    sis.people.push(person('r'));
    sis.people = sis.people.map((each) => (each.id === 'p03' ? { ...each, familyName: 'W' } : each));
    const run = await world.sync(source);
    const after = await people();
    const undone = await undo(run, source);
    assert.ok((await people()).includes('p03 X ACTIVE') && (await people()).includes('r X ARCHIVED'));
    await undo(undone, source);
    assert.deepEqual(await people(), after);
    const [row] = await world.write(
      (tx) => tx<{ n: number }[]>`select count(*)::int as n from override where value = '"W"'`,
    );
    assert.equal(row?.n, 0);
    sis.people = sis.people.map((each) => (each.id === 'r' ? { ...each, familyName: 'V' } : each));
    await world.sync(source);
    assert.ok((await people()).includes('r V ACTIVE'));
  });

  it('of a batch goes by its records: those that nobody has touched', async () => {
    sis.classes = Array.from({ length: 1200 }, (_, index) => ({ id: `c${index}`, title: 'T' }));
    const run = await world.sync(source);
    assert.equal(run.created, 1200);
    await world.write((tx) => tx`update class set title = 'Mine', updated_at = now() where sourced_id = 'c7'`);
    const applied = await undo(run, source);

    assert.equal(applied?.deleted, 1199);
    const rows = await world.write((tx) => tx<{ title: string }[]>`select title from class where status = 'ACTIVE'`);
    assert.deepEqual([...rows], [{ title: 'Mine' }]);
    assert.equal((await world.sync(source, { mode: 'FULL' })).created, 0);
  });

  it('of a batch of removals brings back those that nobody has touched, and can be undone itself', async () => {
    const counts = async () =>
      (
        await world.write(
          (tx) => tx<{ active: number; archived: number; excluded: number }[]>`
            select count(*) filter (where c.status = 'ACTIVE')::int as active, count(*) filter (where c.status = 'ARCHIVED')::int as archived,
                   count(*) filter (where c.status = 'ACTIVE' and l.state = 'EXCLUDED')::int as excluded
            from class c left join link l on l.record_id = c.id where c.sourced_id like 'd%'`,
        )
      )[0];
    const kept = sis.classes;
    sis.classes = [...kept, ...Array.from({ length: 1100 }, (_, index) => ({ id: `d${index}`, title: 'T' }))];
    await world.sync(source);
    sis.classes = kept;
    const run = await world.sync(source);
    assert.equal(run.deleted, 1100);
    assert.deepEqual(await counts(), { active: 0, archived: 1100, excluded: 0 });
    sis.classes = [...kept, { id: 'd7', title: 'Again' }];
    await world.sync(source);
    await world.write((tx) => tx`update class set title = 'Mine', updated_at = now() where sourced_id = 'd8'`);
    const planned = await plan(run, source);
    const told = Map.groupBy(await world.log(planned.id), ({ status, reason }) => `${status} ${reason}`);
    assert.deepEqual(
      [...told].map(([line, entries]) => [line, entries.reduce((sum, { size }) => sum + size, 0)]),
      [
        ['PENDING They were removed by the run that is undone.', 1098],
        ['SKIPPED Another source has them, or they have changed since: they are left alone.', 2],
      ],
    );
    const undone = await approve(planned, source);
    assert.deepEqual([undone?.updated, await counts()], [1098, { active: 1099, archived: 1, excluded: 1098 }]);
    const again = await world.sync(source, { mode: 'FULL' });
    assert.deepEqual([again.created, again.updated, again.deleted, again.status], [0, 0, 0, 'SUCCEEDED']);
    await undo(undone, source);
    assert.deepEqual(await counts(), { active: 1, archived: 1099, excluded: 0 });
  });

  it('is refused where nothing was written, and asked twice it is one run', async () => {
    const idle = await world.sync(source);
    await assert.rejects(
      world.write((tx) => world.api.undoRun(tx, { ...act(), runId: idle.id })),
      { name: 'InvalidState' },
    );
    await assert.rejects(
      world.write((tx) => world.api.undoRun(tx, { ...act(), runId: source })),
      { name: 'NotFound' },
    );
    sis.people.push(person('s'));
    const run = await world.sync(source);
    const planned = await plan(run, source);
    assert.equal(await world.write((tx) => world.api.undoRun(tx, { ...act(), runId: run.id })), planned.id);
    assert.equal((await world.sync(source)).status, 'SUCCEEDED');
    assert.equal((await world.run(planned.id)).status, 'HELD', 'an ordinary run does not answer it');
  });
});

describe('an undo of a destination’s run', () => {
  let world: TestEngine;
  let rooms: MemoryDestination;
  let destination: string;
  let art: string;
  const { plan, undo } = undoing(() => world);
  const titles = () => [...rooms.classes.values()].map(({ title }) => title).sort();
  const idle = async () => {
    const from = rooms.journal.length;
    const run = await world.sync(destination);
    assert.deepEqual([run.status, run.conflicts, rooms.journal.length - from], ['SUCCEEDED', 0, 0]);
  };

  before(async () => {
    rooms = memoryDestination();
    world = await testEngine([rooms.connector], { previewFirst: false, removalShare: 1 });
    destination = await world.connect(rooms.connector.id, {}, {});
    art = await world.school.class({ title: 'Art' });
    for (let index = 0; index < 10; index += 1) await world.school.class({ title: `C${index}` });
    await world.sync(destination);
  });
  after(() => world.database.drop());

  it('removes there what was made, makes again what was removed, and writes the values of before', async () => {
    const before = titles();
    await world.write((tx) => tx`update class set title = 'Arts' where id = ${art}`);
    await world.write((tx) => tx`update class set status = 'ARCHIVED' where title = 'C0'`);
    await world.school.class({ title: 'New' });
    const run = await world.sync(destination);
    assert.deepEqual([run.created, run.updated, run.deleted], [1, 1, 1]);
    const afterwards = titles();
    const undone = await undo(run, destination);
    assert.deepEqual([undone?.created, undone?.updated, undone?.deleted], [1, 1, 1]);
    assert.deepEqual(titles(), before);
    await idle();

    await undo(undone, destination);
    assert.deepEqual(titles(), afterwards);
    await idle();
  });

  it('lists what has changed there since, and leaves it alone', async () => {
    await world.school.class({ title: 'Music' });
    const run = await world.sync(destination);
    for (const room of rooms.classes.values()) if (room.title === 'Music') room.title = 'Choir';
    const planned = await plan(run, destination);
    const told = (await world.log(planned.id)).map(({ status, reason }) => [status, reason]);

    assert.deepEqual(told, [['SKIPPED', 'It has changed since: it is left alone.']]);
    assert.match(planned.heldReason ?? '', /Nothing of that sync can be undone/);
  });

  it('lists what its provider offers no way to take back', async () => {
    await world.school.class({ title: 'Drama' });
    const run = await world.sync(destination);
    const stream = rooms.connector.streams.classes as { push?: { remove?: unknown } };
    const { remove } = stream.push ?? {};
    if (stream.push) delete stream.push.remove;
    const planned = await plan(run, destination);
    if (stream.push) stream.push.remove = remove;
    const [told] = await world.log(planned.id);

    assert.deepEqual(
      [told?.status, told?.reason],
      ['SKIPPED', 'Memory Rooms offers no way to remove it: it is left alone.'],
    );
  });
});

/** A person's click beside a long sync of a system in which records are made on either side. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { writeRecord } from '../db/queries/engine/edit.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import { runBoth } from './scenarios/test-between.ts';
import { makeOutside, type Outside } from './scenarios/test-outside.ts';
import { plannerOf } from './scenarios/test-planner.ts';

describe('a click beside a long sync of a planner', () => {
  let planner: Outside;
  let world: TestEngine;
  let integrationId: string;

  beforeEach(async () => {
    planner = makeOutside();
    world = await testEngine([plannerOf(planner, { some: true })], { previewFirst: false, removalShare: 1 });
    integrationId = await world.connect('planner', {}, {});
  });
  afterEach(() => world.database.drop());

  const ask = (classIds?: readonly string[]) => {
    const about = { tenantId: world.school.tenant.id, integrationId, now: world.engine.clock.now() };
    const wish = { trigger: 'MANUAL', mode: 'DELTA', requestedBy: 'a person', ...(classIds && { classIds }) } as const;
    return world.write((tx) => world.api.requestRun(tx, { ...about, ...wish }));
  };
  const told = async ({ id }: RunSeen) =>
    (await world.log(id)).map(({ status, action, name, details }) =>
      [status, action, name, details?.why].filter(Boolean).join(' '),
    );
  const titlesThere = () =>
    planner
      .entries('classes')
      .map(({ title }) => String(title))
      .toSorted();
  const isCalm = async () => {
    const written = planner.journal.length;
    const run = await world.sync(integrationId, { mode: 'FULL' });
    assert.deepEqual([run.status, await told(run)], ['SUCCEEDED', []], 'another sync has nothing to do (L1)');
    assert.equal(planner.journal.length, written);
  };
  /** More than are written without a look at who else waits. */
  const many = Array.from({ length: 60 }, (_, index) => `Class ${index}`);
  const makeMany = async () => {
    const ids: string[] = [];
    for (const title of many) ids.push(await world.school.class({ title }));
    return ids;
  };
  /** The click comes while the long sync makes its first class there. */
  const clickAt = (classIds: readonly string[], also: () => Promise<unknown> = async () => undefined) =>
    runBoth(world, integrationId, {
      click: () => ask(classIds),
      during(click) {
        planner.when('create classes', 1, async () => {
          await also();
          await click();
        });
        return world.engine;
      },
    });

  it('makes a class there that the long sync was about to make, once', async () => {
    const made = await makeMany();
    planner.put('classes', { id: 'k0', title: 'Dogwood' });
    await ask();
    const { bulk, quick } = await clickAt(made.slice(-1));
    assert.deepEqual([bulk.status, quick.status], ['SUCCEEDED', 'SUCCEEDED']);
    assert.equal(quick.created, 1);
    assert.deepEqual(titlesThere(), ['Dogwood', ...many].toSorted());
    assert.equal(new Set(planner.journal).size, planner.journal.length, 'nothing was made twice');
    await isCalm();
  });

  it('takes over what was changed on either side meanwhile, and what was read before does not take it back', async () => {
    const here = await world.school.class({ title: 'Ash' });
    const other = await world.school.class({ title: 'Birch' });
    await world.sync(integrationId);
    const there = planner.entries('classes').find(({ title }) => title === 'Birch')?.id ?? '';
    await makeMany();
    await ask();
    const { bulk, quick } = await clickAt([here, other], async () => {
      const title = 'Ash, renamed here';
      await world.write((tx) => writeRecord(tx, world.school.tenant.id, shapeOf('class'), here, { title }));
      planner.change('classes', there, { title: 'Birch, renamed there' });
    });
    assert.deepEqual([bulk.status, quick.status], ['SUCCEEDED', 'SUCCEEDED']);
    assert.deepEqual(titlesThere(), ['Ash, renamed here', 'Birch, renamed there', ...many].toSorted());
    const titlesHere = await world.write((tx) => tx<{ title: string }[]>`select title from class`);
    assert.deepEqual(titlesHere.map(({ title }) => title).toSorted(), titlesThere());
    await isCalm();
  });

  it('makes a class that the long sync’s list is too old to know, which is not taken for gone', async () => {
    for (const id of ['k0', 'k1']) planner.put('classes', { id, title: `Dogwood ${id}` });
    await world.sync(integrationId);
    const here = await world.school.class({ title: 'Ash' });
    planner.pageSize = 1;
    planner.arrange = (all) => all.toReversed();
    await ask();
    const { bulk, quick } = await runBoth(world, integrationId, {
      click: () => ask([here]),
      during(click) {
        planner.when('read classes', 2, click);
        return world.engine;
      },
    });
    assert.deepEqual([bulk.status, bulk.deleted, quick.status, quick.created], ['SUCCEEDED', 0, 'SUCCEEDED', 1]);
    assert.deepEqual(titlesThere(), ['Ash', 'Dogwood k0', 'Dogwood k1']);
    assert.deepEqual(
      (await world.conflicts()).filter(({ status }) => status === 'OPEN'),
      [],
      'nobody is asked whether it was deleted',
    );
    await isCalm();
  });
});

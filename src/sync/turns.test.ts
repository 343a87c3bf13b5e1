/** A person's click beside a long sync: which run it becomes, when it goes in between, and what a death on either side costs. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import type { RunMode } from '../model/sync.ts';
import type { Engine } from './engine.ts';
import { runBoth, startQuick } from './scenarios/test-between.ts';
import { boardOf } from './scenarios/test-board.ts';
import { mortal } from './scenarios/test-mortal.ts';
import { makeOutside, type Outside } from './scenarios/test-outside.ts';
import { registerOf } from './scenarios/test-register.ts';

describe('a click beside a long sync', () => {
  let board: Outside;
  let register: Outside;
  let world: TestEngine;
  let mirror: string;
  let source: string;
  let ann: string;

  beforeEach(async () => {
    [board, register] = [makeOutside(), makeOutside()];
    world = await testEngine([boardOf(board, { makesAccounts: true }), registerOf(register, { changes: true })], {
      previewFirst: false,
      removalShare: 1,
    });
    mirror = await world.connect('board', {}, {});
    source = await world.connect('register', {}, {});
    ann = await world.school.person({ givenName: 'Ann', familyName: 'Bos', email: 'ann@x.example', role: 'teacher' });
  });
  afterEach(() => world.database.drop());

  const ask = (integrationId: string, how: { mode?: RunMode; personIds?: string[]; classIds?: string[] } = {}) => {
    const about = { tenantId: world.school.tenant.id, integrationId, now: world.engine.clock.now() };
    const wish = { trigger: 'MANUAL', mode: 'DELTA', requestedBy: 'a person', ...how } as const;
    return world.write((tx) => world.api.requestRun(tx, { ...about, ...wish }));
  };
  const laneOf = async (id: string) => {
    const [run] = await world.write((tx) => tx<{ lane: string }[]>`select lane from sync_run where id = ${id}`);
    return run?.lane;
  };
  const told = async ({ id }: RunSeen) =>
    (await world.log(id)).map(({ status, action, name, details }) =>
      [status, action, name, details?.code ?? details?.why].filter(Boolean).join(' '),
    );
  const person = (id: string, familyName: string) => ({ id, givenName: 'Pim', familyName, role: 'student' });
  const classWith = async (title: string, people: readonly string[]) => {
    const classId = await world.school.class({ title });
    for (const personId of people) await world.school.enrollment({ classId, personId });
    return classId;
  };
  const isCalm = async (integrationId: string, outside: Outside) => {
    const written = outside.journal.length;
    const run = await world.sync(integrationId, { mode: 'FULL' });
    assert.deepEqual([run.status, await told(run)], ['SUCCEEDED', []], 'another sync has nothing to do (L1)');
    assert.equal(outside.journal.length, written);
  };
  const phase = async () => {
    const [run] = await world.write(
      (tx) => tx<{ phase: string | null }[]>`select phase from sync_run where status = 'RUNNING' and lane = 'BULK'`,
    );
    return run?.phase ?? null;
  };
  /** What a long sync is at, as its own row says after each commit. */
  type Moment = { phase: string | null; created: number };
  /** Something happens at the first such moment of the long sync, between two of its commits. */
  const once = (isIt: (moment: Moment) => boolean, happens: () => Promise<unknown>): Engine => {
    let happened = false;
    const db = new Proxy(world.engine.db, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (name !== 'begin' || typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          const answer: unknown = await Reflect.apply(member, target, args);
          if (happened || String(args[0]).includes('read only')) return answer;
          const [moment] = await world.write(
            (tx) => tx<Moment[]>`select phase, created from sync_run where lane = 'BULK' and status = 'RUNNING'`,
          );
          happened = moment !== undefined && isIt(moment);
          if (happened) await happens();
          return answer;
        };
      },
    });
    return { ...world.engine, db };
  };

  it('is a run of its own, into which other clicks fold; what is about everything folds into what waits behind', async () => {
    const bob = await world.school.person({ givenName: 'Bob', familyName: 'Cox', email: 'bob@x.example' });
    const [everything, click] = [await ask(mirror), await ask(mirror, { personIds: [ann] })];
    assert.notEqual(everything, click);
    assert.equal(await ask(mirror, { personIds: [bob] }), click);
    assert.equal(await ask(mirror), everything);
    const preview = await ask(mirror, { mode: 'PREVIEW', personIds: [ann] });
    assert.deepEqual([await laneOf(everything), await laneOf(click), await laneOf(preview)], ['BULK', 'QUICK', 'BULK']);
    const worker = await world.worker();
    const first = await worker.take(mirror, 'QUICK');
    const next = await ask(mirror, { personIds: [ann] });
    assert.notEqual(next, click, 'one that comes while a click is carried out waits behind it');
    assert.equal(await ask(mirror, { personIds: [bob] }), next);
    assert.equal((await first.ended).created, 2);
    await world.runWaiting(mirror);
  });

  it('waits like the others where the source can only be read whole', async () => {
    register.put('people', person('p1', 'One'));
    assert.equal(await laneOf(await ask(source, { personIds: [ann] })), 'BULK', 'it was never read');
    await world.runWaiting(source);
    assert.equal(await laneOf(await ask(source, { personIds: [ann] })), 'QUICK', 'it can be asked for what changed');
    assert.equal(await laneOf(await ask(source, { mode: 'FULL', personIds: [ann] })), 'BULK');
  });

  describe('at a source with 1,100 new people and a new class', () => {
    const many = 1100;
    beforeEach(async () => {
      register.put('people', person('p0', 'Zero'));
      await world.sync(source);
      for (let index = 1; index <= many; index += 1) register.put('people', person(`p${index}`, `No. ${index}`));
      register.put('classes', { id: 'c1', title: 'Biology' });
      await ask(source, { mode: 'FULL' });
    });
    const clickOnce = (isIt: (moment: Moment) => boolean) =>
      runBoth(world, source, {
        click: () => ask(source, { personIds: [ann] }),
        during: (click) => once(isIt, click),
      });

    it('does what the long sync has planned, which then leaves it', async () => {
      const { bulk, quick } = await clickOnce(({ phase }) => phase === 'APPLYING');
      assert.deepEqual([bulk.status, quick.status], ['SUCCEEDED', 'SUCCEEDED']);
      assert.deepEqual([bulk.created, bulk.skipped, quick.created], [0, many + 1, many + 1]);
      assert.deepEqual(await told(bulk), [
        'SUCCESS register.person.add overtaken',
        'SUCCESS register.person.add overtaken',
        'SKIPPED register.class.add Biology overtaken',
      ]);
      await isCalm(source, register);
    });

    it('goes in between two batches, and does what is left', async () => {
      const { bulk, quick } = await clickOnce(({ created }) => created > 0);
      assert.deepEqual([bulk.status, quick.status], ['SUCCEEDED', 'SUCCEEDED']);
      const batch = 1000;
      const left = many - batch + 1;
      assert.deepEqual([bulk.created, bulk.skipped, quick.created], [batch, left, left]);
      await isCalm(source, register);
    });
  });

  it('that dies while it writes lets the long sync go on, and is carried out by the next worker', async () => {
    const biology = await classWith('Biology', [ann]);
    await ask(mirror);
    const worker = await world.worker();
    let death: Promise<unknown> | undefined;
    board.when('create courses', 1, async () => {
      await ask(mirror, { classIds: [biology] });
      const life = mortal(world.engine, board, 'create members 1', phase);
      const click = await startQuick(world, mirror, life.engine);
      death = click.ended.catch(async (error: unknown) => {
        life.bury();
        await click.worker.dies();
        return error;
      });
      await click.waits;
    });
    const bulk = await (await worker.take(mirror, 'BULK')).ended;
    assert.ok((await death) instanceof Error);
    assert.deepEqual([bulk.status, bulk.created], ['SUCCEEDED', 3]);
    const click = await world.runWaiting(mirror);
    assert.deepEqual([click?.status, click?.created], ['SUCCEEDED', 0]);
    assert.deepEqual(board.journal, [
      'create accounts account-1',
      'create courses course-1',
      'create members course-1/account-1',
    ]);
    await isCalm(mirror, board);
  });

  it('goes on when the long sync dies in the middle of a batch, and nothing is made twice', async () => {
    const biology = await classWith('Biology', [ann]);
    await ask(mirror);
    const life = mortal(world.engine, board, 'created courses 1', phase);
    const doomed = await world.worker(life.engine);
    let click: Promise<RunSeen> | undefined;
    board.when('create courses', 1, async () => {
      await ask(mirror, { classIds: [biology] });
      const started = await startQuick(world, mirror);
      click = started.ended;
      await started.waits;
    });
    const { ended } = await doomed.take(mirror, 'BULK');
    await assert.rejects(ended, { name: 'Dead' });
    life.bury();
    await doomed.dies();
    assert.equal((await click)?.status, 'SUCCEEDED');
    const bulk = await world.runWaiting(mirror);
    assert.equal(bulk?.status, 'SUCCEEDED');
    assert.equal(board.entries('courses').length, 1);
    assert.deepEqual(
      board.entries('members').map(({ id }) => id),
      ['course-1/account-1'],
    );
    await isCalm(mirror, board);
  });

  it('that is cancelled while it waits for its turn ends at once, and lets go', async () => {
    const biology = await classWith('Biology', [ann]);
    await ask(mirror);
    let click: Promise<RunSeen> | undefined;
    board.when('create courses', 1, async () => {
      const runId = await ask(mirror, { classIds: [biology] });
      const started = await startQuick(world, mirror);
      click = started.ended;
      await started.waits;
      const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() };
      await world.write((tx) => world.api.cancelRun(tx, { ...act, runId }));
      assert.equal((await click).status, 'CANCELLED');
    });
    const bulk = await (await (await world.worker()).take(mirror, 'BULK')).ended;
    assert.deepEqual([bulk.status, bulk.created], ['SUCCEEDED', 3]);
    assert.equal((await click)?.created, 0);
  });
});

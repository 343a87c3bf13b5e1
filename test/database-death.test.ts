/**
 * The database dies (kill -9) after one commit of a sync after the other, while its source has shrunk, and serves again at once. The
 * worker lives on and may not even notice; what it had read is gone from the unlogged tables. Nobody may be missed.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDatabaseGone } from '../src/db/gone.ts';
import { type RunSeen, type TestEngine, testEngine } from './harness/engine.ts';
import { type MemorySource, memorySource } from './harness/memory.ts';
import { type OwnServer, startOwnServer } from './harness/own-server.ts';

const everybody = 120;

/** Of so many commits, one is followed by death; `HOMEROOM_DEATHS=1` tries each. */
const step = Number(process.env.HOMEROOM_DEATHS ?? 4);

describe('a database that dies while a source that has shrunk is synced', () => {
  let server: OwnServer;
  let world: TestEngine;
  let sis: MemorySource;
  let source: string;
  /** What happens at each commit of a run. */
  let onCommit: () => void = () => undefined;
  const person = (index: number) => ({
    id: `p${String(index).padStart(3, '0')}`,
    givenName: `Ann ${index}`,
    familyName: 'Meyer',
    role: 'student',
    email: `ann${index}@school.example`,
  });
  const all = Array.from({ length: everybody }, (_, index) => person(index));

  const people = async () => {
    const rows = await world.write(
      (tx) => tx<{ status: string; people: number }[]>`
        select status, count(*)::int as people from person group by status order by status`,
    );
    return rows.map(({ status, people }) => `${people} ${status}`);
  };
  /** A worker takes what waits, as often as it has to, until the newest run is at rest. */
  const workOn = async (): Promise<RunSeen> => {
    for (;;) {
      try {
        await world.runWaiting(source);
        const [newest] = await world.write(
          (tx) => tx<{ id: string }[]>`select id from sync_run order by id desc limit 1`,
        );
        return await world.run(newest?.id ?? '');
      } catch (error) {
        if (!isDatabaseGone(error)) throw error;
        await server.start();
      }
    }
  };
  const ask = () =>
    world.write((tx) =>
      world.api.requestRun(tx, {
        tenantId: world.school.tenant.id,
        integrationId: source,
        trigger: 'MANUAL',
        mode: 'FULL',
        requestedBy: 'a person',
        now: world.engine.clock.now(),
      }),
    );

  before(async () => {
    server = await startOwnServer();
    sis = memorySource();
    world = await testEngine([sis.connector], undefined, { database: await server.database() });
    world.engine.wake = () => onCommit();
    source = await world.connect(sis.connector.id, {}, {});
    sis.people = [...all];
    assert.equal((await world.sync(source)).status, 'SUCCEEDED');
  });
  after(async () => {
    await world?.database.drop();
    await server?.stop();
  });

  it('has nobody removed, whichever commit it follows, and goes on', async (t) => {
    const told: string[] = [];
    let newcomers = 0;
    let done = false;
    for (let deadly = 1; !done; deadly += step) {
      // Half of them do not come, and two come for the first time.
      newcomers += 2;
      sis.people = [...all.slice(0, everybody / 2), ...Array.from({ length: newcomers }, (_, n) => person(1000 + n))];
      const strike = await server.arm();
      let commits = 0;
      done = true;
      onCommit = () => {
        commits += 1;
        if (commits !== deadly) return;
        done = false;
        strike();
      };
      await ask();
      const run = await workOn();
      onCommit = () => undefined;
      told.push(`${deadly}: ${run.status}`);
      assert.deepEqual(
        [run.status, run.deleted, await people()],
        ['HELD', 0, [`${everybody + newcomers} ACTIVE`]],
        `the database died after commit ${deadly}: ${JSON.stringify(run)}`,
      );
      const log = await world.log(run.id);
      assert.deepEqual(
        log.filter(({ action, status }) => action.endsWith('.add') && status !== 'SUCCESS'),
        [],
        `told of after commit ${deadly}`,
      );
      assert.equal(
        log.filter(({ action }) => action.endsWith('.remove')).length,
        everybody / 2,
        `asked after ${deadly}`,
      );
    }
    t.diagnostic(`killed after ${told.length - 1} of the commits of a sync`);
  });

  it('then removes exactly those that a person has said are gone', async () => {
    const run = await world.sync(source, { mode: 'FULL' });
    assert.equal(run.status, 'HELD');
    await world.write((tx) =>
      world.api.approveRun(tx, {
        tenantId: world.school.tenant.id,
        by: 'a person',
        now: world.engine.clock.now(),
        runId: run.id,
        planHash: run.planHash ?? '',
      }),
    );
    assert.equal((await workOn()).status, 'SUCCEEDED');
    const rows = await world.write(
      (tx) => tx<{ id: string }[]>`select sourced_id as id from person where status = 'ARCHIVED' order by sourced_id`,
    );
    assert.deepEqual(
      rows.map(({ id }) => id),
      all.slice(everybody / 2).map(({ id }) => id),
    );
  });
});

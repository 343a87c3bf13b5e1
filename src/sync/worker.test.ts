import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { openJobs } from '../db/jobs.ts';
import { engineApi } from './api.ts';
import type { Engine } from './engine.ts';
import { boardOf } from './scenarios/test-board.ts';
import { makeOutside } from './scenarios/test-outside.ts';
import { registerOf } from './scenarios/test-register.ts';
import { startWorker, type Worker } from './worker.ts';

describe('a worker whose places for bulk runs are taken', () => {
  const [register, board] = [makeOutside(), makeOutside()];
  const listeners = new Set<() => void>();
  let world: TestEngine;
  let worker: Worker;
  let engine: Engine;

  before(async () => {
    world = await testEngine([registerOf(register), boardOf(board)]);
    const { system } = world.database;
    const jobs = await openJobs({
      system,
      listener: world.database.connect('system', { max: 1 }),
      supervise: true,
      log: world.engine.log,
    });
    const wake = () => {
      for (const listener of listeners) listener();
    };
    engine = { ...world.engine, enqueue: jobs.enqueue, wake };
    worker = await startWorker({ engine, jobs, system, concurrency: 1 });
  });
  after(async () => {
    await worker.stop();
    await world.database.drop();
  });

  const ask = async (integrationId: string, personIds: readonly string[] = []) => {
    const { tenant } = world.school;
    const wish = { trigger: 'MANUAL', mode: 'DELTA', requestedBy: 'a person', personIds } as const;
    const request = { tenantId: tenant.id, integrationId, now: engine.clock.now(), ...wish };
    return world.write((tx) => engineApi(engine, engine.db).requestRun(tx, request));
  };
  const statusOf = async (id: string) => (await world.run(id)).status;
  /** Resolves when the run is so; looks after each commit of the worker. */
  const becomes = (id: string, status: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () =>
        void statusOf(id).then((now) => {
          if (now !== status) return;
          listeners.delete(look);
          resolve();
        }, reject);
      listeners.add(look);
      look();
    });

  it('has one left for a click at another integration, while what is about everything waits', async () => {
    const [source, mirror] = [await world.connect('register', {}, {}), await world.connect('board', {}, {})];
    const ann = await world.school.person({ givenName: 'Ann', familyName: 'Bos', email: 'ann@x.example' });
    const reading = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    register.when('read people', 1, async () => {
      reading.resolve();
      await release.promise;
    });
    const long = await ask(source);
    await reading.promise;
    const everything = await ask(mirror);
    const click = await ask(mirror, [ann]);
    await becomes(click, 'SUCCEEDED');

    assert.deepEqual([await statusOf(long), await statusOf(everything)], ['RUNNING', 'QUEUED']);
    release.resolve();
    await becomes(long, 'SUCCEEDED');
    await becomes(everything, 'SUCCEEDED');
  });
});

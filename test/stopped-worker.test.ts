/** A worker that is stopped (SIGSTOP) in the middle of its work loses the run to another, wakes, and writes nothing more. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { disagreements } from './crash/agreement.ts';
import { atRest, untilSeen } from './crash/onlooker.ts';
import { openPlace, type Place } from './crash/place.ts';

describe('a worker that is stopped while it writes to Classroom', () => {
  let place: Place;
  const newest = async () => (await place.world.google.journal.entries()).at(-1)?.number ?? 0;

  before(async () => {
    place = await openPlace('stopped');
  });
  after(() => place?.stop());

  it('loses its run to another, which finishes it', async (t) => {
    const { google } = place.world;
    // Slow enough to be in the middle of it for a while.
    await google.faults.add({ kind: 'latency', ms: 20, times: 'always' });
    await place.sync(place.sis);
    await google.journal.waitFor({ route: 'classroom.courses.students.create' }, { timeoutMs: 120_000 });
    process.kill(place.worker.pid, 'SIGSTOP');
    const began = performance.now();
    await place.anotherWorker();
    const taken = await untilSeen(place, 60_000, (runs) =>
      runs.some((run) => run.integrationId === place.google && run.claim > 1) ? performance.now() - began : null,
    );
    assert.ok(taken, 'nobody took the run over');
    t.diagnostic(`taken over ${(taken / 1000).toFixed(1)} s after its worker was stopped`);
    await google.faults.clear();
    await atRest(place);
  });

  it('and writes nothing more of it when it wakes', async () => {
    const before = await newest();
    process.kill(place.worker.pid, 'SIGCONT');
    await place.worker.says(/a run is left for whoever claims it next/);
    assert.deepEqual(
      (await place.world.google.journal.writes({ after: before })).map(({ route, path }) => `${route} ${path}`),
      [],
    );
  });

  it('so that everything is there once', async () => {
    assert.deepEqual(await disagreements(place), []);
  });
});

/** Edusign is asked no more than it must be: what a sync calls, beside the least that would do, reckoned from the world. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { Dead, mortal } from '../../test/year/crash.ts';
import { edusign } from '../connectors/edusign/index.ts';
import { createEdusignSimulator, type EdusignSimulator } from '../simulators/edusign/simulator.ts';

/** More of each than a page holds: 100 people, 40 sheets. The page that is not full is the last one. */
const learners = 101;
const instructors = 2;
const sessions = 41;
const pages = (records: number, size: number) => Math.floor(records / size) + 1;

describe('what a sync asks of Edusign', () => {
  let simulator: EdusignSimulator;
  let world: TestEngine;
  let integrationId: string;
  const meetings: string[] = [];
  const now = new Date('2026-10-20T05:00:00Z');

  before(async () => {
    const clock = { now: () => now, advance: () => undefined };
    simulator = await createEdusignSimulator({ apiKeys: ['key'], pace: 'off' }, clock);
    world = await testEngine([edusign], { previewFirst: false }, { clock });
    integrationId = await world.connect('edusign', { apiRootUrl: simulator.origin }, { edusignToken: 'key' });
    const person = (role: string, place: number) =>
      world.school.person({
        givenName: 'P',
        familyName: `${role} ${place}`,
        role,
        email: `${role}${place}@example.org`,
      });
    const taught = await Promise.all(Array.from({ length: learners }, (_, place) => person('student', place)));
    const teaching = await Promise.all(Array.from({ length: instructors }, (_, place) => person('teacher', place)));
    for (let place = 0; place < sessions; place += 1) {
      const startsAt = new Date(now.getTime() + (place + 1) * 7_200_000);
      const meeting = { title: `Session ${place}`, startsAt, endsAt: new Date(startsAt.getTime() + 3_600_000) };
      const learnersIds = place === 0 ? taught : taught.slice(place, place + 2);
      meetings.push(
        await world.school.meeting({ ...meeting, learnersIds, instructorsIds: [teaching[place % instructors] ?? ''] }),
      );
    }
  });

  after(async () => {
    await simulator.close();
    await world.database.drop();
  });

  const calls = () => {
    const counts: Record<string, number> = {};
    for (const { route } of simulator.journal.entries()) counts[route] = (counts[route] ?? 0) + 1;
    return counts;
  };
  const lists = {
    'students.list': pages(learners, 100),
    'professors.list': pages(instructors, 100),
    'sheets.list': pages(sessions, 40),
  };

  it('is an empty page of each list and one write for each record at first', async () => {
    simulator.journal.clear();
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');

    assert.deepEqual(calls(), {
      'students.list': 1,
      'professors.list': 1,
      'sheets.list': 1,
      'students.create': learners,
      'professors.create': instructors,
      'sheets.create': sessions,
    });
  });

  it('is the lists and nothing else when nothing changed (L1)', async () => {
    simulator.journal.clear();
    const run = await world.sync(integrationId);

    assert.deepEqual([run.status, run.unchanged], ['SUCCEEDED', learners + instructors + sessions]);
    assert.deepEqual(calls(), lists);
  });

  it('is the lists and nothing else in a preview', async () => {
    simulator.journal.clear();
    await world.write((tx) => tx`update meeting set title = 'Another' where id = ${meetings[1] ?? ''}`);
    assert.equal((await world.sync(integrationId, { mode: 'PREVIEW' })).status, 'HELD');

    assert.deepEqual(calls(), lists);
  });

  it('is one write more for one change', async () => {
    simulator.journal.clear();
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');

    assert.deepEqual(calls(), { ...lists, 'sheets.update': 1 });
  });

  it('needs no look at a sheet that was read, wherever a worker dies between reading and writing', async () => {
    simulator.journal.clear();
    let [steps, deaths] = [1, 0];
    for (let died = true; died; steps += 5) {
      await world.write((tx) => tx`update meeting set title = ${`Step ${steps}`} where id = ${meetings[2] ?? ''}`);
      const act = { tenantId: world.school.tenant.id, integrationId, now, requestedBy: 'a person' };
      await world.write((tx) => world.api.requestRun(tx, { ...act, trigger: 'MANUAL', mode: 'DELTA' }));
      died = await world
        .runWaiting(integrationId, mortal(world.engine, steps))
        .then(() => false)
        .catch((error: unknown) => {
          if (!(error instanceof Dead)) throw error;
          return true;
        });
      deaths += died ? 1 : 0;
      const run = died ? await world.runWaiting(integrationId) : null;
      assert.equal(run?.status ?? 'SUCCEEDED', 'SUCCEEDED');
    }
    assert.ok(deaths >= 5, `it died at ${deaths} places`);
    assert.equal(calls()['sheets.get'], undefined);
    assert.ok(simulator.hand.sheets().some(({ NAME }) => NAME === `Step ${steps - 5}`));
  });

  it('looks again before it writes when what it read is older than a quarter of an hour', async () => {
    await world.write((tx) => tx`update meeting set title = 'Late' where id = ${meetings[2] ?? ''}`);
    const act = { tenantId: world.school.tenant.id, integrationId, now, requestedBy: 'a person' };
    await world.write((tx) => world.api.requestRun(tx, { ...act, trigger: 'MANUAL', mode: 'DELTA' }));
    // Else what the syncs before have just written would be newer than what this one reads.
    await world.write((tx) => tx`update link set synced_at = synced_at - interval '1 day'`);
    const { http } = world.engine;
    const age = () => world.write((tx) => tx`update pull_progress set began_at = began_at - interval '16 minutes'`);
    const slow: typeof http = (caller) => {
      const door = http(caller);
      return { ...door, fetch: async (...asked) => (await age(), door.fetch(...asked)) };
    };
    simulator.journal.clear();
    await world.runWaiting(integrationId, { ...world.engine, http: slow });

    assert.deepEqual(calls(), { ...lists, 'sheets.get': 1, 'sheets.update': 1 });
  });
});

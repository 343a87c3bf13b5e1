/** Edusign is asked no more than it must be: what a sync calls, beside the least that would do, reckoned from the world. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
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
});

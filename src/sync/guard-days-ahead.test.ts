/** At a destination of the days ahead a loss is weighed against those days, whatever has gathered there since the school began. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { edusign } from '../connectors/edusign/index.ts';
import { createEdusignSimulator, type EdusignSimulator } from '../simulators/edusign/simulator.ts';
import { noteChanges } from './changes.ts';

describe('the guard of a destination of the days ahead', () => {
  let simulator: EdusignSimulator;
  let world: TestEngine;
  let integrationId: string;
  let now = new Date('2026-10-05T05:00:00Z');
  const people: string[] = [];

  before(async () => {
    const clock = { now: () => now, advance: () => undefined };
    simulator = await createEdusignSimulator({ apiKeys: ['key'], pace: 'off' }, clock);
    world = await testEngine([edusign], { previewFirst: false }, { clock });
    integrationId = await world.connect('edusign', { apiRootUrl: simulator.origin }, { edusignToken: 'key' });
    for (const role of ['teacher', 'student']) {
      people.push(await world.school.person({ role, givenName: 'Zoe', familyName: role, email: `${role}@x.example` }));
    }
    await plan('september', 60);
    await world.sync(integrationId);
    now = new Date('2026-11-05T05:00:00Z');
    await plan('november', 20);
    await world.sync(integrationId);
    assert.equal(simulator.hand.sheets().length, 80);
  });
  after(async () => {
    await simulator.close();
    await world.database.drop();
  });

  /** Sessions of tomorrow, an hour after the other. */
  const plan = async (name: string, count: number) => {
    for (let hour = 0; hour < count; hour += 1) {
      const startsAt = new Date(now.getTime() + 86_400_000 + hour * 3_600_000);
      const endsAt = new Date(startsAt.getTime() + 3_000_000);
      const [leader, learner] = people.map((id) => [id]);
      const who = { instructorsIds: leader ?? [], learnersIds: learner ?? [] };
      await world.school.meeting({ title: name, sourcedId: `${name} ${hour}`, startsAt, endsAt, ...who });
    }
  };
  /** As a source would that has lost these sessions. */
  const lose = async (hours: readonly number[]): Promise<RunSeen> => {
    const names = hours.map((hour) => `november ${hour}`);
    await world.write(async (tx) => {
      const rows = await tx<{ id: string }[]>`
        update meeting set status = 'ARCHIVED' where sourced_id = any (${names}) returning id`;
      const place = { tenantId: world.school.tenant.id, schoolId: world.school.id };
      const recordIds = rows.map(({ id }) => id);
      await noteChanges(tx, world.engine, { ...place, entity: 'meeting', recordIds });
    });
    const run = await world.runWaiting(integrationId);
    assert.ok(run);
    return run;
  };

  it('asks about six of twenty in the run of a data change too, though eighty were mirrored', async () => {
    const run = await lose([0, 1, 2, 3, 4, 5]);
    assert.deepEqual([run.status, run.heldReason], ['HELD', '6 of 20 sheets would be removed.']);
    const act = { tenantId: world.school.tenant.id, by: 'a person', now };
    await world.write((tx) => world.api.approveRun(tx, { ...act, runId: run.id, planHash: run.planHash ?? '' }));
    assert.equal((await world.runWaiting(integrationId))?.deleted, 6);
  });

  it('does not ask about single ones that evening: what a person approved does not count', async () => {
    now = new Date('2026-11-05T17:00:00Z');
    assert.deepEqual([(await lose([6])).status, (await world.sync(integrationId)).status], ['SUCCEEDED', 'SUCCEEDED']);
    assert.equal((await lose([7, 8])).status, 'SUCCEEDED');
    assert.equal((await lose([9])).heldReason, '1 of 11 sheets would be removed, after 3 in the last 24 hours.');
  });
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';
import { lapsedRuns } from '../db/queries/engine/held-run.ts';
import { lapse } from './held.ts';

const hour = 60 * 60 * 1000;

describe('a held run', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let rooms: MemoryDestination;
  let source: string;
  const pass = (ms: number) => {
    const now = new Date(world.engine.clock.now().getTime() + ms);
    world.engine.clock = { now: () => now };
  };
  const plan = (run: RunSeen) =>
    world.write(async (tx) => {
      const [row] = await tx<{ expiresAt: Date | null }[]>`
        select plan_expires_at as "expiresAt" from sync_run where id = ${run.id}`;
      return row?.expiresAt?.getTime();
    });
  const approve = async (run: RunSeen, integrationId = source) => {
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() };
    await world.write((tx) => world.api.approveRun(tx, { ...act, runId: run.id, planHash: run.planHash ?? '' }));
    return world.runWaiting(integrationId);
  };
  const active = async () => {
    const [row] = await world.write(
      (tx) => tx<{ n: number }[]>`select count(*)::int as n from person where status = 'ACTIVE'`,
    );
    return row?.n;
  };
  const lose = (count: number) => void sis.people.splice(0, count);

  beforeEach(async () => {
    sis = memorySource();
    rooms = memoryDestination();
    world = await testEngine([sis.connector, rooms.connector]);
    pass(0);
    sis.people = Array.from({ length: 40 }, (_, index) => ({
      id: `p${index}`,
      givenName: 'P',
      familyName: String(index),
      role: 'student',
      email: `p${index}@x.example`,
    }));
    source = await world.connect(sis.connector.id, {}, {});
    await world.sync(source);
  });
  // One at a time: each has connections of its own.
  afterEach(() => world.database.drop());

  it('comes of a source that suddenly answers half, and nobody is removed', async () => {
    lose(20);
    const run = await world.sync(source);

    assert.deepEqual([run.status, run.heldReason], ['HELD', '20 of 40 people would be removed.']);
    assert.equal(await active(), 40);
  });

  it('comes of a source that suddenly answers empty, or with everything changed', async () => {
    const people = sis.people;
    sis.people = [];
    assert.equal((await world.sync(source)).status, 'HELD');
    sis.people = people.map((person) => ({ ...person, familyName: `${String(person.familyName)}?` }));
    assert.equal((await world.sync(source)).heldReason, 'All 40 people have changed at once.');
    const [row] = await world.write(
      (tx) => tx<{ n: number }[]>`select count(*)::int as n from person where family_name like '%?'`,
    );
    assert.deepEqual([await active(), row?.n], [40, 0]);
  });

  it('does not come of a field that is mapped now and was not before: it fills what was empty', async () => {
    await world.write((tx) => tx`update person set email = null`);
    await world.write((tx) => tx`update link set hash = '\\x00'`);
    const run = await world.sync(source, { mode: 'FULL' });

    assert.deepEqual([run.status, run.updated], ['SUCCEEDED', 40]);
  });

  it('comes of a drip that stays below the threshold each time, once 24 hours of it are too many', async () => {
    const seen: string[] = [];
    for (let time = 0; time < 3; time += 1) {
      lose(2);
      pass(hour);
      const run = await world.sync(source);
      seen.push(run.status);
    }
    assert.deepEqual(seen, ['SUCCEEDED', 'SUCCEEDED', 'HELD']);
    assert.equal(await active(), 36);

    pass(24 * hour);
    assert.equal((await world.sync(source)).status, 'SUCCEEDED', 'a day later it is little again');
    assert.equal(await active(), 34);
  });

  it('does not raise the bar for what comes later when a person approves it', async () => {
    lose(10);
    const approved = await approve(await world.sync(source));
    assert.deepEqual([approved?.status, approved?.deleted, await active()], ['SUCCEEDED', 10, 30]);

    lose(3);
    assert.equal((await world.sync(source)).status, 'SUCCEEDED', 'the ten do not count');
  });

  it('does not stop what is not held: it is applied by the same run and by the next', async () => {
    lose(10);
    sis.classes.push({ id: 'c1', title: 'Art' });
    const first = await world.sync(source);
    sis.classes.push({ id: 'c2', title: 'Biology' });
    const second = await world.sync(source);

    assert.deepEqual([first.status, first.created, second.status, second.created], ['HELD', 1, 'HELD', 1]);
  });

  it('is taken over by the next run that asks the same: same hash, same expiry', async () => {
    lose(10);
    const first = await world.sync(source);
    const expiresAt = await plan(first);
    pass(5 * hour);
    const second = await world.sync(source);

    assert.equal(second.planHash, first.planHash);
    assert.equal(await plan(second), expiresAt);
    assert.equal((await world.run(first.id)).status, 'CANCELLED');
    const [told] = await world.log(first.id);
    assert.match(String(told?.details?.why), /^The sync of .* UTC asks the same question\.$/);
    assert.equal(told?.details?.overtakenBy, second.id);
    await assert.rejects(approve(first), { name: 'InvalidState' });
    assert.equal((await approve(second))?.deleted, 10);
  });

  it('is closed by the next run that plans others, and says so', async () => {
    lose(10);
    const first = await world.sync(source);
    lose(1);
    pass(hour);
    const second = await world.sync(source);

    assert.notEqual(second.planHash, first.planHash);
    assert.ok(((await plan(second)) ?? 0) > ((await plan(first)) ?? 0));
    assert.match(String((await world.log(first.id))[0]?.details?.why), /has planned afresh\.$/);
  });

  it('is closed by a run after which nothing waits', async () => {
    const people = [...sis.people];
    lose(10);
    const first = await world.sync(source);
    sis.people = people;

    assert.equal((await world.sync(source)).status, 'SUCCEEDED');
    assert.equal((await world.run(first.id)).status, 'CANCELLED');
  });

  it('is not closed by a preview, which does nothing', async () => {
    lose(10);
    const held = await world.sync(source);
    const preview = await world.sync(source, { mode: 'PREVIEW' });
    assert.deepEqual([(await world.run(held.id)).status, preview.status], ['HELD', 'HELD']);

    const next = await world.sync(source);
    assert.deepEqual([next.status, (await world.run(preview.id)).status], ['HELD', 'CANCELLED']);
  });

  it('ends by itself when nobody decides within 72 hours', async () => {
    lose(10);
    const run = await world.sync(source);
    pass(71 * hour);
    assert.equal((await lapsedRuns(world.database.system, world.engine.clock.now())).length, 0);
    pass(hour);
    const found = await lapsedRuns(world.database.system, world.engine.clock.now());
    assert.deepEqual([...found], [{ tenantId: world.school.tenant.id, id: run.id }]);
    for (const each of found) await lapse(world.engine, each);

    assert.equal((await world.run(run.id)).status, 'CANCELLED');
    assert.ok((await world.log(run.id)).every(({ status, details }) => status === 'SKIPPED' && details?.why));
  });

  it('comes of members that leave a destination’s selection, drop by drop', async () => {
    const destination = await world.connect(rooms.connector.id, {}, {});
    await world.sync(destination);
    assert.equal(rooms.people.size, 40);
    const seen: string[] = [];
    for (let time = 0; time < 3; time += 1) {
      await world.write(
        (tx) =>
          tx`update person set email = null where id in (select id from person where email is not null order by id limit 2)`,
      );
      seen.push((await world.sync(destination)).status);
    }
    assert.deepEqual([...seen, rooms.people.size], ['SUCCEEDED', 'SUCCEEDED', 'HELD', 36]);
  });

  it('holds by the school’s own numbers', async () => {
    await world.write((tx) => tx`update school set settings = settings || '{"removalShare": 0.5, "removalMax": 4}'`);
    lose(4);
    assert.equal((await world.sync(source)).status, 'SUCCEEDED');
    lose(1);
    assert.equal((await world.sync(source)).status, 'HELD');
  });
});

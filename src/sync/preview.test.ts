import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';
import { contentHash } from '../model/values.ts';

/** All but the run itself, its log and what tells live clients of them. */
const tables = [
  'person',
  'class',
  'enrollment',
  'course',
  'term',
  'org',
  'guardian_link',
  'integration',
  'link',
  'sync_conflict',
  'override',
  'checkpoint',
  'removal_tally',
  'rejected_record',
  'known_page',
  'problem',
  'record_edit',
];

describe('a preview', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let rooms: MemoryDestination;
  let source: string;
  let destination: string;
  const dump = () =>
    world.write(async (tx) => {
      const all: Record<string, unknown> = {};
      for (const table of tables)
        all[table] = await tx.unsafe(`select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`);
      return Object.fromEntries(Object.entries(all).map(([table, rows]) => [table, contentHash(JSON.stringify(rows))]));
    });
  const planned = (runId: string) =>
    world.write(
      (tx) => tx<{ action: string; status: string; before: unknown; after: unknown; reason: string; waits: boolean }[]>`
        select action, status, before, after, reason, waits from sync_log where run_id = ${runId} order by seq`,
    );
  const approve = async (run: { id: string; planHash: string | null }, integrationId: string) => {
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() };
    await world.write((tx) => world.api.approveRun(tx, { ...act, runId: run.id, planHash: run.planHash ?? '' }));
    const ended = await world.runWaiting(integrationId);
    assert.equal(ended?.id, run.id);
    return ended;
  };

  before(async () => {
    sis = memorySource();
    rooms = memoryDestination();
    world = await testEngine([sis.connector, rooms.connector]);
    source = await world.connect(sis.connector.id, {}, {});
    sis.people = ['ann', 'bob', 'cas'].map((id) => ({
      id,
      givenName: id,
      familyName: 'X',
      role: 'student',
      email: `${id}@x.example`,
    }));
    sis.classes = [{ id: 'c1', title: 'Art' }];
    sis.enrollments = sis.people.map(({ id }) => ({ id: `e-${id}`, class: 'c1', person: id, role: 'student' }));
  });

  after(() => world.database.drop());

  it('of a source stores the whole plan and writes nothing', async () => {
    const before = await dump();
    const run = await world.sync(source, { mode: 'PREVIEW' });

    assert.equal(run.status, 'HELD', JSON.stringify({ run, messages: world.messages }));
    assert.match(run.heldReason ?? '', /preview: nothing was written/);
    assert.deepEqual([run.created, run.updated, run.deleted], [7, 0, 0]);
    assert.deepEqual(await dump(), before);
    const entries = await planned(run.id);
    assert.equal(entries.length, 7);
    for (const entry of entries) assert.deepEqual([entry.status, entry.waits], ['PENDING', true]);
    assert.deepEqual(entries[0]?.after, {
      givenName: 'ann',
      familyName: 'X',
      role: 'student',
      email: 'ann@x.example',
      enabled: true,
    });
    assert.equal(entries[0]?.reason, 'New in Memory SIS.');
  });

  it('has the same hash whenever the same is planned', async () => {
    const [first, second] = [
      await world.sync(source, { mode: 'PREVIEW' }),
      await world.sync(source, { mode: 'PREVIEW' }),
    ];

    assert.notEqual(first.id, second.id);
    assert.equal(first.planHash, second.planHash);
    assert.ok(first.planHash);
  });

  it('is applied once a person approves it: what it planned and nothing else', async () => {
    const run = await world.sync(source, { mode: 'PREVIEW' });
    sis.people.push({ id: 'late', givenName: 'late', familyName: 'X', role: 'student' });
    sis.people = sis.people.filter(({ id }) => id !== 'cas');
    sis.enrollments = sis.enrollments.filter(({ person }) => person !== 'cas');
    const ended = await approve(run, source);

    assert.equal(ended?.status, 'SUCCEEDED', JSON.stringify({ ended, messages: world.messages }));
    assert.deepEqual([ended?.created, ended?.skipped], [5, 3]);
    const log = await world.log(run.id);
    const told = log.filter((entry) => entry.status === 'SKIPPED').map(({ name, details }) => [name, details?.why]);
    assert.deepEqual(told, [
      ['cas X', 'moved since'],
      [null, 'moved since'],
      ['late X', 'It was not in the plan that was approved: the next sync does it.'],
    ]);
    const people = await world.write((tx) => tx<{ name: string }[]>`select given_name as name from person order by 1`);
    assert.deepEqual([...people], [{ name: 'ann' }, { name: 'bob' }]);
  });

  it('leaves what was not approved to the next ordinary run', async () => {
    const run = await world.sync(source);

    assert.deepEqual([run.status, run.created], ['SUCCEEDED', 1]);
  });

  it('of a destination writes nothing there, links nothing and asks nothing', async () => {
    destination = await world.connect(rooms.connector.id, {}, {});
    rooms.people.set('people-0', { id: 'people-0', givenName: 'Annie', familyName: 'X', email: 'ann@x.example' });
    const before = await dump();
    const run = await world.sync(destination, { mode: 'PREVIEW' });
    const entries = await planned(run.id);

    assert.equal(run.status, 'HELD', JSON.stringify({ run, messages: world.messages }));
    assert.deepEqual(await dump(), before);
    assert.deepEqual(rooms.journal, []);
    assert.deepEqual(entries.map(({ action, status }) => `${action} ${status}`).sort(), [
      'rooms.classes.add PENDING',
      'rooms.members.add PENDING',
      'rooms.members.add PENDING',
      'rooms.people.add PENDING',
      'rooms.people.conflict SKIPPED',
      'rooms.people.link PENDING',
    ]);
    assert.deepEqual([run.created, run.conflicts], [4, 1]);
  });

  it('of a destination is applied as it was approved, and then asks', async () => {
    const run = await world.sync(destination, { mode: 'PREVIEW' });
    const ended = await approve(run, destination);

    assert.equal(ended?.status, 'SUCCEEDED', JSON.stringify({ ended, messages: world.messages }));
    assert.deepEqual(
      rooms.journal.map(({ verb, stream }) => `${verb} ${stream}`),
      ['create people', 'create classes', 'create members', 'create members'],
    );
    assert.deepEqual(
      (await world.conflicts()).map(({ kind, status }) => [kind, status]),
      [['FIELD_CHANGED', 'OPEN']],
    );
    const told = (await world.log(run.id)).filter(({ action }) => action === 'rooms.people.conflict');
    assert.equal(told.length, 1, 'what the preview told is not told again');
  });

  it('of nothing waits too, and its approval does nothing', async () => {
    const run = await world.sync(source, { mode: 'PREVIEW' });
    assert.deepEqual([run.status, run.heldReason], ['HELD', 'This is a preview: nothing needs to be done.']);
    const ended = await approve(run, source);

    assert.deepEqual([ended?.status, ended?.created, ended?.updated], ['SUCCEEDED', 0, 0]);
  });

  it('that a person refuses has done nothing', async () => {
    sis.classes.push({ id: 'c2', title: 'Biology' });
    const run = await world.sync(source, { mode: 'PREVIEW' });
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now(), runId: run.id };
    await world.write((tx) => world.api.cancelRun(tx, act));
    const ended = await world.run(run.id);

    assert.deepEqual([run.created, ended.status, ended.created], [1, 'CANCELLED', 0]);
  });
});

/** Health on an injected clock: what runs and the schedule leave on the integration, and what goes by itself. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';
import { SignInNeeded, Unwell } from '../connectors/kit/errors.ts';
import { problemsOfIntegrations } from '../db/queries/problem.ts';
import type { Schedule } from '../model/schedule.ts';
import { createScheduler } from './schedules.ts';

const nightly: Schedule = { kind: 'cron', cron: '0 3 * * *' };

describe('the health of an integration', () => {
  let database: TestDatabase;
  let world: TestEngine;
  let sis: MemorySource;
  let rooms: MemoryDestination;
  let source: string;
  let now: Date;

  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());
  beforeEach(async () => {
    now = new Date('2026-06-01T00:00:00Z');
    sis = memorySource();
    rooms = memoryDestination();
    world = await testEngine([sis.connector, rooms.connector], undefined, { database, clock: { now: () => now } });
    await world.write((tx) => tx`update school set time_zone = 'Europe/Paris'`);
    sis.classes = Array.from({ length: 4 }, (_, index) => ({ id: `c${index}`, title: `Class ${index}` }));
    source = await world.connect(sis.connector.id, {}, {});
  });

  const act = () => ({ tenantId: world.school.tenant.id, by: 'a person', now });
  const schedule = (schedule: Schedule | null, integrationId = source) =>
    world.write((tx) => world.api.updateIntegration(tx, { ...act(), integrationId, schedule }));
  const tick = (time?: string) => {
    if (time) now = new Date(time);
    return createScheduler(world.engine, database.system).tick();
  };
  const state = async (integrationId = source) => {
    const [row] = await world.write(
      (tx) => tx<{ status: string; reason: string | null }[]>`
        select status, status_reason as reason from integration where id = ${integrationId}`,
    );
    return row;
  };
  const problems = (integrationId = source) => world.write((tx) => problemsOfIntegrations(tx, [integrationId]));
  const codes = async (integrationId = source) => (await problems(integrationId)).map(({ code }) => code);
  /** Each change of the integration that live clients were told of. */
  const told = async () => {
    const rows = await world.write(
      (tx) => tx`select 1 from activity where kind = 'integration' and parent_id = ${source}`,
    );
    return rows.length;
  };

  describe('with a schedule', () => {
    beforeEach(async () => {
      await schedule(nightly);
      await world.sync(source);
    });

    it('is late an hour after a sync was due, says so once, and is well again with the next sync', async () => {
      await tick('2026-06-01T01:00:00Z');
      await tick('2026-06-01T01:59:59Z');
      assert.deepEqual(await state(), { status: 'CONNECTED', reason: null });

      const before = await told();
      await tick('2026-06-01T02:00:00Z');
      assert.deepEqual(await state(), {
        status: 'DEGRADED',
        reason: 'The sync that was due on 2026-06-01 01:00 UTC is late; it last synced on 2026-06-01 00:00 UTC.',
      });
      const [late] = await problems();
      assert.deepEqual([late?.code, late?.turn, late?.since], ['late', 'HOMEROOM', new Date('2026-06-01T01:00:00Z')]);
      await tick('2026-06-01T02:00:01Z');
      assert.equal(await told(), before + 1, 'it is told live, and not again each second');

      assert.equal((await world.runWaiting(source))?.status, 'SUCCEEDED');
      assert.deepEqual(await state(), { status: 'CONNECTED', reason: null });
      assert.deepEqual(await codes(), []);
      await tick('2026-06-01T09:00:00Z');
      assert.equal((await state())?.status, 'CONNECTED');
    });

    it('stays late through the nights that follow, since the first', async () => {
      await tick('2026-06-01T01:00:00Z');
      await tick('2026-06-02T01:00:00Z');
      await tick('2026-06-03T01:00:00Z');
      assert.match((await state())?.reason ?? '', /due on 2026-06-01 01:00 UTC/);
    });

    it('is late by the provider’s fault while the provider is down', async () => {
      await tick('2026-06-01T01:00:00Z');
      const classes = sis.classes;
      Object.defineProperty(sis, 'classes', {
        configurable: true,
        get: () => {
          throw new Unwell({ code: 'sis_down', message: 'The SIS does not answer.', remedy: 'Ask its operator.' });
        },
      });
      assert.equal((await world.runWaiting(source))?.status, 'FAILED');
      assert.deepEqual(await codes(), ['sis_down']);
      await tick('2026-06-01T02:00:00Z');

      assert.match((await state())?.reason ?? '', /^The SIS does not answer. Ask its operator. The sync that was due/);
      const late = (await problems()).find(({ code }) => code === 'late');
      assert.deepEqual([late?.turn, late?.remedy], ['PROVIDER', 'Ask its operator.']);

      Object.defineProperty(sis, 'classes', { configurable: true, writable: true, value: classes });
      await world.sync(source);
      assert.deepEqual([await state(), await codes()], [{ status: 'CONNECTED', reason: null }, []]);
    });

    it('owes nothing on a day without syncs', async () => {
      await world.write(
        (tx) =>
          tx`update school set settings = settings || '{"blackouts": [{"from": "2026-06-01", "until": "2026-06-01"}]}'::jsonb`,
      );
      await tick('2026-06-01T01:00:00Z');
      await tick('2026-06-01T12:00:00Z');
      assert.equal((await state())?.status, 'CONNECTED');
      await tick('2026-06-02T01:00:00Z');
      await tick('2026-06-02T02:00:00Z');
      assert.match((await state())?.reason ?? '', /due on 2026-06-02/);
    });

    it('owes nothing while it is disconnected, and nothing of what was owed before', async () => {
      await tick('2026-06-01T01:00:00Z');
      await tick('2026-06-01T02:00:00Z');
      await world.write((tx) => world.api.disconnectIntegration(tx, { ...act(), integrationId: source }));
      await tick('2026-06-03T12:00:00Z');
      assert.equal((await state())?.status, 'DISCONNECTED');
      assert.deepEqual(await codes(), []);

      await world.write((tx) => world.api.updateIntegration(tx, { ...act(), integrationId: source, credentials: {} }));
      assert.deepEqual([await state(), await codes()], [{ status: 'CONNECTED', reason: null }, []]);
      await tick('2026-06-03T13:00:00Z');
      assert.equal((await state())?.status, 'CONNECTED');
    });

    it('owes nothing any more once its schedule is taken away or set anew', async () => {
      await tick('2026-06-01T01:00:00Z');
      await tick('2026-06-01T02:00:00Z');
      await schedule({ kind: 'cron', cron: '0 4 * * *' });
      assert.deepEqual([await state(), await codes()], [{ status: 'CONNECTED', reason: null }, []]);
    });
  });

  it('through the night that skips an hour and the one that doubles it is late an hour after the sync was due', async () => {
    const nights = [
      { from: '2026-03-28T12:00:00Z', due: '2026-03-29T01:00:00Z' },
      { from: '2026-10-24T12:00:00Z', due: '2026-10-25T00:30:00Z' },
    ];
    for (const { from, due } of nights) {
      now = new Date(from);
      await schedule({ kind: 'cron', cron: '30 2 * * *' });
      await world.sync(source);
      await tick(due);
      const hour = new Date(due).getTime() + 60 * 60_000;
      await tick(new Date(hour - 1).toISOString());
      assert.equal((await state())?.status, 'CONNECTED', due);
      await tick(new Date(hour).toISOString());
      assert.equal((await state())?.status, 'DEGRADED', due);
    }
  });

  it('with a window that passed without a worker is told as ours, and made good by any whole sync', async () => {
    await schedule({ kind: 'windows', windows: [{ from: '05:00', until: '06:00' }] });
    await world.sync(source);
    await tick('2026-06-03T12:00:00Z');

    assert.equal((await state())?.status, 'DEGRADED');
    assert.match(
      (await state())?.reason ?? '',
      /^No worker was there for the sync of 2026-06-01 03:\d\d UTC; it last synced/,
    );
    const [missed] = await problems();
    assert.deepEqual([missed?.code, missed?.turn, missed?.affectedCount], ['window_missed', 'HOMEROOM', 3]);

    const classId = (await world.write((tx) => tx<{ id: string }[]>`select id from class limit 1`))[0]?.id ?? '';
    await world.sync(source, { classIds: [classId] });
    assert.deepEqual(await codes(), ['window_missed'], 'a small sync is not what was promised');
    await world.sync(source);
    assert.deepEqual([await state(), await codes()], [{ status: 'CONNECTED', reason: null }, []]);
  });

  it('without a schedule is promised nothing about time', async () => {
    await world.sync(source);
    await tick('2027-06-01T00:00:00Z');
    assert.equal((await state())?.status, 'CONNECTED');
  });

  it('of a destination whose first plan waits for approval is the school’s turn, and not late', async () => {
    await world.write((tx) => tx`update school set settings = '{}'`);
    await world.sync(source);
    const destination = await world.connect(rooms.connector.id, {}, {});
    await schedule(nightly, destination);
    await tick('2026-06-01T01:00:00Z');
    assert.equal((await world.runWaiting(destination))?.status, 'HELD');
    await tick('2026-06-01T03:00:00Z');
    const [held, ...others] = await problems(destination);

    assert.equal((await state(destination))?.status, 'CONNECTED');
    assert.deepEqual([held?.code, held?.turn, others], ['held', 'SCHOOL', []]);
  });

  describe('after runs of all and of some', () => {
    let destination: string;
    let refusing: boolean;
    const aClass = async () =>
      (await world.write((tx) => tx<{ id: string }[]>`select id from class order by title limit 1`))[0]?.id ?? '';

    beforeEach(async () => {
      refusing = false;
      await world.sync(source);
      destination = await world.connect(rooms.connector.id, {}, {});
      rooms.meanwhile = () => {
        if (refusing) throw new SignInNeeded({ code: 'sign_in', message: 'Sign in.', remedy: 'Do.' });
      };
    });

    it('is not taken as well because a small run went well after the whole one failed', async () => {
      await world.sync(destination);
      await world.school.class({ title: 'Zoology' });
      refusing = true;
      await world.sync(destination);
      assert.equal((await state(destination))?.status, 'ERROR');
      assert.ok((await codes(destination)).includes('sign_in'));

      refusing = false;
      await world.sync(destination, { classIds: [await aClass()] });
      assert.equal((await state(destination))?.status, 'DEGRADED', 'the door is open again, but not all was done');
      assert.ok((await codes(destination)).includes('sign_in'));
      await world.sync(destination);
      assert.deepEqual(
        [await state(destination), await codes(destination)],
        [{ status: 'CONNECTED', reason: null }, []],
      );
    });

    it('forgives what failed once a person has entered other credentials', async () => {
      refusing = true;
      await world.sync(destination);
      assert.equal((await state(destination))?.status, 'ERROR');
      now = new Date(now.getTime() + 1000);
      await world.write((tx) =>
        world.api.updateIntegration(tx, { ...act(), integrationId: destination, credentials: {} }),
      );
      assert.deepEqual(
        [await state(destination), await codes(destination)],
        [{ status: 'CONNECTED', reason: null }, []],
      );
    });

    it('says nothing of a run that a person stopped', async () => {
      await world.sync(destination);
      const runId = await world.write((tx) =>
        world.api.requestRun(tx, {
          ...act(),
          integrationId: destination,
          trigger: 'MANUAL',
          mode: 'DELTA',
          requestedBy: 'a person',
        }),
      );
      await world.write((tx) => world.api.cancelRun(tx, { ...act(), runId }));
      assert.deepEqual(await state(destination), { status: 'CONNECTED', reason: null });
    });
  });
});

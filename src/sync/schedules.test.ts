/** Schedules in the database: slots taken once, whoever looks, and what becomes of those that passed. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { ValidationFailed } from '../model/problems.ts';
import type { Schedule } from '../model/schedule.ts';
import { noteChanges } from './changes.ts';
import { createScheduler } from './schedules.ts';

describe('a schedule', () => {
  let world: TestEngine;
  let integrationId: string;
  let now = new Date('2026-06-01T00:00:00Z');
  const set = (schedule: Schedule | null) =>
    world.write((tx) => {
      const act = { tenantId: world.school.tenant.id, by: 'a person', now };
      return world.api.updateIntegration(tx, { ...act, integrationId, schedule });
    });
  const slots = () =>
    world.write(
      (tx) => tx<{ slot: string; outcome: string; trigger: string | null }[]>`
        select slot, outcome, trigger from schedule_slot s left join sync_run r on r.id = s.run_id
        where s.integration_id = ${integrationId} order by s.due_at, slot`,
    );
  const seen = async () => (await slots()).map(({ slot, outcome, trigger }) => `${slot} ${outcome} ${trigger ?? '-'}`);
  const nextSyncAt = async () => {
    const [row] = await world.write(
      (tx) => tx<{ at: Date | null }[]>`select next_sync_at as at from integration where id = ${integrationId}`,
    );
    return row?.at ?? null;
  };
  const waiting = async () => {
    const rows = await world.write(
      (tx) => tx`select id from sync_run where integration_id = ${integrationId} and status = 'QUEUED'`,
    );
    return rows.length;
  };
  const scheduler = () => createScheduler(world.engine, world.database.system);

  before(async () => {
    world = await testEngine([googleWorkspace]);
    world.engine.clock = { now: () => now };
    integrationId = await world.connect(
      'google-workspace',
      { domain: 'school.example' },
      { serviceAccountKey: JSON.stringify(serviceAccount), adminEmail: 'admin@school.example' },
    );
    await world.write(
      (tx) => tx`
        update school set time_zone = 'Europe/Paris',
          settings = settings || '{"blackouts": [{"from": "2026-06-05", "until": "2026-06-06"}]}'::jsonb`,
    );
  });

  after(() => world.database.drop());

  it('is refused when nothing can be made of it, field by field', async () => {
    const problems = async (schedule: Schedule) => {
      const error = await set(schedule).catch((caught: unknown) => caught);
      assert.ok(error instanceof ValidationFailed, String(error));
      return error.fields.map(({ path }) => path.join('.'));
    };
    const window = { from: '05:00', until: '06:00' };
    assert.deepEqual(await problems({ kind: 'cron', cron: '* * *' }), ['schedule.cron.expression']);
    assert.deepEqual(await problems({ kind: 'cron', cron: '61 2 * * *', timeZone: 'Europe/Pariss' }), [
      'schedule.cron.timeZone',
      'schedule.cron.expression',
    ]);
    assert.deepEqual(await problems({ kind: 'cron', cron: '0 0 30 2 *' }), ['schedule']);
    assert.deepEqual(await problems({ kind: 'windows', windows: [] }), ['schedule.windows.windows']);
    assert.deepEqual(await problems({ kind: 'windows', windows: [window, { from: '05:30', until: '24:00' }] }), [
      'schedule.windows.windows.1.until',
      'schedule.windows.windows',
    ]);
    assert.deepEqual(await problems({ kind: 'windows', windows: [window], days: [0, 8] }), ['schedule.windows.days']);
    assert.equal(await nextSyncAt(), null);
  });

  it('starts one run in a window, however many look at once, and however often', async () => {
    await set({ kind: 'windows', windows: [{ from: '05:00', until: '06:00' }] });
    const at = await nextSyncAt();
    assert.ok(at && at >= new Date('2026-06-01T03:00:00Z') && at < new Date('2026-06-01T04:00:00Z'));
    now = new Date('2026-06-01T03:59:30Z');
    await Promise.all([scheduler().tick(), scheduler().tick(), scheduler().tick()]);
    await scheduler().tick();

    assert.deepEqual(await seen(), ['2026-06-01 05:00 RUN SCHEDULE']);
    assert.equal(await waiting(), 1);
    assert.equal((await nextSyncAt())?.getTime(), at.getTime() + 24 * 60 * 60_000);
  });

  it('starts all integrations of a school at the same minute', async () => {
    const other = await world.connect(
      'google-workspace',
      { domain: 'other.example' },
      { serviceAccountKey: JSON.stringify(serviceAccount), adminEmail: 'admin@other.example' },
    );
    const schedule: Schedule = { kind: 'windows', windows: [{ from: '05:00', until: '06:00' }] };
    const act = { tenantId: world.school.tenant.id, by: 'a person', now };
    await world.write((tx) => world.api.updateIntegration(tx, { ...act, integrationId: other, schedule }));
    const rows = await world.write((tx) => tx<{ at: Date }[]>`select next_sync_at as at from integration`);
    assert.equal(new Set(rows.map(({ at }) => at.getTime())).size, 1);
    await world.write((tx) => world.api.updateIntegration(tx, { ...act, integrationId: other, schedule: null }));
  });

  it('lets a destination wait for what the sources of its school read first, and take it along', async () => {
    const queued = () =>
      world.write(
        (tx) => tx<{ id: string; dueAt: Date }[]>`
          select id, due_at as "dueAt" from sync_run where integration_id = ${integrationId} and status = 'QUEUED'`,
      );
    const before = await queued();
    assert.deepEqual(
      before.map(({ dueAt }) => dueAt.getTime()),
      [now.getTime() + 10 * 60_000],
    );
    const personId = await world.school.person({ givenName: 'Anne', familyName: 'Dupont' });
    const { tenant, id: schoolId } = world.school;
    const changes = { tenantId: tenant.id, schoolId, entity: 'person' as const, recordIds: [personId] };
    await world.write((tx) => noteChanges(tx, world.engine, changes));
    assert.deepEqual(await queued(), before);
  });

  it('takes no slot twice when the clock is set back, and is not put off when it ran ahead', async () => {
    const looker = scheduler();
    await looker.tick();
    await world.write((tx) => tx`update integration set next_sync_at = '2031-01-01' where id = ${integrationId}`);
    now = new Date('2026-06-01T02:00:00Z');
    await looker.tick();
    assert.ok(((await nextSyncAt()) ?? now) < new Date('2026-06-01T04:00:00Z'));
    now = new Date('2026-06-01T03:59:40Z');
    await looker.tick();
    assert.deepEqual(await seen(), ['2026-06-01 05:00 RUN SCHEDULE']);
  });

  it('tells of windows that passed while no worker was there, and starts none on a day without syncs', async () => {
    now = new Date('2026-06-04T12:00:00Z');
    await scheduler().tick();
    now = new Date('2026-06-05T03:59:30Z');
    await scheduler().tick();

    assert.deepEqual((await seen()).slice(1), [
      '2026-06-02 05:00 MISSED -',
      '2026-06-03 05:00 MISSED -',
      '2026-06-04 05:00 MISSED -',
      '2026-06-05 05:00 BLACKOUT -',
    ]);
    assert.equal(world.messages.filter(({ message }) => message.startsWith('a window passed')).length, 3);
  });

  it('of a cron expression makes up for all it missed by one run', async () => {
    await set({ kind: 'cron', cron: '0 * * * *' });
    now = new Date('2026-06-08T12:30:00Z');
    await scheduler().tick();
    assert.deepEqual((await seen()).slice(5), ['2026-06-08T12:00:00.000Z RUN SCHEDULE']);
    assert.equal((await nextSyncAt())?.toISOString(), '2026-06-08T13:00:00.000Z');
  });

  it('rests while the integration is disconnected, and misses nothing by it', async () => {
    const act = { tenantId: world.school.tenant.id, by: 'a person', now, integrationId };
    await world.write((tx) => world.api.disconnectIntegration(tx, act));
    assert.equal(await nextSyncAt(), null);
    now = new Date('2026-06-20T12:30:00Z');
    await scheduler().tick();
    const credentials = { serviceAccountKey: JSON.stringify(serviceAccount), adminEmail: 'admin@school.example' };
    await world.write((tx) => world.api.updateIntegration(tx, { ...act, now, credentials }));
    assert.equal((await nextSyncAt())?.toISOString(), '2026-06-20T13:00:00.000Z');
    assert.equal((await seen()).length, 6);
  });

  it('is taken away with null', async () => {
    await set(null);
    assert.equal(await nextSyncAt(), null);
  });
});

const serviceAccount = {
  type: 'service_account',
  client_email: 'homeroom@project.iam.gserviceaccount.com',
  private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
};

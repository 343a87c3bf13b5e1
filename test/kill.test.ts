/** kill -9 at random moments of a sync: the run goes on after each restart, nothing is missing, nothing is made twice. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { generateDistrict } from '../src/simulators/district/generate.ts';
import { type Answer, type ApiClient, apiClient, ended, mutate } from './harness/client.ts';
import { type Access, type GatewayOptions, type GatewayProcess, makeAccess, startGateway } from './harness/gateway.ts';
import { seedOf } from './harness/random.ts';
import { startWorld, type World } from './harness/world.ts';

const kills = 20;
const { seed, random } = seedOf('HOMEROOM_KILL_SEED');

describe(`a process that is killed ${kills} times (HOMEROOM_KILL_SEED=${seed})`, () => {
  const district = generateDistrict({ seed: `kill-${seed}`, size: 'small', schools: 1, asOf: new Date() });
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-kill-'));
  let world: World;
  let options: GatewayOptions;
  let gateway: GatewayProcess;
  let access: Access;
  let sis: string;
  let google: string;

  const client = () => apiClient(gateway.url, access.key);
  const integrationIds = () => [sis, google];
  const latest = async (api: ApiClient, id: string): Promise<Answer> =>
    (await api.send('query($id: ID!) { integration(id: $id) { latestSyncRun { id status } } }', { id })).integration
      .latestSyncRun;
  const settle = async (api: ApiClient) => {
    for (const id of integrationIds()) {
      for (
        let run = await latest(api, id);
        run && ['QUEUED', 'RUNNING'].includes(run.status);
        run = await latest(api, id)
      ) {
        await ended(api, run.id);
      }
    }
  };

  before(async () => {
    world = await startWorld(district);
    options = { dataDir, allowedHosts: world.hosts };
    gateway = await startGateway(options);
    access = await makeAccess(options, 'Tenant', ['School']);
    const api = client();
    const { schools } = await api.send('Schools');
    await mutate(api, 'UpdateSchool', { schoolId: schools.nodes[0].id, settings: { previewFirst: false } });
    const { providers } = await api.send('Providers');
    const connect = async (slug: string, form: object) => {
      const providerId = providers.find((each: Answer) => each.slug === slug).id;
      const payload = await mutate(api, 'ConnectIntegration', { schoolId: schools.nodes[0].id, providerId, ...form });
      return payload.integration.id as string;
    };
    sis = await connect('oneroster', world.oneRoster());
    google = await connect('google-workspace', world.classroom());
    await api.close();
  });

  after(async () => {
    await gateway?.end();
    await world?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('finishes what it began, each time', async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      const api = client();
      const run = await latest(api, kill % 2 === 0 ? sis : google);
      // While the first sync is under way there is enough to interrupt; afterwards the school goes on living.
      if (!run || !['QUEUED', 'RUNNING'].includes(run.status)) {
        if (run) await world.sis.act('life', {});
        await mutate(api, 'TriggerSync', { integrationId: kill % 2 === 0 ? sis : google });
      }
      await api.close();
      await delay(Math.floor(random() * 900));
      await gateway.end('SIGKILL');
      gateway = await startGateway(options);
    }
    const api = client();
    await settle(api);
    for (const id of integrationIds()) {
      const { syncRun } = await mutate(api, 'TriggerSync', { integrationId: id });
      const run = await ended(api, syncRun.id);
      assert.equal(run.status, 'SUCCEEDED', gateway.log.join('\n'));
      await settle(api);
    }
    await api.close();
  });

  it('has nothing missing and nothing twice', async () => {
    const active = async (collection: string) =>
      ((await world.sis.act('records', { collection })) as { status: string; role?: string }[]).filter(
        (each) => each.status === 'active',
      );
    const enrollments = await active('enrollments');
    const classes = await active('classes');
    const [seen] = (await world.google.state({ domain: world.domain })) as { counts: Record<string, number> }[];
    const counts = seen?.counts ?? {};
    assert.deepEqual(
      { courses: counts.courses, teachers: counts.teachers, students: counts.students },
      {
        courses: classes.length,
        teachers: enrollments.filter((each) => each.role === 'teacher').length,
        students: enrollments.filter((each) => each.role === 'student').length,
      },
    );
    const made = await world.google.journal.entries({ route: 'classroom.courses.create' });
    assert.equal(made.filter((entry) => entry.status === 200).length, classes.length, 'no course is made twice');
  });

  it('then has nothing left to do', async () => {
    const api = client();
    await world.google.journal.clear();
    const { syncRun } = await mutate(api, 'TriggerSync', { integrationId: google, mode: 'FULL' });
    const run = await ended(api, syncRun.id);
    assert.equal(run.status, 'SUCCEEDED');
    assert.deepEqual(
      (await world.google.journal.writes()).map((entry) => entry.route),
      [],
    );
    await api.close();
  });
});

/** A Homeroom in three processes that can be killed (gateway, worker, database), and its outside, which cannot. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asTenant, connect, type Sql, type TransactionSql } from '../../src/db/client.ts';
import { isDatabaseGone } from '../../src/db/gone.ts';
import { encodeId, rawId } from '../../src/schema/ids.ts';
import { generateDistrict } from '../../src/simulators/district/generate.ts';
import { type ApiClient, apiClient, mutate } from '../harness/client.ts';
import { type Access, type GatewayProcess, makeAccess, startGateway, startWorker } from '../harness/gateway.ts';
import { type DatabaseDeath, startOwnServer } from '../harness/own-server.ts';
import { addressOf } from '../harness/server.ts';
import { startWorld, type World } from '../harness/world.ts';

export const victims = ['worker', 'gateway', 'database'] as const;

export type Victim = (typeof victims)[number];

export interface Place {
  readonly world: World;
  /** Integrations. */
  readonly sis: string;
  readonly google: string;
  /** Of the gateway that is running now. */
  api(): ApiClient;
  /** Asks for a sync, as somebody who presses the button again while nobody answers; of everything, unless people are named. */
  sync(integration: string, people?: readonly string[]): Promise<void>;
  /** Reads what the school has, as the worker may; waits for a database that is away. */
  look<T>(fn: (tx: TransactionSql) => Promise<T>): Promise<T>;
  /** The same, which fails while the database is away. */
  glance<T>(fn: (tx: TransactionSql) => Promise<T>): Promise<T>;
  readonly worker: GatewayProcess;
  /** One more worker, which is stopped with the others. */
  anotherWorker(): Promise<GatewayProcess>;
  /** kill -9; resolves when it is gone. */
  kill(victim: Victim, how: DatabaseDeath): Promise<void>;
  /** Starts what was killed again. */
  revive(victim: Victim): Promise<void>;
  /** What the processes logged that are running now. */
  said(): string;
  stop(): Promise<void>;
}

export async function openPlace(seed: string): Promise<Place> {
  const district = generateDistrict({ seed, size: 'small', schools: 1, asOf: new Date() });
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-crash-'));
  const [world, database] = await Promise.all([startWorld(district), startOwnServer()]);
  const options = { dataDir, databaseUrl: addressOf(database.target), allowedHosts: world.hosts };
  const start = {
    gateway: () => startGateway(options, ['serve', '--no-worker']),
    worker: () => startWorker(options),
  };
  const access: Access = await makeAccess(options, 'Tenant', ['School']);
  const running: Record<'gateway' | 'worker', GatewayProcess> = {
    gateway: await start.gateway(),
    worker: await start.worker(),
  };
  const more: GatewayProcess[] = [];
  // A pool notices by itself that its server is another one.
  const sql: Sql = connect({ target: database.target, role: 'worker', max: 2, name: 'onlooker' });
  const glance: Place['glance'] = (fn) =>
    asTenant(sql, { tenantId: access.tenantId, schoolIds: null, actor: 'onlooker' }, fn, { readOnly: true });
  const api = () => apiClient(running.gateway.url, access.key);
  const { sis, google } = await settle(api(), world);

  return {
    world,
    sis,
    google,
    api,
    get worker() {
      return running.worker;
    },
    async anotherWorker() {
      const worker = await start.worker();
      more.push(worker);
      return worker;
    },
    async sync(integration, people) {
      const integrationId = encodeId('Integration', integration);
      const which = people ? { personIds: people.map((id) => encodeId('Person', id)) } : { mode: 'FULL' };
      for (let tries = 1; ; tries += 1) {
        try {
          await mutate(api(), 'TriggerSync', { integrationId, ...which });
          return;
        } catch (error) {
          if (tries > 100) throw error;
          await delay(100);
        }
      }
    },
    async look(fn) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await glance(fn);
        } catch (error) {
          if (tries > 300 || !isDatabaseGone(error)) throw error;
          await delay(100);
        }
      }
    },
    glance,
    async kill(victim, how) {
      if (victim === 'database') await database.kill(how);
      else await running[victim].end('SIGKILL');
    },
    async revive(victim) {
      if (victim === 'database') await database.start();
      else running[victim] = await start[victim]();
    },
    said: () => [...running.worker.log, ...running.gateway.log].join('\n'),
    async stop() {
      await Promise.all([running.worker, running.gateway, ...more].map((each) => each.end()));
      await sql.end({ timeout: 1 });
      await Promise.all([world.stop(), database.stop()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Both integrations of the one school, which asks nobody first and holds nothing back: a wrong removal would show. */
async function settle(api: ApiClient, world: World) {
  const { schools } = await api.send('Schools');
  const schoolId: string = schools.nodes[0].id;
  await mutate(api, 'UpdateSchool', {
    schoolId,
    settings: { previewFirst: false, removalShare: 1, removalMax: 1_000_000 },
  });
  const { providers } = await api.send('Providers');
  const connected = async (slug: string, form: object): Promise<string> => {
    const providerId = providers.find((each: { slug: string }) => each.slug === slug).id;
    const { integration } = await mutate(api, 'ConnectIntegration', { schoolId, providerId, ...form });
    return rawId('Integration', integration.id) ?? '';
  };

  return {
    sis: await connected('oneroster', world.oneRoster()),
    google: await connected('google-workspace', world.classroom()),
  };
}

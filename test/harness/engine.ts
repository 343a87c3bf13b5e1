/** The engine on a test's own database, with runs carried out one by one where the test says so. */
import { randomBytes } from 'node:crypto';
import type { Connector } from '../../src/connectors/kit/contract.ts';
import type { Timeouts } from '../../src/connectors/kit/http.ts';
import { asTenant, type TransactionSql } from '../../src/db/client.ts';
import { type SeededSchool, seedTenant } from '../../src/db/seed.ts';
import { type Clock, systemClock } from '../../src/model/clock.ts';
import type { SchoolSettings } from '../../src/model/school-settings.ts';
import type { RunLane, RunMode } from '../../src/model/sync.ts';
import { engineApi } from '../../src/sync/api.ts';
import type { Engine } from '../../src/sync/engine.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { carryOutWaiting, livingWorker, makeTestEngine } from './worker.ts';

export interface TestEngine {
  database: TestDatabase;
  engine: Engine;
  /** Of its vault. */
  masterKey: Buffer;
  api: ReturnType<typeof engineApi>;
  school: SeededSchool;
  /** In a transaction of the tenant. */
  write<T>(fn: (tx: TransactionSql) => Promise<T>): Promise<T>;
  connect(provider: string, settings: Record<string, unknown>, credentials: Record<string, unknown>): Promise<string>;
  /** Asks for a run as a person would, carries out whatever the integration has waiting, and answers the last one. */
  sync(integrationId: string, how?: { mode?: RunMode; classIds?: string[]; personIds?: string[] }): Promise<RunSeen>;
  /** Carries out what waits (a data change, an approval), if anything does; by another worker's hands where given. */
  runWaiting(integrationId: string, by?: Engine): Promise<RunSeen | null>;
  /** A worker beside the test's own: it takes what one lane has waiting, and lives until the test kills it. */
  worker(by?: Engine): Promise<TestWorker>;
  run(id: string): Promise<RunSeen>;
  log(runId: string): Promise<LogSeen[]>;
  conflicts(): Promise<ConflictSeen[]>;
  messages: { facts: object; message: string }[];
}

export interface TestWorker {
  /** Takes the lane's next run; `ended` when it is done with it. Fails when there is none to take. */
  take(integrationId: string, lane: RunLane): Promise<{ id: string; ended: Promise<RunSeen> }>;
  /** What it holds as a sign of life is let go of, as when its process is gone. */
  dies(): Promise<void>;
}

export interface RunSeen {
  id: string;
  status: string;
  trigger: string;
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
  skipped: number;
  failed: number;
  conflicts: number;
  heldReason: string | null;
  planHash: string | null;
  error: { code: string; message: string; remedy: string } | null;
}

export interface LogSeen {
  seq: number;
  action: string;
  status: string;
  name: string | null;
  reason: string;
  details: Record<string, unknown> | null;
  size: number;
}

export interface ConflictSeen {
  id: string;
  version: number;
  kind: string;
  status: string;
  key: string | null;
  name: string | null;
  stream: string;
  resolution: string | null;
  fields: { name: string; baseValue: unknown; localValue: unknown; externalValue: unknown }[];
  candidates: { externalId: string }[];
}

/**
 * `settings`: of its school; without them destinations sync at once, for a test is seldom about the first plan. `on`: a
 * database that several tests share, each with a tenant of its own; a clock that a test puts forward.
 */
export async function testEngine(
  connectors: readonly Connector[],
  settings: SchoolSettings = { previewFirst: false },
  on: { database?: TestDatabase; clock?: Clock; timeouts?: Partial<Timeouts> } = {},
): Promise<TestEngine> {
  const database = on.database ?? (await freshDatabase());
  const messages: TestEngine['messages'] = [];
  const note = (facts: object, message: string) => void messages.push({ facts, message });
  const allowed: string[] = [];
  const masterKey = randomBytes(32);
  const engine = makeTestEngine({
    db: database.worker,
    connectors,
    clock: on.clock ?? systemClock,
    masterKey,
    allowedHosts: allowed,
    note,
    ...(on.timeouts && { timeouts: on.timeouts }),
  });
  const api = engineApi(engine, database.worker);
  const tenant = await seedTenant(database.app);
  const school = await tenant.school({ settings });
  const tenantId = tenant.id;
  const write = <T>(fn: (tx: TransactionSql) => Promise<T>) =>
    asTenant(database.worker, { tenantId, schoolIds: null, actor: 'test' }, fn);
  const act = () => ({ tenantId, by: 'a person', now: engine.clock.now() });

  const runWaiting = async (integrationId: string, by: Engine = engine) => {
    const last = await carryOutWaiting(engine, { tenantId, integrationId }, by);
    return last && seeRun(last.id);
  };
  const worker = async (by: Engine = engine): Promise<TestWorker> => {
    const living = await livingWorker(engine, await database.connect('worker', { max: 1 }).reserve());
    return {
      async take(integrationId, lane) {
        const { id, ended } = await living.take({ tenantId, integrationId, lane }, by);
        return { id, ended: ended.then(() => seeRun(id)) };
      },
      dies: living.dies,
    };
  };
  const seeRun = (id: string) =>
    write(async (tx) => {
      const [row] = await tx<RunSeen[]>`
        select id, status, trigger, created, updated, deleted, unchanged, skipped, failed, conflicts,
               held_reason as "heldReason", plan_hash as "planHash", error from sync_run where id = ${id}`;
      if (!row) throw new Error(`no run ${id}`);
      return row;
    });

  return {
    database,
    engine,
    masterKey,
    api,
    school,
    write,
    messages,
    connect: (provider, settings, credentials) => {
      allowed.push(...hostsIn(settings));
      return write((tx) =>
        api.connectIntegration(tx, { ...act(), schoolId: school.id, provider, settings, credentials }),
      );
    },
    async sync(integrationId, how = {}) {
      const { now, tenantId } = act();
      await write((tx) =>
        api.requestRun(tx, {
          tenantId,
          integrationId,
          trigger: 'MANUAL',
          mode: 'DELTA',
          requestedBy: 'a person',
          now,
          ...how,
        }),
      );
      const run = await runWaiting(integrationId);
      if (!run) throw new Error('Nothing ran.');
      return run;
    },
    runWaiting,
    worker,
    run: seeRun,
    log: (runId) =>
      write(
        (tx) => tx<LogSeen[]>`
          select seq, action, status, name, reason, details, size from sync_log where run_id = ${runId} order by seq`,
      ),
    conflicts: () =>
      write(
        (tx) => tx<ConflictSeen[]>`
          select id, version, kind, status, key, name, stream, resolution, fields, candidates from sync_conflict order by id`,
      ),
  };
}

function hostsIn(settings: Record<string, unknown>): string[] {
  return Object.values(settings).flatMap((value) =>
    typeof value === 'string' && value.startsWith('http://127.0.0.1') ? [new URL(value).host] : [],
  );
}

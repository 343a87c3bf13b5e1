/** Our side of the pull: the product's engine in a process of its own, one run of it and no more. */
import { connectors } from '../../src/connectors/index.ts';
import { asTenant, connect, connectAsLogin, type Sql, type Target } from '../../src/db/client.ts';
import { claimRun } from '../../src/db/queries/engine/run.ts';
import { seedTenant } from '../../src/db/seed.ts';
import { createVault } from '../../src/db/vault.ts';
import { createWake } from '../../src/live/wake.ts';
import { createLog } from '../../src/log.ts';
import { systemClock } from '../../src/model/clock.ts';
import { engineApi } from '../../src/sync/api.ts';
import type { Engine } from '../../src/sync/engine.ts';
import { outbound } from '../../src/sync/outbound.ts';
import { carryOut } from '../../src/sync/run.ts';
import { answerParent } from '../child.ts';
import { pageSize, type SisAddress } from './sis.ts';

/** An integration that was connected, and what opens its credentials. */
export interface Place {
  readonly target: Target;
  readonly sis: SisAddress;
  readonly masterKey: Uint8Array;
  readonly tenantId: string;
  readonly integrationId: string;
}

export interface RunResult {
  readonly seconds: number;
  /** Seconds by phase, to about a tenth. */
  readonly phases: Readonly<Record<string, number>>;
  /** The most memory this process ever had, in MiB. */
  readonly peakMiB: number;
  /** The longest a transaction that had written was open, in milliseconds, to about 20: so long live events wait. */
  readonly longestMs: number;
  readonly counts: { readonly created: number; readonly updated: number; readonly unchanged: number };
}

answerParent({ connectSis, run });

/** A tenant with a school that has the SIS. */
async function connectSis({ target, sis, masterKey }: Omit<Place, 'tenantId' | 'integrationId'>): Promise<Place> {
  const engine = openEngine(target, sis, masterKey);
  const tenant = await seedTenant(engine.db);
  const school = await tenant.school();
  const { baseUrl, tokenUrl, client } = sis;
  const integrationId = await tenant.write((tx) =>
    engine.api.connectIntegration(tx, {
      tenantId: tenant.id,
      by: 'bench',
      now: systemClock.now(),
      schoolId: school.id,
      provider: 'oneroster',
      settings: { baseUrl, tokenUrl, version: '1.1', pageSize },
      credentials: { clientId: client.id, clientSecret: client.secret },
    }),
  );
  await engine.close();
  return { target, sis, masterKey, tenantId: tenant.id, integrationId };
}

/** Asks for a run and carries it out as a worker does: claimed, beaten for, ended. */
async function run({
  target,
  sis,
  masterKey,
  tenantId,
  integrationId,
  mode,
}: Place & { mode: 'FULL' | 'DELTA' }): Promise<RunResult> {
  const engine = openEngine(target, sis, masterKey);
  const identity = { tenantId, schoolIds: null, actor: 'bench' };
  const now = systemClock.now();
  const request = { tenantId, integrationId, trigger: 'MANUAL', mode, requestedBy: 'bench', now } as const;
  await asTenant(engine.db, identity, (tx) => engine.api.requestRun(tx, request));

  const began = performance.now();
  const claimed = await asTenant(engine.db, identity, (tx) =>
    claimRun(tx, { tenantId, integrationId }, 1, systemClock.now()),
  );
  if (claimed === null) throw new Error('Nobody asked for a run.');
  const watch = watchPhases(engine.db, identity, claimed.id);
  const writing = watchWriting(target);
  await carryOut(engine, claimed, new AbortController().signal);
  const seconds = (performance.now() - began) / 1_000;
  const phases = await watch.stop();
  const longestMs = await writing.stop();

  const [row] = await asTenant(
    engine.db,
    identity,
    (tx) => tx<{ status: string; created: number; updated: number; unchanged: number; error: unknown }[]>`
      select status, created, updated, unchanged, error from sync_run where id = ${claimed.id}`,
  );
  await engine.close();
  if (row?.status !== 'SUCCEEDED') throw new Error(`The run ended ${row?.status}: ${JSON.stringify(row?.error)}`);
  const { created, updated, unchanged } = row;
  return {
    seconds,
    phases,
    peakMiB: process.resourceUsage().maxRSS / 1_024,
    longestMs,
    counts: { created, updated, unchanged },
  };
}

function openEngine(target: Target, sis: SisAddress, masterKey: Uint8Array) {
  const db = connect({ target, role: 'worker', max: 8 });
  const system = connect({ target, role: 'system', max: 2 });
  const log = createLog({ level: 'warn', stream: process.stderr, pretty: false });
  const wake = createWake(system, log);
  const engine: Engine = {
    db,
    connectors,
    vault: createVault({ masterKey: Buffer.from(masterKey) }),
    clock: systemClock,
    log,
    // No queue: the bench is its own worker.
    enqueue: async () => undefined,
    http: outbound(db, [new URL(sis.origin).host]),
    wake,
    random: Math.random,
  };

  return {
    ...engine,
    api: engineApi(engine, db),
    async close() {
      await wake.close();
      await Promise.all([db.end(), system.end()]);
    },
  };
}

const lookMs = 100;

/** Looks at the run's row ten times a second. */
function watchPhases(db: Sql, identity: Parameters<typeof asTenant>[1], runId: string) {
  const seconds: Record<string, number> = {};
  let last = performance.now();
  let under = Promise.resolve();

  async function look(): Promise<void> {
    const [row] = await asTenant(
      db,
      identity,
      (tx) => tx<{ phase: string | null }[]>`select phase from sync_run where id = ${runId}`,
    );
    const now = performance.now();
    const phase = row?.phase ?? 'ENDING';
    seconds[phase] = (seconds[phase] ?? 0) + (now - last) / 1_000;
    last = now;
  }
  const timer = setInterval(() => {
    under = under.then(look);
  }, lookMs);

  return {
    async stop() {
      clearInterval(timer);
      await under;
      await look();
      return seconds;
    },
  };
}

const sampleMs = 20;

/** Looks for the oldest transaction that has written, as the login, who sees all of them. */
function watchWriting(target: Target) {
  const login = connectAsLogin(target);
  let longest = 0;
  let under = Promise.resolve();
  async function look(): Promise<void> {
    const [row] = await login<{ ms: number | null }[]>`
      select max(extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 as ms
        from pg_stat_activity
       where backend_xid is not null and backend_type = 'client backend' and datname = current_database()`;
    longest = Math.max(longest, row?.ms ?? 0);
  }
  const timer = setInterval(() => {
    under = under.then(look);
  }, sampleMs);

  return {
    async stop(): Promise<number> {
      clearInterval(timer);
      await under;
      await login.end();
      return longest;
    },
  };
}

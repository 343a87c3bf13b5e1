/** Our side of the pull, from outside: connects the SIS, asks for a run, and watches a worker carry it out. A process of its own. */
import { setTimeout } from 'node:timers/promises';
import { connectors } from '../../src/connectors/index.ts';
import { asTenant, connect, type Sql, type Target } from '../../src/db/client.ts';
import { openJobs } from '../../src/db/jobs.ts';
import { seedTenant } from '../../src/db/seed.ts';
import { createVault } from '../../src/db/vault.ts';
import { createWake } from '../../src/live/wake.ts';
import { createLog } from '../../src/log.ts';
import { systemClock } from '../../src/model/clock.ts';
import { engineApi } from '../../src/sync/api.ts';
import type { Engine } from '../../src/sync/engine.ts';
import { outbound } from '../../src/sync/outbound.ts';
import { answerParent } from '../child.ts';
import { watchWriting } from '../writing.ts';
import { pageSize, type SisAddress } from './sis.ts';

/** An integration that was connected, and what opens its credentials. */
export interface Place {
  readonly target: Target;
  readonly sis: SisAddress;
  readonly masterKey: Uint8Array;
  readonly tenantId: string;
  readonly integrationId: string;
}

/** What was seen of a run. */
export interface RunSeen {
  /** From the moment a worker took it until it had ended, as the run itself tells. */
  readonly seconds: number;
  /** Seconds from the moment it was asked for until it had ended. */
  readonly sinceAsked: number;
  /** Seconds by phase, to about a tenth. */
  readonly phases: Readonly<Record<string, number>>;
  /** The longest a transaction that had written was open, in milliseconds, to about 50: so long live events wait. */
  readonly longestMs: number;
  readonly counts: { readonly created: number; readonly updated: number; readonly unchanged: number };
}

/** So many that they never hold a run up: the limit asks for no leave either. */
const callsPerMinute = 600_000;

answerParent({ connectSis, run });

/** A tenant with a school that has the SIS. */
async function connectSis({ target, sis, masterKey }: Omit<Place, 'tenantId' | 'integrationId'>): Promise<Place> {
  const engine = await openEngine(target, sis, masterKey);
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
      settings: { baseUrl, tokenUrl, version: '1.1', pageSize, callsPerMinute },
      credentials: { clientId: client.id, clientSecret: client.secret },
    }),
  );
  await engine.close();
  return { target, sis, masterKey, tenantId: tenant.id, integrationId };
}

/** Asks for a run, and watches it until it has ended. */
async function run({
  target,
  sis,
  masterKey,
  tenantId,
  integrationId,
  mode,
}: Place & { mode: 'FULL' | 'DELTA' }): Promise<RunSeen> {
  const engine = await openEngine(target, sis, masterKey);
  const identity = { tenantId, schoolIds: null, actor: 'bench' };
  const now = systemClock.now();
  const request = { tenantId, integrationId, trigger: 'MANUAL', mode, requestedBy: 'bench', now } as const;
  const writing = watchWriting(target);
  const id = await asTenant(engine.db, identity, (tx) => engine.api.requestRun(tx, request));
  const { seconds, phases, row } = await watchRun(engine.db, identity, id);
  const longestMs = await writing.stop();
  await engine.close();
  if (row.status !== 'SUCCEEDED') throw new Error(`The run ended ${row.status}: ${JSON.stringify(row.error)}`);
  const { created, updated, unchanged } = row;
  const sinceAsked = ((row.finishedAt ?? now).getTime() - now.getTime()) / 1_000;

  return { seconds, sinceAsked, phases, longestMs, counts: { created, updated, unchanged } };
}

/** As a gateway has it: it asks, and leaves the work to workers. */
async function openEngine(target: Target, sis: SisAddress, masterKey: Uint8Array) {
  const db = connect({ target, role: 'app', max: 4 });
  const system = connect({ target, role: 'system', max: 4 });
  const listener = connect({ target, role: 'system', max: 1 });
  const log = createLog({ level: 'warn', stream: process.stderr, pretty: false });
  const jobs = await openJobs({ system, listener, supervise: false, log });
  const wake = createWake(system, log);
  const engine: Engine = {
    db,
    connectors,
    vault: createVault({ masterKey: Buffer.from(masterKey) }),
    clock: systemClock,
    log,
    enqueue: jobs.enqueue,
    http: outbound(db, [new URL(sis.origin).host]),
    wake,
    random: Math.random,
  };

  return {
    ...engine,
    api: engineApi(engine, db),
    async close() {
      await wake.close();
      await jobs.stop();
      await Promise.all([db.end(), system.end(), listener.end()]);
    },
  };
}

interface RunState {
  status: string;
  phase: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  created: number;
  updated: number;
  unchanged: number;
  error: unknown;
}

const lookMs = 100;

/** Looks at the run's row until it has ended. */
async function watchRun(db: Sql, identity: Parameters<typeof asTenant>[1], runId: string) {
  const phases: Record<string, number> = {};
  const look = () =>
    asTenant(
      db,
      identity,
      (tx) => tx<RunState[]>`
        select status, phase, started_at as "startedAt", finished_at as "finishedAt", created, updated, unchanged, error from sync_run where id = ${runId}`,
    );
  for (let last = performance.now(); ; ) {
    const [row] = await look();
    if (row === undefined) throw new Error('The run is gone.');
    const now = performance.now();
    if (row.startedAt !== null)
      phases[row.phase ?? 'ENDING'] = (phases[row.phase ?? 'ENDING'] ?? 0) + (now - last) / 1_000;
    last = now;
    if (row.startedAt !== null && row.finishedAt !== null) {
      return { seconds: (row.finishedAt.getTime() - row.startedAt.getTime()) / 1_000, phases, row };
    }
    await setTimeout(lookMs);
  }
}

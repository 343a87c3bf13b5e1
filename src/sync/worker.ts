/** A worker: takes runs that are due, one a lane of each integration, and takes over those whose worker died. */
import { randomInt } from 'node:crypto';
import { asTenant, type Sql } from '../db/client.ts';
import type { Jobs, SyncJob } from '../db/jobs.ts';
import { lapsedRuns } from '../db/queries/engine/held-run.ts';
import { claimRun, nextDue, type RunRow, unattended, workerLocks } from '../db/queries/engine/run.ts';
import type { Engine } from './engine.ts';
import { lapse } from './held.ts';
import { carryOut } from './run.ts';
import { createScheduler } from './schedules.ts';

/** Real milliseconds between two looks for work that nobody is at. */
const rescueMs = 1000;

/** Real milliseconds between two looks at the schedules. */
const tickMs = 1000;

export interface Worker {
  /** Takes nothing more; runs under way stop at their next step and stay RUNNING for the next worker. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  engine: Engine;
  jobs: Jobs;
  /** The system role: it sees across tenants which runs nobody is at. */
  system: Sql;
  /** Bulk runs at once; quick runs have places of their own beside them. */
  concurrency: number;
}

/** Quick runs at once: they are short, and a person waits for each. */
export const quickAtOnce = 2;

export async function startWorker({ engine, jobs, system, concurrency }: WorkerOptions): Promise<Worker> {
  const leaving = new AbortController();
  const active = new Set<string>();
  const alive = await proveAlive(engine);
  const place = ({ tenantId, integrationId, lane }: SyncJob) => `${tenantId} ${integrationId} ${lane}`;

  const lookAt = async (job: SyncJob): Promise<void> => {
    // A run of this process that is under way looks for more itself when it ends.
    if (active.has(place(job)) || leaving.signal.aborted) return;
    active.add(place(job));
    try {
      for (let run = await claim(engine, job, alive.number); run; run = await claim(engine, job, alive.number)) {
        await carryOut(engine, run, leaving.signal);
        if (leaving.signal.aborted) return;
      }
      await comeBackLater(engine, job);
    } finally {
      active.delete(place(job));
    }
  };

  await jobs.work('BULK', concurrency, lookAt);
  await jobs.work('QUICK', quickAtOnce, lookAt);
  const rescue = async () => {
    for (const run of await lapsedRuns(system, engine.clock.now())) await lapse(engine, run);
    for (const job of await unattended(system, engine.clock.now())) {
      if (!active.has(place(job))) await jobs.enqueueNow(job);
    }
  };
  const rescuing = every(rescueMs, rescue, engine);
  const scheduling = every(tickMs, createScheduler(engine, system).tick, engine);

  return {
    async stop() {
      leaving.abort();
      await scheduling.stop();
      await rescuing.stop();
      await jobs.stop();
      await alive.end();
    },
  };
}

function claim(engine: Engine, job: SyncJob, worker: number): Promise<RunRow | null> {
  const identity = { tenantId: job.tenantId, schoolIds: null, actor: 'worker' };

  return asTenant(engine.db, identity, (tx) => claimRun(tx, job, worker, engine.clock.now()));
}

/** A run that is not due yet (a data change that waits for more of its kind) gets a job for its time. */
async function comeBackLater(engine: Engine, job: SyncJob): Promise<void> {
  const identity = { tenantId: job.tenantId, schoolIds: null, actor: 'worker' };
  await asTenant(engine.db, identity, async (tx) => {
    const dueAt = await nextDue(tx, job);
    if (dueAt && dueAt > engine.clock.now()) await engine.enqueue(tx, job, dueAt);
  });
}

/** Holds an advisory lock for as long as this process lives: the server lets go of it the moment the process is gone. */
async function proveAlive(engine: Engine): Promise<{ number: number; end(): Promise<void> }> {
  const number = randomInt(1, 2 ** 31 - 1);
  const hold = async () => {
    const session = await engine.db.reserve();
    try {
      await session`select pg_advisory_lock(${workerLocks}::int, ${number}::int)`;
      return session;
    } catch (error) {
      session.release();
      throw error;
    }
  };
  let session = await hold();
  // A connection that was cut has lost the lock, and cannot be used again.
  const keep = every(
    1000,
    async () => {
      const answers = await session`select 1`.then(
        () => true,
        () => false,
      );
      if (answers) return;
      session.release();
      session = await hold();
    },
    engine,
  );

  return {
    number,
    async end() {
      await keep.stop();
      await session`select pg_advisory_unlock(${workerLocks}::int, ${number}::int)`.catch(() => undefined);
      session.release();
    },
  };
}

function every(ms: number, fn: () => Promise<void>, engine: Engine): { stop(): Promise<void> } {
  let stopped = false;
  let under: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const round = () => {
    under = fn()
      .catch((error: unknown) => engine.log.warn({ error }, 'the worker could not reach the database'))
      .finally(() => {
        if (!stopped) timer = setTimeout(round, ms);
      });
  };
  round();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await under;
    },
  };
}

/** What a worker of a test is made of: an engine whose outside is on loopback, and runs carried out one by one. */
import { randomInt } from 'node:crypto';
import type { Connector } from '../../src/connectors/kit/contract.ts';
import { makeHttp, type Timeouts } from '../../src/connectors/kit/http.ts';
import { asTenant, type Sql } from '../../src/db/client.ts';
import { claimRun, type RunPlaceRow, type RunRow, workerLocks } from '../../src/db/queries/engine/run.ts';
import { createVault } from '../../src/db/vault.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { RunLane } from '../../src/model/sync.ts';
import type { Engine } from '../../src/sync/engine.ts';
import { carryOut } from '../../src/sync/run.ts';

export interface TestEngineParts {
  /** Connections of the worker role. */
  db: Sql;
  connectors: readonly Connector[];
  clock: Clock;
  masterKey: Buffer;
  /** May grow. */
  allowedHosts: readonly string[];
  note?(facts: object, message: string): void;
  /** Impatient by default, for a simulator that hangs should not hold a test up. */
  timeouts?: Partial<Timeouts>;
}

/** An engine that hurries nobody: quotas have tests of their own, and nothing is enqueued. */
export function makeTestEngine(parts: TestEngineParts): Engine {
  const { db, connectors, clock, masterKey, allowedHosts, note = () => undefined } = parts;
  const { timeouts = { headers: 1_500, idle: 1_500 } } = parts;

  return {
    db,
    connectors,
    vault: createVault({ masterKey }),
    clock,
    log: { info: note, warn: note, error: note },
    enqueue: async () => undefined,
    http({ limits, quotaKeys, signal, permit }) {
      const http = makeHttp({
        allowedHosts,
        limits,
        timeouts,
        quotaKeys,
        signal,
        permit,
        takeCalls: async (_name, want) => ({ granted: want, waitMs: 0 }),
      });
      signal.addEventListener('abort', () => void http.close().catch(() => undefined), { once: true });
      return http;
    },
    wake: () => undefined,
    random: () => 0.5,
  };
}

/**
 * Carries out all that an integration has waiting, also what is due within a minute, by another worker's hands where given;
 * answers the last run, if there was any.
 */
export async function carryOutWaiting(
  engine: Engine,
  place: { tenantId: string; integrationId: string },
  by: Engine = engine,
): Promise<RunRow | null> {
  const identity = { tenantId: place.tenantId, schoolIds: null, actor: 'test' };
  let last: RunRow | null = null;
  for (;;) {
    const later = new Date(engine.clock.now().getTime() + 60_000);
    const claim = (lane: RunLane) => asTenant(engine.db, identity, (tx) => claimRun(tx, { ...place, lane }, 1, later));
    const run = (await claim('QUICK')) ?? (await claim('BULK'));
    if (!run) return last;
    last = run;
    await carryOut(by, run, new AbortController().signal);
  }
}

export interface LivingWorker {
  /** Takes the lane's next run and carries it out, by `by`; fails when there is none to take. */
  take(place: RunPlaceRow, by: Engine): Promise<{ id: string; ended: Promise<void> }>;
  dies(): Promise<void>;
}

/** A worker that shows that it lives, by a lock that `session` holds until it dies. */
export async function livingWorker(
  engine: Engine,
  session: Awaited<ReturnType<Sql['reserve']>>,
): Promise<LivingWorker> {
  const number = randomInt(2, 2 ** 31 - 1);
  await session`select pg_advisory_lock(${workerLocks}::int, ${number}::int)`;

  return {
    async take(place, by) {
      const identity = { tenantId: place.tenantId, schoolIds: null, actor: 'test' };
      const later = new Date(engine.clock.now().getTime() + 60_000);
      const run = await asTenant(engine.db, identity, (tx) => claimRun(tx, place, number, later));
      if (!run) throw new Error(`Nothing waits in the ${place.lane} lane.`);
      return { id: run.id, ended: carryOut(by, run, new AbortController().signal) };
    },
    dies: async () => void (await session`select pg_advisory_unlock_all()`),
  };
}

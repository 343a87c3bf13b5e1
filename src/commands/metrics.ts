/** What operators look at, opened where METRICS_KEY is set; without it nothing is counted. */
import { heldBackSeconds, queuedRuns } from '../db/queries/telemetry.ts';
import { systemClock } from '../model/clock.ts';
import { startMetricsServer } from '../server/metrics.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Process } from './parts.ts';

/** Milliseconds that a look at the database may take, for a scrape has to end. */
const patienceMs = 2_000;

/** Begins to count. Undefined where nobody is to know. */
export async function openMetrics({ config, log, lifetime, database }: Process): Promise<Metrics | undefined> {
  if (config.metrics === null) return undefined;
  const { createMetrics } = await import('../telemetry/metrics.ts');
  const metrics = createMetrics(log);
  lifetime.onEnd('metrics', async () => metrics.close());
  const system = await database.pool('system', { max: 1, name: 'metrics', statementTimeout: patienceMs });
  const queue = () => queuedRuns(system, systemClock.now());

  metrics.gauge(
    'homeroom_sync_queue_runs',
    'Sync runs that have not ended, of all processes: due, scheduled for later, running, held for a person.',
    ['lane', 'state'],
    async () => (await queue()).map(({ lane, state, count }) => ({ value: count, labels: { lane, state } })),
  );
  metrics.gauge(
    'homeroom_sync_queue_oldest_due_seconds',
    'How long the oldest sync run that is due waits for a worker.',
    ['lane'],
    async () => {
      const due = (await queue()).filter(({ state }) => state === 'due');
      return due.map(({ lane, oldestSeconds }) => ({ value: oldestSeconds, labels: { lane } }));
    },
  );
  metrics.gauge(
    'homeroom_live_held_back_seconds',
    'How long the oldest event is held back by a transaction that has written and not ended, anywhere on the database server.',
    [],
    async () => [{ value: await heldBackSeconds(system) }],
  );

  return metrics;
}

/** Gives a process that serves nothing else a port for them, where METRICS_PORT is set. */
export async function serveMetrics({ config, log, lifetime }: Process, metrics: Metrics | undefined): Promise<void> {
  const { host } = config;
  if (metrics === undefined || config.metrics?.port == null) return;
  const { key, port } = config.metrics;
  const server = await startMetricsServer({ ...metrics, host, port, key, log });
  lifetime.onEnd('metrics server', () => server.close());
  log.info({ metrics: `${server.url}/metrics` }, 'metrics are ready');
}

/** What this process does, as Prometheus reads it: counted from what the rooms tell, or looked up when it is asked for. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { BaseLogger } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import * as telemetry from '../model/telemetry.ts';
import { listen } from './listen.ts';

export interface Metrics {
  readonly contentType: string;
  /** The exposition. What cannot be looked up is left out, and told in the log. */
  text(): Promise<string>;
  /** A value that is looked up each time it is asked for, once for each set of labels. */
  gauge(name: string, help: string, labels: readonly string[], look: () => Promise<readonly Reading[]>): void;
  /** Listens no more. */
  close(): void;
}

export interface Reading {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Seconds: a request is answered in milliseconds, a first sync of a district takes minutes. */
const quick = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const slow = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];

export function createMetrics(log: Pick<BaseLogger, 'warn'>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });

  const operations = histogram(
    'homeroom_graphql_operation_duration_seconds',
    'Queries, mutations, beginnings of subscriptions, and events of subscriptions, by how they ended: OK or the code of the first error.',
    ['type', 'outcome'],
    quick,
  );
  const running = new Gauge({ name: 'homeroom_sync_runs_active', help: 'Sync runs this process is at.', registers });
  const runs = histogram(
    'homeroom_sync_run_duration_seconds',
    'Tries at sync runs, by how they ended; LEFT for another worker.',
    ['provider', 'mode', 'trigger', 'status'],
    slow,
  );
  const synced = counter(
    'homeroom_sync_operations_total',
    'Records that ended runs created, updated, deleted, found unchanged, skipped, failed at or asked about.',
    ['provider', 'result'],
  );
  const calls = histogram(
    'homeroom_provider_request_duration_seconds',
    'Calls to providers, by method and HTTP status; none when no answer came.',
    ['provider', 'method', 'status'],
    quick,
  );
  const waits = histogram(
    'homeroom_provider_wait_duration_seconds',
    'Time that calls to providers waited: for their share of a quota, or before another try.',
    ['provider', 'reason'],
    slow,
  );
  const events = counter('homeroom_live_events_total', 'Events this process read for its subscribers.', []);
  const lag = histogram(
    'homeroom_live_event_lag_seconds',
    'From the beginning of the transaction that told of an event to the feed of this process, of the oldest of each batch.',
    [],
    quick,
  );

  // A wait knows its provider by the run it happens in.
  const run = new AsyncLocalStorage<telemetry.RunFacts>();
  telemetry.runs.start.bindStore(run, (facts) => facts);
  const fed = (told: unknown) => {
    const { events: count, lagSeconds } = told as telemetry.FeedFacts;
    events.inc(count);
    lag.observe(lagSeconds);
  };
  telemetry.feed.subscribe(fed);
  const stops = [
    listen(telemetry.operations, {
      onEnd: ({ type, outcome }, seconds) => operations.observe({ type, outcome }, seconds),
    }),
    listen(telemetry.runs, {
      onStart: () => running.inc(),
      onEnd({ provider, mode, trigger, status, counts }, seconds) {
        running.dec();
        runs.observe({ provider, mode, trigger, status }, seconds);
        for (const [result, count] of Object.entries(counts ?? {})) synced.inc({ provider, result }, count);
      },
    }),
    listen(telemetry.providerCalls, {
      onEnd: ({ provider, method, status }, seconds) =>
        calls.observe({ provider, method, status: status === null ? 'none' : String(status) }, seconds),
    }),
    listen(telemetry.providerWaits, {
      onEnd: ({ reason }, seconds) =>
        waits.observe({ provider: run.getStore()?.provider ?? 'unknown', reason }, seconds),
    }),
    () => telemetry.runs.start.unbindStore(run),
    () => telemetry.feed.unsubscribe(fed),
  ];

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    gauge(name, help, labelNames, look) {
      const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers: [] });
      registry.registerMetric(
        Object.assign(gauge, {
          async collect() {
            // What was there before and is not any more is no reading.
            gauge.reset();
            if (labelNames.length === 0) gauge.remove({});
            try {
              for (const { value, labels = {} } of await look()) gauge.set(labels, value);
            } catch (err) {
              log.warn({ err, metric: name }, 'a metric cannot be looked up');
            }
          },
        }),
      );
    },
    close() {
      for (const stop of stops) stop();
      registry.clear();
    },
  };
}

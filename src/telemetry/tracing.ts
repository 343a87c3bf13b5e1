/** Spans of what this process does, sent to a collector of OpenTelemetry. Loaded only where a variable of OpenTelemetry is set. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TracingChannel } from 'node:diagnostics_channel';
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import * as telemetry from '../model/telemetry.ts';
import type { TracingSettings } from './tracing-settings.ts';

export interface Tracing {
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Which spans there are: how each channel's facts are named, and what of them is told. */
interface Kind<Facts> {
  readonly kind: SpanKind;
  name(facts: Facts): string;
  /** Looked at when it starts, and again when it has ended. */
  attributes(facts: Facts): Attributes;
  failed(facts: Facts): boolean;
  traceparent?(facts: Facts): string | undefined;
}

export async function startTracing(settings: TracingSettings, version: string): Promise<Tracing> {
  const provider = new TracerProvider({
    // Of the environment last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'homeroom', 'service.version': version }))
      .merge(detectResources({ detectors: [hostDetector, envDetector] })),
    sampler: samplerOf(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: await exporterOf(settings),
        scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
        exportTimeoutMillis: settings.OTEL_BSP_EXPORT_TIMEOUT,
        maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
        maxExportBatchSize: Math.min(settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, settings.OTEL_BSP_MAX_QUEUE_SIZE),
      }),
    ],
  });
  const tracer = provider.getTracer('homeroom', version);
  const current = new AsyncLocalStorage<Span>();

  /** Answers how to stop. */
  function follow<Facts extends object>(channel: TracingChannel<unknown, Facts>, of: Kind<Facts>): () => void {
    const spans = new WeakMap<Facts, Span>();
    const begin = (facts: Facts) => {
      const parent = current.getStore();
      const within = parent ? trace.setSpan(ROOT_CONTEXT, parent) : remote(of.traceparent?.(facts));
      const span = tracer.startSpan(of.name(facts), { kind: of.kind, attributes: of.attributes(facts) }, within);
      spans.set(facts, span);
      return span;
    };
    const end = (told: unknown) => {
      const facts = told as Facts;
      const span = spans.get(facts);
      span?.setAttributes(of.attributes(facts));
      if (of.failed(facts)) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
    };
    channel.start.bindStore(current, begin);
    channel.asyncEnd.subscribe(end);

    return () => {
      channel.start.unbindStore(current);
      channel.asyncEnd.unsubscribe(end);
    };
  }

  const stops = [
    follow(telemetry.operations, operation),
    follow(telemetry.runs, run),
    follow(telemetry.phases, phase),
    follow(telemetry.providerCalls, call),
    follow(telemetry.providerWaits, wait),
  ];

  return {
    async close() {
      for (const stop of stops) stop();
      await provider.shutdown();
    },
  };
}

const operation: Kind<telemetry.OperationFacts> = {
  kind: SpanKind.SERVER,
  name: ({ type }) => `graphql ${type}`,
  attributes: ({ type, requestId, outcome }) => ({
    'graphql.operation.type': type,
    'homeroom.request.id': requestId,
    ...(outcome !== 'OK' && { 'error.type': outcome }),
  }),
  failed: ({ outcome }) => outcome === 'INTERNAL' || outcome === 'TIMEOUT',
  traceparent: (facts) => facts.traceparent,
};

const run: Kind<telemetry.RunFacts> = {
  kind: SpanKind.INTERNAL,
  name: () => 'sync run',
  attributes: ({ runId, mode, trigger, lane, provider, status, counts }) => ({
    'homeroom.run.id': runId,
    'homeroom.run.mode': mode,
    'homeroom.run.trigger': trigger,
    'homeroom.run.lane': lane,
    'homeroom.run.status': status,
    'homeroom.provider': provider,
    ...Object.fromEntries(Object.entries(counts ?? {}).map(([name, count]) => [`homeroom.run.${name}`, count])),
  }),
  failed: ({ status }) => status === 'FAILED',
};

const phase: Kind<telemetry.PhaseFacts> = {
  kind: SpanKind.INTERNAL,
  name: (facts) => facts.phase.toLowerCase(),
  attributes: () => ({}),
  failed: () => false,
};

const call: Kind<telemetry.ProviderCallFacts> = {
  kind: SpanKind.CLIENT,
  name: ({ method }) => method,
  // No address: paths and queries of providers hold ids and mail addresses of people.
  attributes: ({ provider, method, status }) => ({
    'http.request.method': method,
    'homeroom.provider': provider,
    ...(status !== null && { 'http.response.status_code': status }),
  }),
  failed: ({ status }) => status === null || status >= 400,
};

const wait: Kind<telemetry.ProviderWaitFacts> = {
  kind: SpanKind.INTERNAL,
  name: ({ reason }) => `wait for ${reason}`,
  attributes: () => ({}),
  failed: () => false,
};

/** Whose part a span is, as the caller says: https://www.w3.org/TR/trace-context/#traceparent-header */
function remote(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const from = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };

  return isSpanContextValid(from) ? trace.setSpanContext(ROOT_CONTEXT, from) : ROOT_CONTEXT;
}

async function exporterOf(settings: TracingSettings): Promise<SpanExporter> {
  const protocol = settings.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? settings.OTEL_EXPORTER_OTLP_PROTOCOL;
  // Where to, with which headers and for how long it waits, each reads from the environment.
  if (protocol === 'http/json') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    return new OTLPTraceExporter();
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share }: TracingSettings): Sampler {
  const root = rootSampler(name.replace('parentbased_', ''), share);

  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, share: number): Sampler {
  if (name === 'always_on') return new AlwaysOnSampler();
  if (name === 'always_off') return new AlwaysOffSampler();

  return new TraceIdRatioBasedSampler(share);
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTracingSettings, tracingWanted } from './tracing-settings.ts';

test('traces are wanted as soon as a variable of OpenTelemetry is set, unless it says no', () => {
  assert.equal(tracingWanted({ PATH: '/bin', OTEL_SERVICE_NAME: '' }), false);
  assert.equal(tracingWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }), true);
  assert.equal(tracingWanted({ OTEL_SERVICE_NAME: 'homeroom', OTEL_SDK_DISABLED: 'TRUE' }), false);
  assert.equal(tracingWanted({ OTEL_SERVICE_NAME: 'homeroom', OTEL_TRACES_EXPORTER: 'none' }), false);
});

test('the defaults are the specification’s, and an empty variable counts as not set', () => {
  assert.deepEqual(readTracingSettings({ OTEL_BSP_SCHEDULE_DELAY: '', OTEL_TRACES_SAMPLER_ARG: '0.25' }), {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_TRACES_SAMPLER_ARG: 0.25,
    OTEL_BSP_SCHEDULE_DELAY: 5_000,
    OTEL_BSP_EXPORT_TIMEOUT: 30_000,
    OTEL_BSP_MAX_QUEUE_SIZE: 2_048,
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 512,
  });
});

test('what cannot be followed is told at once, all of it', () => {
  assert.throws(
    () => readTracingSettings({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_SAMPLER: 'jaeger_remote' }),
    /OTEL_EXPORTER_OTLP_PROTOCOL.*\n.*OTEL_TRACES_SAMPLER/,
  );
});

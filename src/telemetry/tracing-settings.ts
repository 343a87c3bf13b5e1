/** The environment variables of OpenTelemetry that its packages do not read themselves: which spans are kept, and where they go. */
import { z } from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether anybody asked for traces. Without a variable of OpenTelemetry nothing of it is loaded. */
export function tracingWanted(env: Environment): boolean {
  const set = Object.keys(env).some((name) => name.startsWith('OTEL_') && env[name]);

  return set && env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' && env.OTEL_TRACES_EXPORTER !== 'none';
}

const milliseconds = z.coerce.number().int().nonnegative();
const count = z.coerce.number().int().positive();
const samplers = ['always_on', 'always_off', 'traceidratio'] as const;

/** Names and defaults are the specification's: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
const variables = z.object({
  OTEL_TRACES_EXPORTER: z.literal('otlp').default('otlp'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.enum(['http/protobuf', 'http/json']).optional(),
  OTEL_TRACES_SAMPLER: z
    .enum([...samplers, ...samplers.map((name) => `parentbased_${name}` as const)])
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds.default(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds.default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: count.default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count.default(512),
});

export type TracingSettings = z.output<typeof variables>;

/** What is wrong in the environment, as sentences. */
export class TracingMisconfigured extends Error {
  override readonly name = 'TracingMisconfigured';
}

/** @throws TracingMisconfigured with every problem. */
export function readTracingSettings(env: Environment): TracingSettings {
  // An empty one counts as not set, says the specification.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const { data, error } = variables.safeParse(given);
  if (data) return data;
  const problems = error.issues.map(({ path, message }) => `  - ${path.join('.')}: ${message}.`);
  throw new TracingMisconfigured(`Traces cannot be sent with these settings:\n${problems.join('\n')}`);
}

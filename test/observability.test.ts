/** What an operator sees of a gateway and a worker that are processes of their own: the numbers while a sync runs, and its traces. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { generateDistrict } from '../src/simulators/district/generate.ts';
import { type OneRosterProcess, startOneRosterProcess } from '../src/simulators/oneroster/own-process.ts';
import { type ApiClient, apiClient, connect, mutate } from './harness/client.ts';
import { type CollectedSpan, type Collector, startCollector } from './harness/collector.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';
import { type Exposition, readExposition } from './harness/exposition.ts';
import { type Access, type GatewayProcess, makeAccess, startGateway, startWorker } from './harness/gateway.ts';

const key = 'the-key-of-the-operators-prometheus';
const school = 'Lindenhof Primary';

/** Says on stderr which packages a process loads. */
const tellPackages = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve(name, context, next) {
    if (/^(@opentelemetry\\/|prom-client)/.test(name)) console.error('loads ' + name);
    return next(name, context);
  } });`)}`;

describe('what an operator sees', () => {
  const district = generateDistrict({ seed: 'observed', size: 'small', schools: 1, asOf: new Date() });
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-observed-'));
  let collector: Collector;
  let sis: OneRosterProcess;
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let worker: GatewayProcess;
  let access: Access;
  let client: ApiClient;
  let integrationId: string;

  before(async () => {
    collector = await startCollector();
    sis = await startOneRosterProcess({ district: { records: district }, clients: [{ id: 'homeroom', secret: 's' }] });
    database = await freshDatabase();
    const options = { dataDir, databaseUrl: database.url, allowedHosts: [new URL(sis.origin).host] };
    const env = {
      METRICS_KEY: key,
      METRICS_PORT: '0',
      NODE_OPTIONS: `--import ${tellPackages}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    };
    gateway = await startGateway({ ...options, env }, ['serve', '--no-worker']);
    const json = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_SERVICE_NAME: 'homeroom-worker' };
    worker = await startWorker({ ...options, env: { ...env, ...json } });
    access = await makeAccess(options, 'Tenant', [school]);
    client = apiClient(gateway.url, access.key);
    const { schools } = await client.send('Schools');
    integrationId = await connect(client, schools.nodes[0].id, 'oneroster', {
      settings: { baseUrl: sis.baseUrls['1.1'] ?? sis.origin, version: '1.1', tokenUrl: sis.tokenUrl },
      credentials: { clientId: 'homeroom', clientSecret: 's' },
    });
  });

  after(async () => {
    await client?.close();
    await Promise.all([gateway?.end(), worker?.end()]);
    await database?.drop();
    await sis?.stop();
    await collector?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const metricsOfWorker = async () => /"metrics":"([^"]+)"/.exec(await worker.says(/"metrics":/))?.[1] ?? '';

  async function scrape(url: string): Promise<Exposition> {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4; charset=utf-8$/);
    return readExposition(await answer.text());
  }

  it('opens the numbers to the operator’s key alone, at the gateway and at the worker', async () => {
    for (const url of [`${gateway.url}/metrics`, await metricsOfWorker()]) {
      for (const authorization of ['', `Bearer ${access.key}`, `Bearer ${key}x`, key]) {
        const answer = await fetch(url, { headers: { authorization } });
        assert.equal(answer.status, 401, authorization);
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
      }
      assert.equal((await fetch(url, { method: 'POST' })).status, 405);
    }
  });

  it('counts each subscription, also those that are equal and share what is told', async () => {
    const streams = Array.from({ length: 3 }, () => client.follow('SchoolActivity', {})[Symbol.asyncIterator]());
    for (const stream of streams) {
      let told = await stream.next();
      while (told.value?.data.schoolActivity.__typename !== 'CaughtUp') told = await stream.next();
    }

    assert.equal((await scrape(`${gateway.url}/metrics`)).sum('homeroom_live_subscriptions'), 3);
    for (const stream of streams) await stream.return?.();
  });

  it('counts a sync while it runs, and all of it when it has ended', async () => {
    const { syncRun } = await mutate(client, 'TriggerSync', { integrationId });
    let seen: { gateway: Exposition; worker: Exposition } | undefined;
    let run: { status: string; counts: Record<string, number> } | undefined;
    for await (const event of client.follow('SyncRunUpdated', { id: syncRun.id })) {
      run = event.data.syncRunUpdated;
      if (run?.status !== 'RUNNING' || seen) continue;
      seen = { gateway: await scrape(`${gateway.url}/metrics`), worker: await scrape(await metricsOfWorker()) };
    }
    assert.equal(run?.status, 'SUCCEEDED');
    assert.ok(seen, 'it was seen running');
    assert.equal(seen.gateway.sum('homeroom_live_subscriptions'), 1);
    const atWork =
      seen.worker.sum('homeroom_sync_runs_active') + seen.worker.sum('homeroom_sync_run_duration_seconds_count');
    assert.equal(atWork, 1, 'the run is at work, or has ended meanwhile');

    const [ofGateway, ofWorker] = [await scrape(`${gateway.url}/metrics`), await scrape(await metricsOfWorker())];
    const ended = { provider: 'oneroster', mode: 'DELTA', trigger: 'MANUAL', status: 'SUCCEEDED' };
    assert.equal(ofWorker.sum('homeroom_sync_runs_active'), 0);
    assert.equal(ofWorker.sum('homeroom_sync_run_duration_seconds_count', ended), 1);
    assert.equal(
      ofWorker.sum('homeroom_sync_operations_total', { provider: 'oneroster', result: 'created' }),
      run.counts.created,
    );
    assert.ok((run.counts.created ?? 0) > 100);
    const calls = { provider: 'oneroster', method: 'GET', status: '200' };
    assert.ok(ofWorker.sum('homeroom_provider_request_duration_seconds_count', calls) >= 5);
    assert.equal(ofGateway.sum('homeroom_sync_queue_runs', { state: 'running' }), 0);
    assert.ok(ofGateway.sum('homeroom_live_events_total') > 0);
    assert.ok(ofGateway.sum('homeroom_live_event_lag_seconds_count') > 0);
    assert.ok(ofGateway.types.has('homeroom_live_held_back_seconds'));
    const mutations = { type: 'mutation', outcome: 'OK' };
    assert.equal(ofGateway.sum('homeroom_graphql_operation_duration_seconds_count', mutations), 2);
    assert.ok(ofGateway.sum('homeroom_graphql_operation_duration_seconds_count', { type: 'event' }) > 0);
    assert.equal(ofGateway.types.get('homeroom_graphql_operation_duration_seconds'), 'histogram');
  });

  it('says nothing of anybody in a label, and has few of them', async () => {
    await client.raw('{ schools(first: 0) { totalCount } }');
    for (const url of [`${gateway.url}/metrics`, await metricsOfWorker()]) {
      const { samples } = await scrape(url);
      const ours = samples.filter(({ name }) => name.startsWith('homeroom_'));
      const words = new Set(ours.flatMap(({ labels: { le: _bound, ...labels } }) => Object.values(labels)));
      for (const word of words) assert.match(word, /^[A-Za-z_-]{2,30}$|^\d{3}$/);
      assert.ok(words.size < 40, [...words].join());
      assert.ok(ours.length < 600, `${ours.length} series`);
    }
    const { samples } = await scrape(`${gateway.url}/metrics`);
    assert.ok(samples.some(({ labels }) => labels.outcome === 'BAD_USER_INPUT'));
  });

  it('sends traces of operations and runs where the variables of OpenTelemetry say, part of the caller’s where it is traced', async () => {
    const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${access.key}`,
        'content-type': 'application/json',
        traceparent: `00-${traceId}-${spanId}-01`,
      },
      body: '{"query":"{ viewer { id } }"}',
    });
    // What is left is sent when a process ends.
    assert.deepEqual([await gateway.end(), await worker.end()], [0, 0]);

    const binary = Buffer.concat(collector.binary).toString('latin1');
    assert.ok(binary.includes('graphql mutation') && binary.includes('graphql event'));
    assert.ok(binary.includes(Buffer.from(traceId, 'hex').toString('latin1')), 'the caller’s trace goes on');
    assert.ok(binary.includes(Buffer.from(spanId, 'hex').toString('latin1')));

    const { spans } = collector;
    const run = only(spans, 'sync run');
    assert.equal(run.resource['service.name'], 'homeroom-worker');
    assert.equal(run.attributes['homeroom.provider'], 'oneroster');
    assert.equal(run.attributes['homeroom.run.status'], 'SUCCEEDED');
    assert.ok(Number(run.attributes['homeroom.run.created']) > 100);
    const phases = ['pulling', 'planning', 'applying'].map((name) => only(spans, name));
    for (const phase of phases) assert.deepEqual([phase.traceId, phase.parentSpanId], [run.traceId, run.spanId]);
    const calls = spans.filter(({ name }) => name === 'GET');
    assert.ok(calls.some(({ parentSpanId }) => parentSpanId === phases[0]?.spanId));
    for (const call of calls) assert.equal(call.attributes['homeroom.provider'], 'oneroster');
    for (const span of spans) assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
  });

  it('tells no trace anything of a person, a school or a tenant', () => {
    const told = collector.text();
    const people = district.users.flatMap(({ familyName, email }) => [familyName, email ?? familyName]);
    const long = people.filter((word) => word.length > 4);
    assert.ok(long.length > 50);
    for (const word of [...long, school, access.tenantId, access.key, new URL(sis.origin).host]) {
      assert.ok(!told.includes(word), word);
    }
  });

  it('loads nothing of it where nobody asked', async () => {
    assert.ok(
      gateway.log.some((line) => line === 'loads prom-client'),
      'the hook tells',
    );
    assert.ok(gateway.log.some((line) => line === 'loads @opentelemetry/sdk-trace'));
    const env = { NODE_OPTIONS: `--import ${tellPackages}` };
    const plain = await startGateway({ dataDir, databaseUrl: database.url, allowedHosts: [], env });
    const answer = await fetch(`${plain.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal(answer.status, 404);
    await plain.end();
    assert.deepEqual(
      plain.log.filter((line) => line.startsWith('loads ')),
      [],
    );
  });
});

function only(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const [first, ...more] = spans.filter((span) => span.name === name);
  assert.ok(first && more.length === 0, `one span is called ${name}`);

  return first;
}

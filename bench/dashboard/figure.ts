/** The Dashboard query over HTTP, against a server written by hand for this one answer. */
import { readFileSync } from 'node:fs';
import { startChild } from '../child.ts';
import type { Bench } from '../context.ts';
import { alternate, type Figure, number, percentile, spreadOf } from '../figure.ts';
import { openGateway } from '../gateway.ts';
import { processorSeconds } from '../machine.ts';
import { capture } from './capture.ts';
import { askOnce, load, type Target } from './load.ts';
import { seedDashboard } from './seed.ts';
import { sortStatements } from './statements.ts';

const connections = 8;
const warmUpSeconds = 4;
const seconds = 5;
const defaultRounds = 7;

const query = readFileSync(new URL('../../examples/operations/Dashboard.graphql', import.meta.url), 'utf8');
const body = JSON.stringify({ query });

export async function dashboard(bench: Bench): Promise<readonly Figure[]> {
  const { options, say } = bench;
  const target = await bench.database();
  const gateway = await openGateway(bench, target, await seedDashboard(target));
  const { key } = gateway;
  const { statements, data: expected } = await capture(target, bench.dir, (origin) => askOnce({ origin, key, body }));
  const bare = startChild(new URL('./bare.ts', import.meta.url), options.profile);
  bench.onEnd(() => bare.stop());
  const origin = await bare.ask<string>('serve', { target, statements: sortStatements(statements) });

  const bytes = Buffer.byteLength(expected);
  const sides = { ours: { origin: gateway.url, key, body, bytes }, limit: { origin, key, body, bytes } };
  for (const [name, side] of Object.entries(sides)) {
    if ((await askOnce(side)) !== expected) throw new Error(`The answer of ${name} is not the one that was captured.`);
    await load(side, connections, warmUpSeconds);
  }

  const measure = async (side: Target, pid: number) => {
    const before = processorSeconds(pid);
    const result = await load(side, connections, seconds);
    const cpuMs = ((processorSeconds(pid) - before) * 1_000) / result.requests;
    say(`dashboard ${side === sides.ours ? 'ours ' : 'limit'} ${number(result.requestsPerSecond)} requests/s`);
    return { ...result, cpuMs };
  };
  const pairs = await alternate(
    options.rounds ?? defaultRounds,
    () => measure(sides.ours, gateway.pid),
    () => measure(sides.limit, bare.pid),
  );
  const cpu = (side: 'ours' | 'limit') => `${number(spreadOf(pairs.map((pair) => pair[side].cpuMs)).median)} ms`;
  const latency = (side: 'ours' | 'limit') => {
    const all = pairs.flatMap((pair) => pair[side].took);
    return `${number(percentile(all, 0.5))} / ${number(percentile(all, 0.99))} ms`;
  };

  return [
    {
      name: 'dashboard',
      about: `The Dashboard query (20 schools, 80 integrations, 400 runs, 2,000 log entries, ${number(bytes)} bytes) over HTTP, ${connections} connections, against a bare node:http server with the same statements and the same answer.`,
      unit: 'requests/s',
      ours: spreadOf(pairs.map(({ ours }) => ours.requestsPerSecond)),
      limit: spreadOf(pairs.map(({ limit }) => limit.requestsPerSecond)),
      ratio: spreadOf(pairs.map(({ ours, limit }) => ours.requestsPerSecond / limit.requestsPerSecond)),
      rounds: pairs.length,
      notes: {
        'processor time a request, Homeroom': cpu('ours'),
        'processor time a request, limit': cpu('limit'),
        'p50 / p99, Homeroom': latency('ours'),
        'p50 / p99, limit': latency('limit'),
      },
    },
  ];
}

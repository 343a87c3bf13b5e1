/** Log entries on their way from a commit to a thousand subscribers, against a broadcast of the same bytes by `ws` alone. */
import { readFileSync } from 'node:fs';
import { encodeId } from '../../src/schema/ids.ts';
import { runCommand, startGateway } from '../../test/harness/gateway.ts';
import { addressOf } from '../../test/harness/server.ts';
import { type Child, profiling, startChild } from '../child.ts';
import type { Bench } from '../context.ts';
import { alternate, type Figure, number, percentile, spreadOf } from '../figure.ts';
import type { Script } from './bare.ts';
import type { Arrival, ConnectInput } from './clients.ts';
import { seedRuns } from './runs.ts';
import { ahead, type Measured, saturate } from './saturate.ts';
import type { Commits } from './writer.ts';

const runCount = 10;
const warmUpSeconds = 3;
const seconds = 6;
const latencySeconds = 20;
const defaultRounds = 5;

const query = readFileSync(new URL('../../examples/operations/SyncLogAdded.graphql', import.meta.url), 'utf8');

export async function delivery(bench: Bench): Promise<readonly Figure[]> {
  const { options } = bench;
  const target = await bench.database();
  const runs = await seedRuns(target, runCount);
  const home = { dataDir: bench.dir, databaseUrl: addressOf(target), allowedHosts: [] };
  const made = await runCommand(home, ['api-key', 'create', '--tenant', runs[0]?.tenantId ?? '']);
  const key = /^key\s+(\S+)/m.exec(made)?.[1] ?? '';
  const gateway = await startGateway({ ...home, env: profiling(options.profile) }, ['serve', '--no-worker']);
  bench.onEnd(async () => void (await gateway.end()));
  const start = (file: string) => {
    const child = startChild(new URL(file, import.meta.url), options.profile);
    bench.onEnd(() => child.stop());
    return child;
  };

  const writer = start('./writer.ts');
  await writer.ask('open', { target, runs });
  const subscribers = await subscribe(start('./clients.ts'), {
    groups: runs.map(({ id }) => ({
      url: `${gateway.url.replace('http', 'ws')}/graphql`,
      variables: { syncRunId: encodeId('SyncRun', id), last: 0 },
    })),
    query,
    key,
    count: options.subscribers,
  });
  const ours = saturate(bench, {
    name: 'ours ',
    pid: gateway.pid,
    clients: subscribers,
    what: 'entries',
    step: () => writer.ask('write'),
  });
  await ours.measure(warmUpSeconds);
  await subscribers.ask('record', { groups: runCount });
  await ours.measure(seconds);
  const messages = await subscribers.ask<Script>('recording');

  const bare = start('./bare.ts');
  const address = await bare.ask<string>('serve', { messages });
  const listeners = await subscribe(start('./clients.ts'), {
    groups: runs.map((_run, index) => ({ url: `${address}/${index}`, variables: {} })),
    query,
    key,
    count: options.subscribers,
  });
  const limit = saturate(bench, {
    name: 'limit',
    pid: bare.pid,
    clients: listeners,
    what: 'messages',
    step: (number) => bare.ask('broadcast', { number }),
  });
  await limit.measure(warmUpSeconds);

  const pairs = await alternate(
    options.rounds ?? defaultRounds,
    () => ours.measure(seconds),
    () => limit.measure(seconds),
  );
  const of = (side: 'ours' | 'limit', what: keyof Measured) => spreadOf(pairs.map((pair) => pair[side][what]));
  const saturation = of('ours', 'messagesPerSecond');
  // A quarter of what is possible is modest.
  const perSecond = Math.max(1, Math.round((saturation.median * runCount) / options.subscribers / 4));
  const perRun = Math.ceil((perSecond * latencySeconds) / runCount);
  await subscribers.ask('listen');
  const commits = await writer.ask<Commits>('pace', { perSecond, count: perRun * runCount });
  await subscribers.ask('reached', { what: 'entries', count: ours.steps() + perRun });
  const took = delays(commits, await subscribers.ask<Arrival[]>('heard'));
  const each = options.subscribers / runCount;

  return [
    {
      name: 'delivery',
      about: `SyncLogAdded to ${options.subscribers.toLocaleString('en')} subscribers of ${runCount} runs in ${runCount} schools, ${ahead} steps on their way at once, against a broadcast of the same bytes by bare ws.`,
      unit: 'messages/s',
      ours: saturation,
      limit: of('limit', 'messagesPerSecond'),
      ratio: spreadOf(pairs.map(({ ours, limit }) => ours.messagesPerSecond / limit.messagesPerSecond)),
      rounds: pairs.length,
      notes: {
        'bytes a message': `${number(of('ours', 'bytesPerMessage').median)}, limit ${number(of('limit', 'bytesPerMessage').median)}`,
        'log entries delivered, Homeroom': `${number(of('ours', 'entriesPerSecond').median)} a second`,
        'processor time a message, Homeroom': `${number(of('ours', 'cpuMicroseconds').median)} µs`,
        'processor time a message, limit': `${number(of('limit', 'cpuMicroseconds').median)} µs`,
        [`commit to client at ${perSecond} commits a second (${perSecond * each} messages), p50 / p99`]: `${number(percentile(took, 0.5))} / ${number(percentile(took, 0.99))} ms`,
      },
    },
  ];
}

async function subscribe(clients: Child, input: ConnectInput): Promise<Child> {
  await clients.ask('connect', input);
  return clients;
}

/** Milliseconds from the commit of an entry to each client that heard of it. */
function delays(commits: Commits, arrivals: readonly Arrival[]): number[] {
  return arrivals.flatMap(([id, at]) => (commits[id] === undefined ? [] : [at - commits[id]]));
}

/** The two sides, each with its sender and its clients: Homeroom with a worker that writes, and bare `ws`. */
import { readFileSync } from 'node:fs';
import type { Target } from '../../src/db/client.ts';
import { encodeId } from '../../src/schema/ids.ts';
import { type Child, startChild } from '../child.ts';
import type { Bench } from '../context.ts';
import { openGateway } from '../gateway.ts';
import { residentBytes } from '../machine.ts';
import type { Script } from './bare.ts';
import type { Arrival, ConnectInput } from './clients.ts';
import { seedRuns } from './runs.ts';
import { type Saturated, saturate } from './saturate.ts';
import type { Commits } from './writer.ts';

const document = readFileSync(new URL('../../examples/operations/SyncLogAdded.graphql', import.meta.url), 'utf8');

export interface Homeroom extends Saturated {
  readonly target: Target;
  /** What the gateway's memory grew by as they subscribed. */
  readonly bytesPerSubscriber: number;
  /** What the clients of each run get while `work` goes on. */
  record(work: () => Promise<unknown>): Promise<Script>;
  /** So many commits a second, in one run after the other: when they were committed, and when they arrived where. */
  pace(perSecond: number, seconds: number): Promise<{ commits: Commits; arrivals: readonly Arrival[] }>;
}

export async function openHomeroom(bench: Bench): Promise<Homeroom> {
  const target = await bench.database();
  const runs = await seedRuns(target, bench.options.schools);
  const { url, pid, key } = await openGateway(bench, target, runs[0]?.tenantId ?? '');
  const writer = start(bench, './writer.ts');
  await writer.ask('open', { target, runs });
  const groups = runs.map(({ id }) => ({
    url: `${url.replace('http', 'ws')}/graphql`,
    variables: { syncRunId: encodeId('SyncRun', id), last: 0 },
  }));
  const { subscribers, documents } = bench.options;
  // A comment makes it another document.
  const queries = Array.from({ length: documents }, (_, number) => `${document}# ${number}`);
  const before = residentBytes(pid);
  const clients = await subscribe(bench, { groups, queries, key, count: subscribers });
  const bytesPerSubscriber = (residentBytes(pid) - before) / subscribers;
  const step = () => writer.ask('write');
  const saturated = saturate(bench, { name: 'ours ', pid, clients, what: 'entries', step });

  let paced = 0;

  return {
    ...saturated,
    target,
    bytesPerSubscriber,
    async record(work) {
      await clients.ask('record', { groups: runs.length });
      await work();
      return clients.ask<Script>('recording');
    },
    async pace(perSecond, seconds) {
      const perRun = Math.ceil((perSecond * seconds) / runs.length);
      paced += perRun;
      await clients.ask('listen');
      const commits = await writer.ask<Commits>('pace', { perSecond, count: perRun * runs.length });
      await clients.ask('reached', { what: 'entries', count: saturated.steps() + paced });
      return { commits, arrivals: await clients.ask<Arrival[]>('heard') };
    },
  };
}

export async function openBare(bench: Bench, messages: Script): Promise<Saturated> {
  const server = start(bench, './bare.ts');
  const url = await server.ask<string>('serve', { messages });
  const groups = messages.map((_some, index) => ({ url: `${url}/${index}`, variables: {} }));
  const clients = await subscribe(bench, { groups, queries: [document], key: '', count: bench.options.subscribers });
  const step = (number: number) => server.ask('broadcast', { number });

  return saturate(bench, { name: 'limit', pid: server.pid, clients, what: 'messages', step });
}

function start(bench: Bench, file: string): Child {
  const child = startChild(new URL(file, import.meta.url), bench.options.profile);
  bench.onEnd(() => child.stop());
  return child;
}

async function subscribe(bench: Bench, input: ConnectInput): Promise<Child> {
  const clients = start(bench, './clients.ts');
  await clients.ask('connect', input);
  return clients;
}

/** Milliseconds from the commit of an entry to each client that heard of it. */
export function delays(commits: Commits, arrivals: readonly Arrival[]): number[] {
  return arrivals.flatMap(([id, at]) => (commits[id] === undefined ? [] : [at - commits[id]]));
}

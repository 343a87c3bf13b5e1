/** A full and an unchanged OneRoster pull, against parsing the same pages and COPYing the rows that stay. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Target } from '../../src/db/client.ts';
import { startChild } from '../child.ts';
import type { Bench } from '../context.ts';
import { alternate, type Figure, number, type Pair, spreadOf } from '../figure.ts';
import { peakMiB, processorSeconds, serverSeconds } from '../machine.ts';
import { startWorker } from '../worker.ts';
import { type Leavings, takeOut } from './rows.ts';
import type { Place, RunSeen } from './runs.ts';
import type { PageAddress, SisAddress } from './sis.ts';

const defaultRounds = 3;

interface RunResult extends RunSeen {
  /** The most memory its worker ever had. */
  readonly peakMiB: number;
  /** Seconds of processor time of worker and database. */
  readonly processor: number;
}

interface Ours {
  readonly full: RunResult;
  readonly unchanged: RunResult;
  /** One enrollment in a thousand changed, then one in a hundred. */
  readonly little: RunResult;
  readonly more: RunResult;
}

interface Limit {
  readonly parse: number;
  readonly copy: number;
  readonly peakMiB: number;
  /** Seconds of processor time: parsing, and copying with the database's. */
  readonly processor: { readonly parse: number; readonly copy: number };
}

export async function pull(bench: Bench): Promise<readonly Figure[]> {
  const { options, say } = bench;
  const server = startChild(new URL('./sis.ts', import.meta.url), null);
  bench.onEnd(() => server.stop());
  const sis = await server.ask<SisAddress>('serve', { enrollments: options.records });
  let pages: readonly PageAddress[] = [];
  let leavings: Leavings | undefined;

  const ours = async (): Promise<Ours> => {
    const target = await bench.database();
    const place = await inChild<Place>(bench, 'connectSis', { target, sis, masterKey: randomBytes(32) });
    await server.ask('render');
    await server.ask('pages');
    const runOf = (mode: 'FULL' | 'DELTA') => runInWorker(bench, place, mode);
    const full = await runOf('FULL');
    pages = await server.ask<PageAddress[]>('pages');
    say(`pull ours  full ${told(full)}`);
    leavings ??= await leavingsOf(bench, target);
    const unchanged = await runOf('FULL');
    say(`pull ours  unchanged ${told(unchanged)}`);
    await server.ask('change', { oneIn: 1_000, day: '2026-09-02' });
    const little = await runOf('DELTA');
    say(`pull ours  0.1 % changed ${told(little)}`);
    await server.ask('change', { oneIn: 100, day: '2026-09-03' });
    const more = await runOf('DELTA');
    say(`pull ours  1 % changed ${told(more)}`);
    await bench.drop(target);
    return { full, unchanged, little, more };
  };

  const limit = async (): Promise<Limit> => {
    const target = await bench.database();
    // Changes made pages obsolete: the limit must not wait until the SIS has rendered them again.
    await server.ask('render');
    const child = startChild(new URL('./limit.ts', import.meta.url), null);
    const spent = () => processorSeconds(child.pid) + serverSeconds(bench.dataDir);
    await child.ask('peak');
    const began = spent();
    const parse = await child.ask<number>('parse', { sis, pages });
    const parsed = spent();
    const copy = await child.ask<number>('copy', { target, ...leavings });
    const processor = { parse: parsed - began, copy: spent() - parsed };
    const peak = await child.ask<number>('peak');
    await child.stop();
    await bench.drop(target);
    say(
      `pull limit parse ${number(parse)} s, copy ${number(copy)} s, processor ${number(processor.parse)} and ${number(processor.copy)} s`,
    );
    return { parse, copy, peakMiB: peak, processor };
  };

  const pairs = await alternate(options.rounds ?? defaultRounds, ours, limit);
  if (leavings === undefined) throw new Error('Without a round there is no figure.');
  await Promise.all([...leavings.before, ...leavings.left].map(({ path }) => rm(path)));
  return figures(sis, pairs, leavings, pages.length);
}

/** A run by a worker that is there for nothing else, so that its memory is this run's. */
async function runInWorker(bench: Bench, place: Place, mode: 'FULL' | 'DELTA'): Promise<RunResult> {
  const allowedHosts = [new URL(place.sis.origin).host];
  const worker = await startWorker(bench, place.target, { masterKey: place.masterKey, allowedHosts });
  try {
    const spent = () => processorSeconds(worker.pid) + serverSeconds(bench.dataDir);
    const began = spent();
    const seen = await inChild<RunSeen>(bench, 'run', { ...place, mode });
    return { ...seen, processor: spent() - began, peakMiB: peakMiB(worker.pid) };
  } finally {
    await worker.stop();
  }
}

/** One question to a process that asks Homeroom for something, and ends. */
async function inChild<T>({ options }: Bench, act: string, input: unknown): Promise<T> {
  const child = startChild(new URL('./runs.ts', import.meta.url), options.profile);
  try {
    return await child.ask<T>(act, input);
  } finally {
    await child.stop();
  }
}

/** Read from a copy: whoever reads rows first does work for those who come later. */
async function leavingsOf(bench: Bench, target: Target): Promise<Leavings> {
  const copied = await bench.database(target);
  const leavings = await takeOut(copied, bench.dir);
  await bench.drop(copied);
  return leavings;
}

function figures(
  sis: SisAddress,
  pairs: readonly Pair<Ours, Limit>[],
  { left }: Leavings,
  pages: number,
): readonly Figure[] {
  const records = Object.entries(sis.counts).map(([name, count]) => `${count.toLocaleString('en')} ${name}`);
  const rows = left.filter((file) => file.rows > 0).map(({ table, rows }) => `${rows.toLocaleString('en')} ${table}`);
  const rounds = pairs.length;
  const of = (pick: (pair: Pair<Ours, Limit>) => number) => spreadOf(pairs.map(pick));
  const peak = (how: keyof Ours) => `${number(of(({ ours }) => ours[how].peakMiB).most)} MiB`;
  const longest = (how: keyof Ours) => `${number(of(({ ours }) => ours[how].longestMs).most)} ms`;
  const processor = (how: keyof Ours, limit: (limit: Limit) => number) =>
    `${number(of(({ ours }) => ours[how].processor).median)} s against ${number(of((pair) => limit(pair.limit)).median)} s`;

  return [
    {
      name: 'pull, full',
      about: `A first OneRoster pull of ${records.join(', ')} in ${pages} pages, against fetching and parsing these pages and COPYing what stays (${rows.join(', ')}) into the same indexed tables.`,
      unit: 's',
      ours: of(({ ours }) => ours.full.seconds),
      limit: of(({ limit }) => limit.parse + limit.copy),
      ratio: of(({ ours, limit }) => (limit.parse + limit.copy) / ours.full.seconds),
      rounds,
      notes: {
        ...phasesOf(pairs.map(({ ours }) => ours.full)),
        'limit, parsing': `${number(of(({ limit }) => limit.parse).median)} s`,
        'limit, COPY': `${number(of(({ limit }) => limit.copy).median)} s`,
        'processor time': processor('full', ({ processor: { parse, copy } }) => parse + copy),
        'peak memory, worker': peak('full'),
        'longest writing transaction': longest('full'),
        'peak memory, limit': `${number(of(({ limit }) => limit.peakMiB).most)} MiB`,
      },
    },
    {
      name: 'pull, unchanged',
      about: 'The same pull again, all of it read and nothing different, against fetching and parsing the same pages.',
      unit: 's',
      ours: of(({ ours }) => ours.unchanged.seconds),
      limit: of(({ limit }) => limit.parse),
      ratio: of(({ ours, limit }) => limit.parse / ours.unchanged.seconds),
      rounds,
      notes: {
        ...phasesOf(pairs.map(({ ours }) => ours.unchanged)),
        'processor time': processor('unchanged', ({ processor: { parse } }) => parse),
        'peak memory, worker': peak('unchanged'),
        'longest writing transaction': longest('unchanged'),
      },
    },
    {
      name: 'pull, changes',
      about:
        'A pull of changes after 1 % of the enrollments changed, against ten times one after 0.1 %: 1 is in proportion, more is better.',
      unit: 's',
      ours: of(({ ours }) => ours.more.seconds),
      limit: of(({ ours }) => ours.little.seconds * 10),
      ratio: of(({ ours }) => (ours.little.seconds * 10) / ours.more.seconds),
      rounds,
      notes: {
        ...prefixed('0.1 %', phasesOf(pairs.map(({ ours }) => ours.little))),
        ...prefixed('1 %', phasesOf(pairs.map(({ ours }) => ours.more))),
        'peak memory, worker': peak('more'),
        'longest writing transaction': longest('more'),
      },
    },
  ];
}

function phasesOf(runs: readonly RunResult[]): Record<string, string> {
  const names = [...new Set(runs.flatMap(({ phases }) => Object.keys(phases)))];
  return Object.fromEntries(
    names.map((name) => [
      `Homeroom, ${name.toLowerCase()}`,
      `${number(spreadOf(runs.map(({ phases }) => phases[name] ?? 0)).median)} s`,
    ]),
  );
}

function prefixed(prefix: string, notes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(notes).map(([name, note]) => [`${prefix}: ${name}`, note]));
}

function told({ seconds, phases, counts, peakMiB, longestMs, processor }: RunResult): string {
  const parts = Object.entries(phases).map(([name, spent]) => `${name.toLowerCase()} ${number(spent)} s`);
  return `${number(seconds)} s (${parts.join(', ')}), ${JSON.stringify(counts)}, ${number(peakMiB)} MiB, ${number(longestMs)} ms, processor ${number(processor)} s`;
}

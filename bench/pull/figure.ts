/** A full and an unchanged OneRoster pull, against parsing the same pages and COPYing the rows that stay. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Target } from '../../src/db/client.ts';
import { startChild } from '../child.ts';
import type { Bench } from '../context.ts';
import { alternate, type Figure, number, type Pair, spreadOf } from '../figure.ts';
import type { Place, RunResult } from './engine.ts';
import { type Leavings, takeOut } from './rows.ts';
import type { PageAddress, SisAddress } from './sis.ts';

const defaultRounds = 3;

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
    const place = await inChild<Place>(bench, './engine.ts', 'connectSis', {
      target,
      sis,
      masterKey: randomBytes(32),
    });
    await server.ask('render');
    await server.ask('pages');
    const runOf = (mode: 'FULL' | 'DELTA') => inChild<RunResult>(bench, './engine.ts', 'run', { ...place, mode });
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
    const parse = await child.ask<number>('parse', { sis, pages });
    const copy = await child.ask<number>('copy', { target, ...leavings });
    const peakMiB = await child.ask<number>('peak');
    await child.stop();
    await bench.drop(target);
    say(`pull limit parse ${number(parse)} s, copy ${number(copy)} s`);
    return { parse, copy, peakMiB };
  };

  const pairs = await alternate(options.rounds ?? defaultRounds, ours, limit);
  if (leavings === undefined) throw new Error('Without a round there is no figure.');
  await Promise.all([...leavings.before, ...leavings.left].map(({ path }) => rm(path)));
  return figures(sis, pairs, leavings, pages.length);
}

/** One question to a process that is there for nothing else, so that its memory is this question's. */
async function inChild<T>({ options }: Bench, file: string, act: string, input: unknown): Promise<T> {
  const child = startChild(new URL(file, import.meta.url), options.profile);
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
        'peak memory, Homeroom': peak('full'),
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
        'peak memory, Homeroom': peak('unchanged'),
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
        'peak memory, Homeroom': peak('more'),
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

function told({ seconds, phases, counts, peakMiB, longestMs }: RunResult): string {
  const parts = Object.entries(phases).map(([name, spent]) => `${name.toLowerCase()} ${number(spent)} s`);
  return `${number(seconds)} s (${parts.join(', ')}), ${JSON.stringify(counts)}, ${number(peakMiB)} MiB, ${number(longestMs)} ms`;
}

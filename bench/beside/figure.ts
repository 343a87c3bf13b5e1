/** What waits while a large pull goes on: live events on their way to their clients, and a click for another school. */
import { randomBytes } from 'node:crypto';
import { startChild } from '../child.ts';
import type { Bench } from '../context.ts';
import { delays, type Homeroom, openHomeroom } from '../delivery/sides.ts';
import { type Figure, number, percentile, spreadOf } from '../figure.ts';
import type { Place, RunSeen } from '../pull/runs.ts';
import type { SisAddress } from '../pull/sis.ts';
import { startWorker } from '../worker.ts';

/** Messages a second; the commits follow from how many clients each has. */
const paced = 10_000;
const aloneSeconds = 20;
const sliceSeconds = 4;
/** Enrollments of the school that is clicked for. */
const small = 2_000;

export async function beside(bench: Bench): Promise<readonly Figure[]> {
  const { options, say } = bench;
  const homeroom = await openHomeroom(bench);
  const perSecond = Math.max(1, Math.round((paced * options.schools) / options.subscribers));
  const masterKey = randomBytes(32);
  const large = await connectSis(bench, homeroom, masterKey, options.records);
  const other = await connectSis(bench, homeroom, masterKey, small);
  const allowedHosts = [large, other].map(({ sis }) => new URL(sis.origin).host);
  const worker = await startWorker(bench, homeroom.target, { masterKey, allowedHosts });
  bench.onEnd(() => worker.stop());
  await runOf(other);
  const clickAlone = await runOf(other);
  const alone = await took(homeroom, perSecond, aloneSeconds);
  say(`beside alone: p99 ${number(percentile(alone, 0.99))} ms`);

  const merged = new AbortController();
  const pulling = runOf(large).finally(() => merged.abort());
  const clicking = runOf(other);
  const during: number[] = [];
  while (!merged.signal.aborted) during.push(...(await took(homeroom, perSecond, sliceSeconds)));
  const [pull, click] = [await pulling, await clicking];

  const [p99Alone, p99] = [percentile(alone, 0.99), percentile(during, 0.99)];
  return [
    {
      name: 'beside',
      about: `From commit to client, p99, at ${perSecond} commits a second to ${number(options.subscribers / options.schools)} clients each, while a first pull of ${large.sis.counts.enrollments?.toLocaleString('en')} enrollments merges into the same database, against the same without it.`,
      unit: 'ms',
      ours: spreadOf([p99]),
      limit: spreadOf([p99Alone]),
      ratio: spreadOf([p99Alone / p99]),
      rounds: 1,
      notes: {
        'p50 / p99 / longest beside the pull': `${number(percentile(during, 0.5))} / ${number(p99)} / ${number(percentile(during, 1))} ms`,
        'p50 / p99 / longest alone': `${number(percentile(alone, 0.5))} / ${number(p99Alone)} / ${number(percentile(alone, 1))} ms`,
        'the pull': `${number(pull.seconds)} s, longest writing transaction ${number(pull.longestMs)} ms`,
        'a click for another school, from asking to its end': `${number(click.sinceAsked)} s beside the pull, ${number(clickAlone.sinceAsked)} s alone`,
      },
    },
  ];
}

async function took(homeroom: Homeroom, perSecond: number, seconds: number): Promise<number[]> {
  const { commits, arrivals } = await homeroom.pace(perSecond, seconds);

  return delays(commits, arrivals);
}

async function connectSis(
  bench: Bench,
  { target }: Homeroom,
  masterKey: Uint8Array,
  enrollments: number,
): Promise<Place> {
  const server = startChild(new URL('../pull/sis.ts', import.meta.url), null);
  bench.onEnd(() => server.stop());
  const sis = await server.ask<SisAddress>('serve', { enrollments });
  await server.ask('render');

  return asking<Place>('connectSis', { target, sis, masterKey });
}

function runOf(place: Place): Promise<RunSeen> {
  return asking<RunSeen>('run', { ...place, mode: 'FULL' });
}

/** One question to a process that asks Homeroom for something, and ends. */
async function asking<T>(act: string, input: unknown): Promise<T> {
  const child = startChild(new URL('../pull/runs.ts', import.meta.url), null);
  try {
    return await child.ask<T>(act, input);
  } finally {
    await child.stop();
  }
}

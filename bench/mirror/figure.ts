/** Planning a destination, against reading the same rows by the joins that are needed and comparing them by hand. */
import { startChild } from '../child.ts';
import type { Bench } from '../context.ts';
import { alternate, type Figure, number, type Pair, spreadOf } from '../figure.ts';
import type { CopyFile } from '../pull/rows.ts';
import type { Case } from './district.ts';
import type { Planned, Prepared } from './engine.ts';
import type { Compared } from './limit.ts';

/** As `bin/homeroom` starts one. */
const asAWorker = ['--max-semi-space-size=4'];
const defaultRounds = 3;
/** More memberships than these are not planned, or the figure takes an hour. */
const most = 500_000;

const cases: readonly { which: Case; name: string; about: string }[] = [
  { which: 'unchanged', name: 'mirror, unchanged', about: 'Planning a destination in step' },
  {
    which: 'changed',
    name: 'mirror, 1 % changed',
    about:
      'Planning a destination in which a membership in a hundred is new or has ended and a class in a hundred has another title',
  },
  {
    which: 'first',
    name: 'mirror, first plan',
    about: 'Planning a destination in which the accounts are there and nothing else is',
  },
];

export async function mirror(bench: Bench): Promise<readonly Figure[]> {
  const memberships = Math.min(bench.options.records, most);
  const figures: Figure[] = [];
  for (const { which, name, about } of cases) {
    const small = await planOnce(bench, which, memberships / 10);
    const prepared = await prepare(bench, which, memberships);
    const pairs = await measure(bench, which, prepared);
    await bench.drop(prepared.target);
    figures.push(figureOf(name, about, memberships, small, pairs));
  }

  return figures;
}

async function measure(bench: Bench, which: Case, prepared: Prepared): Promise<Pair<Planned, Compared>[]> {
  let plan: CopyFile | undefined;
  const ours = async () => {
    const target = await bench.database(prepared.target);
    const planned = await inChild<Planned>(bench, './engine.ts', 'plan', { ...prepared, target });
    plan ??= await inChild<CopyFile>(bench, './limit.ts', 'take', { target, dir: bench.dir });
    await bench.drop(target);
    bench.say(
      `mirror ours  ${which} ${number(planned.seconds)} s, ${number(planned.peakMiB)} MiB, ${planned.statements} statements, ${JSON.stringify(planned.plan)}`,
    );
    return planned;
  };
  const limit = async () => {
    const target = await bench.database(prepared.target);
    const compared = await inChild<Compared>(bench, './limit.ts', 'compare', { target, run: prepared, which, plan });
    await bench.drop(target);
    bench.say(`mirror limit ${which} ${number(compared.seconds)} s, ${JSON.stringify(compared.counts)}`);
    return compared;
  };
  // The limit copies the plan that ours has made: ours is always first.
  const pairs = await alternate(1, ours, limit);
  pairs.push(...(await alternate((bench.options.rounds ?? defaultRounds) - 1, ours, limit)));
  for (const pair of pairs) mustAgree(pair);

  return pairs;
}

/** Both sides must come to the same: as much to be done, and as much alike. */
function mustAgree({ ours: { plan }, limit: { counts } }: Pair<Planned, Compared>): void {
  const { unchanged = 0, ...operations } = plan;
  const planned = Object.values(operations).reduce((sum, count) => sum + count, 0);
  const found = counts.new + counts.changed + counts.left;
  if (planned !== found || unchanged !== counts.alike)
    throw new Error(`Homeroom plans ${JSON.stringify(plan)}, by hand it is ${JSON.stringify(counts)}.`);
}

async function prepare(bench: Bench, which: Case, memberships: number): Promise<Prepared> {
  return inChild<Prepared>(bench, './engine.ts', 'prepare', { target: await bench.database(), memberships, which });
}

/** A tenth of the size once, for its memory. */
async function planOnce(bench: Bench, which: Case, memberships: number): Promise<Planned> {
  const prepared = await prepare(bench, which, memberships);
  const planned = await inChild<Planned>(bench, './engine.ts', 'plan', prepared);
  await bench.drop(prepared.target);

  return planned;
}

async function inChild<T>({ options }: Bench, file: string, act: string, input: object): Promise<T> {
  const child = startChild(new URL(file, import.meta.url), options.profile, asAWorker);
  try {
    return await child.ask<T>(act, input);
  } finally {
    await child.stop();
  }
}

function figureOf(
  name: string,
  about: string,
  memberships: number,
  small: Planned,
  pairs: readonly Pair<Planned, Compared>[],
): Figure {
  const of = (pick: (pair: Pair<Planned, Compared>) => number) => spreadOf(pairs.map(pick));

  return {
    name,
    about: `${about}, ${memberships.toLocaleString('en')} memberships, against reading the same rows by hand-written joins, comparing them one by one and copying the same plan in.`,
    unit: 's',
    ours: of(({ ours }) => ours.seconds),
    limit: of(({ limit }) => limit.seconds),
    ratio: of(({ ours, limit }) => limit.seconds / ours.seconds),
    rounds: pairs.length,
    notes: {
      statements: number(of(({ ours }) => ours.statements).median),
      'peak memory': `${number(of(({ ours }) => ours.peakMiB).most)} MiB`,
      'peak memory at a tenth of the size': `${number(small.peakMiB)} MiB`,
      'peak of the heap': `${number(of(({ ours }) => ours.heapMiB).most)} MiB`,
      'at a tenth of the size, seconds': number(small.seconds),
      'longest writing transaction': `${number(of(({ ours }) => ours.longestMs).most)} ms`,
    },
  };
}

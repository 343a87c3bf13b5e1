/** Log entries on their way from a commit to a thousand subscribers, against a broadcast of the same bytes by `ws` alone. */
import type { Bench, Options } from '../context.ts';
import { alternate, type Figure, number, type Pair, percentile, spreadOf } from '../figure.ts';
import { ahead, type Measured } from './saturate.ts';
import { delays, openBare, openHomeroom } from './sides.ts';

const warmUpSeconds = 3;
const seconds = 6;
const latencySeconds = 20;
/** Messages a second at which the time from commit to client is taken. */
const pacedMessages = 10_000;
const defaultRounds = 5;

export async function delivery(bench: Bench): Promise<readonly Figure[]> {
  const { options } = bench;
  const { subscribers, schools } = options;
  const homeroom = await openHomeroom(bench);
  await homeroom.measure(warmUpSeconds);
  const messages = await homeroom.record(() => homeroom.measure(seconds));
  const bare = await openBare(bench, messages);
  await bare.measure(warmUpSeconds);

  const pairs = await alternate(
    options.rounds ?? defaultRounds,
    () => homeroom.measure(seconds),
    () => bare.measure(seconds),
  );

  // Half of what is possible is modest.
  const possible = spreadOf(pairs.map(({ ours }) => ours.messagesPerSecond)).median;
  const perSecond = Math.max(1, Math.round((Math.min(pacedMessages, possible / 2) * schools) / subscribers));
  const { commits, arrivals } = await homeroom.pace(perSecond, latencySeconds);

  return [
    figureOf(bench.options, pairs, { perSecond, took: delays(commits, arrivals), memory: homeroom.bytesPerSubscriber }),
  ];
}

function figureOf(
  { subscribers, schools, documents }: Options,
  pairs: readonly Pair<Measured, Measured>[],
  { perSecond, took, memory }: { perSecond: number; took: readonly number[]; memory: number },
): Figure {
  const of = (side: 'ours' | 'limit', what: keyof Measured) => spreadOf(pairs.map((pair) => pair[side][what]));
  const middle = (side: 'ours' | 'limit', what: keyof Measured) => number(of(side, what).median);
  const quiet = `commit to client, ${perSecond} commits a second to ${number(subscribers / schools)} clients each, p50 / p99`;

  return {
    name: 'delivery',
    about: `SyncLogAdded to ${subscribers.toLocaleString('en')} subscribers of ${schools} runs in ${schools} schools with ${documents} documents, ${ahead} steps on their way at once, against a broadcast of the same bytes by bare ws.`,
    unit: 'messages/s',
    ours: of('ours', 'messagesPerSecond'),
    limit: of('limit', 'messagesPerSecond'),
    ratio: spreadOf(pairs.map(({ ours, limit }) => ours.messagesPerSecond / limit.messagesPerSecond)),
    rounds: pairs.length,
    notes: {
      'bytes a message, Homeroom': middle('ours', 'bytesPerMessage'),
      'bytes a message, limit': middle('limit', 'bytesPerMessage'),
      'log entries delivered a second, Homeroom': middle('ours', 'entriesPerSecond'),
      'processor time a message, Homeroom': `${middle('ours', 'cpuMicroseconds')} µs`,
      'processor time a message, limit': `${middle('limit', 'cpuMicroseconds')} µs`,
      'memory a subscriber, Homeroom': `${number(memory / 1_024)} KiB`,
      [quiet]: `${number(percentile(took, 0.5))} / ${number(percentile(took, 0.99))} ms`,
    },
  };
}

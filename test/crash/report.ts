/** Kills in words. */
import { type Kill, moments, notInTime } from './kills.ts';
import { victims } from './place.ts';

export function told({ number, victim, how, moment, seen, resumedMs }: Kill): string {
  const who = how === null ? victim : `${victim} (${how})`;
  const resumed = resumedMs === null ? '' : `, resumed in ${(resumedMs / 1000).toFixed(1)} s`;

  return `${String(number).padStart(3)}  ${moment.padEnd(7)}  ${who.padEnd(18)}  ${seen}${resumed}`;
}

/** How the kills were distributed, and how soon runs were taken up again. */
export function summary(kills: readonly Kill[]): string[] {
  const table = victims.map((victim) => {
    const counts = moments.map(
      (moment) => `${moment} ${kills.filter((kill) => kill.victim === victim && kill.moment === moment).length}`,
    );
    return `${victim.padEnd(8)}  ${counts.join(', ')}`;
  });
  const times = kills.flatMap(({ resumedMs }) => resumedMs ?? []).sort((left, right) => left - right);
  const seconds = (ms: number | undefined) => `${((ms ?? 0) / 1000).toFixed(1)} s`;
  const missed = kills.filter(({ seen }) => seen.includes(notInTime)).length;

  return [
    ...table,
    `${missed} of ${kills.length} moments did not come in time: those kills came at another moment.`,
    `${times.length} runs lost their worker or its database and were taken up again: half within ` +
      `${seconds(times[Math.floor(times.length / 2)])}, the slowest in ${seconds(times.at(-1))}.`,
  ];
}

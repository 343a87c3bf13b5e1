/** Figures: two sides measured in turn in the same run, and what they come to. */

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One ratio and what it was made of. */
export interface Figure {
  readonly name: string;
  /** In one sentence, ours against which limit. */
  readonly about: string;
  /** Of `ours` and `limit`. */
  readonly unit: string;
  readonly ours: Spread;
  readonly limit: Spread;
  /** 1 is the limit itself. */
  readonly ratio: Spread;
  readonly rounds: number;
  /** What else was seen on the way, by name. */
  readonly notes: Readonly<Record<string, string>>;
}

export interface Pair<Ours, Limit> {
  readonly ours: Ours;
  readonly limit: Limit;
}

/** Measures the two sides in turn, so that what else the machine does falls on both; every second round the other way round. */
export async function alternate<Ours, Limit>(
  rounds: number,
  ours: (round: number) => Promise<Ours>,
  limit: (round: number) => Promise<Limit>,
): Promise<Pair<Ours, Limit>[]> {
  const pairs: Pair<Ours, Limit>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const first = await ours(round);
      pairs.push({ ours: first, limit: await limit(round) });
    } else {
      const first = await limit(round);
      pairs.push({ limit: first, ours: await ours(round) });
    }
  }
  return pairs;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (place: number) => sorted[Math.min(sorted.length - 1, Math.max(0, place))] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;

  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), most: at(sorted.length - 1) };
}

/** The value below which `share` (0 to 1) of all values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);

  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Three digits that matter, and thousands apart. */
export function number(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));

  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 4) });
}

function spread({ median, least, most }: Spread): string {
  return `${number(median)} (${number(least)}–${number(most)})`;
}

/** A figure as rows of a Markdown table: median, and least to most in brackets. */
export function describe(figure: Figure): string {
  const { name, about, unit, ours, limit, ratio, rounds, notes } = figure;
  const rows = [
    ['ratio', spread(ratio)],
    [`Homeroom, ${unit}`, spread(ours)],
    [`limit, ${unit}`, spread(limit)],
    ...Object.entries(notes),
  ];

  return [
    `### ${name}`,
    '',
    `${about} ${rounds} rounds.`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([left, right]) => `| ${left} | ${right} |`),
    '',
  ].join('\n');
}

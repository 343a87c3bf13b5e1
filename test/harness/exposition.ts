/** Reading what `/metrics` says, by the rules of Prometheus' text format; what breaks them is an error. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  /** Of each family, by its name. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
  /** The sum of all samples of this name whose labels are these, whatever else they have. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** A value is what Go's ParseFloat takes: NaN in any letters, and prom-client writes Nan where nothing was measured yet. */
const line =
  /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|[Nn][Aa][Nn])$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

/** @param text https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function readExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const samples: Sample[] = [];
  for (const row of text.split('\n')) {
    if (row === '') continue;
    const [, comment, family = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(row) ?? [];
    if (comment === 'HELP') helped.add(family);
    else if (comment === 'TYPE') types.set(family, rest);
    else {
      const { name = '', labels = '', value = '' } = line.exec(row)?.groups ?? {};
      const family = name.replace(/_(?:bucket|sum|count)$/, '');
      if (name === '' || !(types.has(name) || types.has(family))) throw new Error(`No sample of a family: ${row}`);
      samples.push({ name, labels: labelsIn(labels), value: Number(value.replace('Inf', 'Infinity')) });
    }
  }
  for (const family of types.keys()) if (!helped.has(family)) throw new Error(`${family} does not say what it is.`);

  return {
    types,
    samples,
    sum: (name, labels = {}) =>
      samples
        .filter((each) => each.name === name)
        .filter((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value))
        .reduce((sum, { value }) => sum + value, 0),
  };
}

function labelsIn(text: string): Record<string, string> {
  label.lastIndex = 0;
  const labels: Record<string, string> = {};
  while (label.lastIndex < text.length) {
    const at = label.lastIndex;
    const [, name, value] = label.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`No label at ${at} of ${text}`);
    labels[name] = value;
  }

  return labels;
}

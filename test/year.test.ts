/**
 * A school year between Auriga and Edusign, lived through on a clock that is put forward, held against the rules window by
 * window. Here the weeks around both nights in which clocks change; `npm run year -- --help` tells of the whole.
 */
import { describe, it } from 'node:test';
import { parseArgs } from 'node:util';
import type { LifeOptions } from './year/life.ts';
import { ordinaryYear, prove } from './year/proof.ts';

const usage = `Usage: npm run year -- [options]

A school plans in Auriga and signs in Edusign for a year: sessions are moved, renamed, called off and put together, people come,
go and are renamed, also by hand in Edusign, the favourite is empty one day, and the worker is killed twenty times.

  --learners <number>  how many learners the school has (default 5000)
  --seed <text>        another school, another year
  --from <day>         the first day (default 2026-09-14)
  --until <day>        the last day (default 2027-07-02)
  --deaths <number>    how often the worker is killed with kill -9 (default 20)
  --groups             keep groups in step too
`;

const { values: given } = parseArgs({
  options: {
    learners: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
    until: { type: 'string' },
    deaths: { type: 'string' },
    groups: { type: 'boolean' },
    year: { type: 'boolean' },
    help: { type: 'boolean' },
  },
  strict: false,
});

/** What the checks before a change live through. */
const weeks = {
  'three weeks of autumn, with workers that die between any two steps': {
    learners: 300,
    from: '2026-10-12',
    until: '2026-10-30',
    deaths: 5,
    kill: false,
    accidents: { '2026-10-14': 'empty', '2026-10-16': 'vanished', '2026-10-21': 'strike' },
  },
  'two weeks of spring, with workers that are killed, and without groups': {
    learners: 100,
    from: '2027-03-22',
    until: '2027-04-02',
    deaths: 2,
    groupSync: false,
    accidents: {},
  },
} as const;

if (given.help) {
  process.stdout.write(usage);
} else if (given.year) {
  describe('a school year', () => {
    it('ends with Edusign as the rules say', () =>
      prove(asked((line) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`))));
  });
} else {
  describe('a school that plans in Auriga and signs in Edusign', () => {
    for (const [when, life] of Object.entries(weeks)) {
      it(`has in Edusign what the rules say, window by window, for the fewest calls: ${when}`, (test) =>
        prove({ ...ordinaryYear, ...life, say: (line) => test.diagnostic(line) }));
    }
  });
}

/** The year of the command line. */
function asked(say: LifeOptions['say']): LifeOptions {
  const options: LifeOptions = {
    ...ordinaryYear,
    seed: String(given.seed ?? Date.now() % 1_000_000),
    learners: Number(given.learners ?? 5000),
    from: String(given.from ?? ordinaryYear.from),
    until: String(given.until ?? ordinaryYear.until),
    groupSync: given.groups === true,
    deaths: Number(given.deaths ?? ordinaryYear.deaths),
    say,
  };
  say(`${options.learners} learners, --seed ${options.seed}`);

  return options;
}

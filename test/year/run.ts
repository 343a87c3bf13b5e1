/** `npm run year`: a year at a school of any size, as long as somebody wants to wait for. `--help` lists the options. */
import { describe, it } from 'node:test';
import { parseArgs } from 'node:util';
import type { LifeOptions } from './life.ts';
import { ordinaryYear, prove } from './proof.ts';

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
    help: { type: 'boolean' },
  },
  strict: false,
});

if (given.help) {
  process.stdout.write(usage);
} else {
  describe('a school year', () => {
    it('ends with Edusign as the rules say, each window for the fewest calls', () => prove(asked()));
  });
}

function asked(): LifeOptions {
  const say = (line: string) => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
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

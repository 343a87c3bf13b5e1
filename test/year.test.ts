/**
 * A school year between Auriga and Edusign, lived through on a clock that is put forward, held against the rules window by
 * window. Here three weeks of it; `npm run year -- --help` tells of the whole.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseArgs } from 'node:util';
import { type Life, type LifeOptions, live, wordsOf } from './year/life.ts';

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

const ordinary: Omit<LifeOptions, 'learners' | 'say'> = {
  seed: 'Auriga',
  from: '2026-09-14',
  until: '2027-07-02',
  groupSync: true,
  accidents: { '2026-10-06': 'empty', '2026-10-13': 'vanished', '2027-03-30': 'strike', '2027-05-04': 'vanished' },
  deaths: 20,
  kill: false,
};

/** What the checks before a change live through: the weeks around both nights in which clocks change, at smaller schools. */
const ci = {
  'three weeks of autumn, with workers that die between any two steps': {
    learners: 300,
    from: '2026-10-12',
    until: '2026-10-30',
    deaths: 5,
    accidents: { '2026-10-14': 'empty', '2026-10-16': 'vanished', '2026-10-21': 'strike' },
  },
  'two weeks of spring, with workers that are killed': {
    learners: 100,
    from: '2027-03-22',
    until: '2027-04-02',
    deaths: 2,
    kill: true,
    groupSync: false,
    accidents: {},
  },
} as const;

if (given.help) {
  process.stdout.write(usage);
} else if (given.year) {
  describe('a school year', () => {
    it('ends with Edusign as the rules say', async () => {
      const say = (line: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
      const options: LifeOptions = {
        ...ordinary,
        seed: String(given.seed ?? Date.now() % 1_000_000),
        learners: Number(given.learners ?? 5000),
        from: String(given.from ?? ordinary.from),
        until: String(given.until ?? ordinary.until),
        groupSync: given.groups === true,
        deaths: Number(given.deaths ?? ordinary.deaths),
        kill: true,
        say,
      };
      say(`${options.learners} learners, --seed ${options.seed}`);
      check(options, await live(options));
    });
  });
} else {
  describe('a school that plans in Auriga and signs in Edusign', () => {
    for (const [when, weeks] of Object.entries(ci)) {
      it(`has in Edusign what the rules say, window by window, for the fewest calls: ${when}`, async (test) => {
        const options = { ...ordinary, ...weeks, say: (line: string) => test.diagnostic(line) };
        check(options, await live(options));
      });
    }
  });
}

function check(options: LifeOptions, life: Life): void {
  options.say(wordsOf(life));
  assert.deepEqual(life.wrong, []);
  assert.deepEqual(
    { untold: [...life.due.difference(life.told)], told: [...life.told.difference(life.due)] },
    { untold: [], told: [] },
    'each refusal is in the log with its code, and no other',
  );
  assert.deepEqual([life.harmed, life.problems], [[], []]);
  assert.equal(life.putOff, 1, 'a session of the fifth day on was put off to the twentieth, and kept its sheet');
  assert.ok(life.farAhead > 0, 'a session was moved out of the days ahead, and kept its sheet');
  assert.equal(life.deaths, options.deaths);
  if (life.windows > 300) {
    assert.deepEqual(life.missed, [], 'all that can happen has happened');
    assert.ok(life.keptAMonth > 0, 'signed sheets are there after a month');
  }
  // Of a few weeks' calls one death alone can be more than a twentieth.
  const most = life.leastCalls * 1.05 + (life.windows < 100 ? life.interrupted : 0);
  assert.ok(life.calls <= most, `${life.calls} calls, where ${life.leastCalls} would do`);
}

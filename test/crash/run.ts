/** `npm run crash`: kills, told as they happen, and what they came to. `npm run crash -- --help` lists the options. */
import { parseArgs } from 'node:util';
import { openCrash } from './crash.ts';
import type { Kill } from './kills.ts';
import { summary, told } from './report.ts';

const usage = `Usage: npm run crash -- [options]

  --kills <number>   how many (default 200)
  --seed <number>    the same seed makes the same school and aims at the same moments (default: any)

Kills worker, gateway and database with SIGKILL while a school is pulled, planned, applied and its conflicts are answered, and
compares SIS, database, Google and its journal in the end. Exit code 1 when anything was lost or done twice.
`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(usage);
else process.exitCode = await main(Number(values.kills), Number(values.seed));

async function main(times: number, seed: number): Promise<number> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const began = performance.now();
  say(`seed ${seed}`);
  const crash = await openCrash(seed);
  const kills: Kill[] = [];
  try {
    while (kills.length < times) {
      const kill = await crash.kill();
      kills.push(kill);
      say(`${told(kill)}  [${Math.round((performance.now() - began) / 1000)} s]`);
    }
    const found = await crash.findings();
    for (const line of summary(kills)) say(line);
    say(found.length === 0 ? 'Nothing was lost, nothing was done twice.' : found.join('\n'));

    return found.length === 0 ? 0 : 1;
  } finally {
    await crash.stop();
  }
}

/**
 * Some hundred random queries and some hundred hostile requests; `npm run fuzz` asks ten thousand of each, and as many as
 * `-- --valid 100 --hostile 100` say.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseArgs } from 'node:util';
import { seedOf } from '../harness/random.ts';
import { type Figures, fuzz } from './fuzz.ts';

const { values: given } = parseArgs({
  options: { all: { type: 'boolean' }, valid: { type: 'string' }, hostile: { type: 'string' } },
  strict: false,
});
const valid = Number(given.valid ?? (given.all ? 10_000 : 250));
const hostile = Number(given.hostile ?? (given.all ? 10_000 : 500));
const { seed, random } = seedOf('HOMEROOM_FUZZ_SEED');
const say = given.all ? (text: string) => void process.stdout.write(`${text}\n`) : () => undefined;

it(`answers whatever is asked (HOMEROOM_FUZZ_SEED=${seed})`, async (t) => {
  say(`HOMEROOM_FUZZ_SEED=${seed}`);
  const report = await fuzz({ valid, hostile, random, say });
  for (const [kind, figures] of Object.entries({ valid: report.valid, hostile: report.hostile }))
    t.diagnostic(`${kind}: ${told(figures)}`);
  assert.deepEqual(report.complaints, []);
  // Or the questions would say little.
  assert.ok(report.valid.clean > valid * 0.5, `${report.valid.clean} of ${valid} had no errors`);
});

function told({ asked, clean, median, p99, slowest, statements, perField, statuses, codes }: Figures): string {
  const times = `median ${median.toFixed(1)} ms, p99 ${p99.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms`;
  const fields = perField > 0 ? `, at most ${perField.toFixed(2)} a field` : '';

  return `${asked} asked, ${clean} without errors; ${times}; ${statements} statements${fields}; ${list(statuses)}; ${list(codes)}`;
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} × ${count}`)
    .join(', ');
}

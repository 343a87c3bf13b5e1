/**
 * One command a figure: `npm run bench` takes all, `npm run bench -- dashboard` one. Each is a ratio against a limit that
 * is measured in the same run; bench/README.md says what they mean.
 */
import { parseArgs } from 'node:util';
import { beside } from './beside/figure.ts';
import { type Bench, openBench } from './context.ts';
import { dashboard } from './dashboard/figure.ts';
import { delivery } from './delivery/figure.ts';
import { describe, type Figure } from './figure.ts';
import { describeMachine } from './machine.ts';
import { mirror } from './mirror/figure.ts';
import { pull } from './pull/figure.ts';

const benches: Readonly<Record<string, (bench: Bench) => Promise<readonly Figure[]>>> = {
  dashboard,
  pull,
  mirror,
  delivery,
  beside,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    records: { type: 'string', default: '1000000' },
    subscribers: { type: 'string', default: '10000' },
    schools: { type: 'string', default: '100' },
    documents: { type: 'string', default: '1' },
    profile: { type: 'string' },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench "${unknown.join('", "')}". There are: ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}

const options = {
  rounds: values.rounds === undefined ? null : Number(values.rounds),
  records: Number(values.records),
  subscribers: Number(values.subscribers),
  schools: Number(values.schools),
  documents: Number(values.documents),
  profile: values.profile ?? null,
};
for (const name of names) {
  const bench = await openBench(options);
  const stop = () => void bench.end().finally(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    process.stdout.write(`${await describeMachine(await bench.database())}\n\n`);
    for (const figure of (await benches[name]?.(bench)) ?? []) process.stdout.write(`${describe(figure)}\n`);
  } finally {
    await bench.end();
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

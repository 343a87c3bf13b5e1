/**
 * Subscribers who go on where they were, whatever happens to the gateways and to their connections to the database. `npm run resume`
 * does it with 200 of them and 10,000 events; `-- --subscribers 100 --events 5000 --blows 30` are other numbers.
 */
import { it } from 'node:test';
import { parseArgs } from 'node:util';
import { seedOf } from '../harness/random.ts';
import { proveResuming } from './proof.ts';

const { values: given } = parseArgs({
  options: {
    all: { type: 'boolean' },
    subscribers: { type: 'string' },
    events: { type: 'string' },
    blows: { type: 'string' },
  },
  strict: false,
});
const subscribers = Number(given.subscribers ?? (given.all ? 200 : 40));
const events = Number(given.events ?? (given.all ? 10_000 : 2_000));
const blows = Number(given.blows ?? (given.all ? 30 : 6));
const { seed, random } = seedOf('HOMEROOM_RESUME_SEED');

it(`everybody is told of everything once, in order, over ${blows} blows (HOMEROOM_RESUME_SEED=${seed})`, (test) =>
  proveResuming({
    subscribers,
    events,
    blows,
    random,
    say: (line) => (given.all ? process.stdout.write(`${line}\n`) : test.diagnostic(line)),
  }));

/** A worker in a process of its own: it is told its place and then, line by line, which time it is, and does what is due. */
import { createInterface } from 'node:readline';
import { inspect } from 'node:util';
import { auriga } from '../../src/connectors/auriga/index.ts';
import { edusign } from '../../src/connectors/edusign/index.ts';
import { connect, type Target } from '../../src/db/client.ts';
import { createScheduler } from '../../src/sync/schedules.ts';
import { carryOutWaiting, makeTestEngine } from '../harness/worker.ts';
import type { Order, Place } from './workers-apart.ts';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
const place = JSON.parse(String(first.value)) as Place;
const target = place.database as Target;
const [db, system] = [connect({ target, role: 'worker', max: 5 }), connect({ target, role: 'system', max: 2 })];
let now = new Date(0);
const engine = makeTestEngine({
  db,
  connectors: [auriga, edusign],
  clock: { now: () => now },
  masterKey: Buffer.from(place.masterKey, 'base64'),
  allowedHosts: place.allowedHosts,
  timeouts: { headers: 60_000, idle: 60_000 },
  // What nobody expected is all that is left of a year that ended otherwise.
  note: ({ error }: { error?: unknown }, message) => error && process.stderr.write(`${message}: ${inspect(error)}\n`),
});
const scheduler = createScheduler(engine, system);

for await (const line of lines) {
  const order = JSON.parse(line) as Order;
  now = new Date(order.now);
  await scheduler.tick();
  await carryOutWaiting(engine, { tenantId: place.tenantId, integrationId: order.integrationId });
  process.stdout.write('done\n');
}
await Promise.all([db.end(), system.end()]);

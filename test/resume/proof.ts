/**
 * Two gateways, subscribers at both, and a roster that grows; meanwhile the gateways are killed and told to end in turns, and all
 * their connections to the database are cut. In the end everybody has been told of everybody, once, in order.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWake } from '../../src/live/wake.ts';
import { apiClient } from '../harness/client.ts';
import { freshDatabase, type TestDatabase } from '../harness/database.ts';
import { makeAccess } from '../harness/gateway.ts';
import { asLogin } from '../harness/server.ts';
import { within } from '../harness/within.ts';
import { type Gateways, openGateways } from './gateways.ts';
import { admit, admitted, type Place } from './roster.ts';
import { type Subscriber, startSubscriber } from './subscriber.ts';

export interface ProofOptions {
  readonly subscribers: number;
  readonly events: number;
  /** Blows, of which every third cuts the connections to the database and the others end a gateway. */
  readonly blows: number;
  readonly random: () => number;
  readonly say: (text: string) => void;
}

/** Events that a writer may be ahead of the slowest: more than a queue holds. */
const ahead = 200;
const writers = 3;
/** Milliseconds without any progress after which nothing will come any more. */
const patienceMs = 60_000;

export async function proveResuming(options: ProofOptions): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-resume-'));
  const database = await freshDatabase();
  const env = {
    CONNECTIONS_PER_CALLER: '10000',
    CONNECTIONS_PER_TENANT: '10000',
    POINTS_PER_CALLER: '1000000',
    POINTS_PER_TENANT: '1000000',
  };
  const where = { dataDir, databaseUrl: database.url, allowedHosts: [], env };
  const { key, tenantId } = await makeAccess(where, 'Tenant', ['School']);
  const gateways = await openGateways(where, 2);
  try {
    const began = performance.now();
    const api = apiClient(await gateways.address(0), key);
    const { liveCursor: after, schools } = await api.send('{ liveCursor schools { nodes { id } } }');
    await api.close();
    const schoolId = Buffer.from(String(schools.nodes[0].id), 'base64url').toString().split(':')[1] ?? '';
    await run(options, { database, gateways, key, after, place: { tenantId, schoolId } });
    options.say(`${Math.round((performance.now() - began) / 100) / 10} s`);
  } finally {
    await gateways.end();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Stage {
  readonly database: TestDatabase;
  readonly gateways: Gateways;
  readonly key: string;
  readonly after: string;
  readonly place: Place;
}

async function run({ subscribers: count, events, blows, random, say }: ProofOptions, stage: Stage): Promise<void> {
  const { database, gateways, place } = stage;
  const writer = database.connect('app', { name: writerName, max: writers });
  const wake = createWake(database.connect('system', { name: writerName, max: 1 }), { warn: () => undefined });
  const beat = createBeat();
  const subscribers = Array.from({ length: count }, (_, number) =>
    startSubscriber({ ...stage, number, progress: beat.ring }),
  );
  const slowest = () => Math.min(...subscribers.map(({ heard }) => heard.length));
  const furthest = () => Math.max(...subscribers.map(({ heard }) => heard.length));
  const state = () => `the slowest was told of ${slowest()}, the furthest of ${furthest()} of ${written}`;
  const reached = async (number: number) => {
    while (slowest() < number) await within(patienceMs, beat.next(), state);
  };
  let written = 0;

  const write = async () => {
    while (written < events) {
      const some = Math.min(1 + Math.floor(random() * 9), events - written);
      written += some;
      await admit(writer, place, some);
      wake();
      await reached(written - ahead);
    }
  };
  const strike = async () => {
    for (let blow = 1; blow <= blows; blow += 1) {
      await reached(Math.floor((events * blow) / (blows + 1)));
      if (blow % 3 === 0) {
        say(`${written}: ${await cutConnections(database)} connections to the database cut`);
        continue;
      }
      const [number, signal] = [blow % 2, blow % 4 < 2 ? 'SIGKILL' : 'SIGTERM'] as const;
      say(`${written}: gateway ${number + 1} gets ${signal}`);
      await gateways.restart(number, signal);
    }
  };
  try {
    await Promise.all([strike(), ...Array.from({ length: writers }, write)]);
    await reached(events);
  } finally {
    await Promise.all(subscribers.map((each) => each.stop()));
    await wake.close();
  }
  check(subscribers, await admitted(writer, place));
  const begun = subscribers.reduce((sum, each) => sum + each.begun, 0);
  say(`${count} subscribers were told of ${events} each, and began ${begun} times`);
}

function check(subscribers: readonly Subscriber[], expected: readonly string[]): void {
  for (const { name, heard, complaints } of subscribers) {
    assert.deepEqual(complaints, [], name);
    const twice = heard.length - new Set(heard).size;
    const missed = new Set(expected).difference(new Set(heard)).size;
    assert.deepEqual({ twice, missed }, { twice: 0, missed: 0 }, name);
    assert.deepEqual(heard, expected, `${name}: in another order`);
  }
}

const writerName = 'roster-writer';

/** All but those of the test itself. Answers how many. */
async function cutConnections({ target }: TestDatabase): Promise<number> {
  return asLogin(target, async (sql) => {
    const rows = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'homeroom-%' and pid <> pg_backend_pid()
         and application_name not in (${`homeroom-${writerName}`}, 'homeroom-login')`;

    return rows.length;
  });
}

/** Wakes whoever waits for the next event of anybody. */
function createBeat() {
  let waiting = Promise.withResolvers<void>();

  return {
    ring: () => {
      waiting.resolve();
      waiting = Promise.withResolvers();
    },
    next: () => waiting.promise,
  };
}

/** A page of which a part was staged when its worker went: what it left is dropped, and each record is made once. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemorySource, memorySource } from '../../test/harness/memory.ts';
import type { Connector } from '../connectors/kit/contract.ts';
import { claimRun } from '../db/queries/engine/run.ts';
import { carryOut } from './run.ts';

let world: TestEngine;
let sis: MemorySource;
let meanwhile: (key: string) => void = () => undefined;
before(async () => {
  sis = memorySource();
  world = await testEngine([watched(sis.connector)]);
});
after(() => world.database.drop());

/** The same source; `meanwhile` hears of each person who is read. */
function watched(source: Connector): Connector {
  const { people } = source.streams;
  assert.ok(people);
  const key = (wire: unknown) => {
    meanwhile(people.key(wire));
    return people.key(wire);
  };

  return { ...source, streams: { ...source.streams, people: { ...people, key } } };
}

it('is read again from its beginning', async () => {
  sis.people = Array.from({ length: 5000 }, (_, index) => ({
    id: `p${String(index).padStart(4, '0')}`,
    givenName: 'P',
    familyName: String(index),
    role: 'student',
  }));
  const tenantId = world.school.tenant.id;
  const integrationId = await world.connect(sis.connector.id, {}, {});
  const now = world.engine.clock.now();
  await world.write((tx) =>
    world.api.requestRun(tx, {
      tenantId,
      integrationId,
      trigger: 'MANUAL',
      mode: 'FULL',
      requestedBy: 'a person',
      now,
    }),
  );
  const run = await world.write((tx) =>
    claimRun(tx, { tenantId, integrationId, lane: 'BULK' }, 1, new Date(now.getTime() + 60_000)),
  );
  assert.ok(run);
  const leaving = new AbortController();
  meanwhile = (key) => {
    if (key === 'p1200') leaving.abort();
  };
  await carryOut(world.engine, run, leaving.signal);
  const left = await world.write(
    (tx) => tx<{ staged: number; told: number }[]>`
      select count(*)::int as staged, (select coalesce(sum(staged), 0)::int from pull_progress) as told from staging where stream = 'people'`,
  );
  assert.deepEqual([...left], [{ staged: 1000, told: 0 }]);

  meanwhile = () => undefined;
  const done = await world.runWaiting(integrationId);
  const made = await world.write((tx) => tx<{ n: number }[]>`select count(*)::int as n from person`);

  assert.deepEqual([done?.id, done?.status, done?.created, made[0]?.n], [run.id, 'SUCCEEDED', 5000, 5000]);
});

/** A person asks a run to stop, whatever it is just waiting for: it stops within seconds and its log says what was done. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemorySource, memorySource } from '../../test/harness/memory.ts';
import { within } from '../../test/harness/within.ts';
import { makeHttp } from '../connectors/kit/http.ts';
import { oneroster } from '../connectors/oneroster/index.ts';
import type { Sql } from '../db/client.ts';
import { generateDistrict } from '../simulators/district/generate.ts';
import { type OneRosterSimulator, startOneRosterSimulator } from '../simulators/oneroster/simulator.ts';
import type { Engine } from './engine.ts';

/** Real milliseconds in which a run must have stopped: far below what it would have waited otherwise. */
const soon = 20_000;
const anHour = 3_600_000;
const everybody = 9_500;

describe('a run that a person cancels', () => {
  let sis: OneRosterSimulator;
  let people: MemorySource;
  let world: TestEngine;
  let sisId: string;
  let peopleId: string;
  let owner: Sql;

  before(async () => {
    const district = generateDistrict({ seed: 'cancelled', size: 'small', schools: 1, asOf: new Date() });
    sis = await startOneRosterSimulator({ district, clients: [{ id: 'homeroom', secret: 'secret' }], pageCap: 200 });
    people = memorySource();
    world = await testEngine([oneroster, people.connector], undefined, {
      timeouts: { headers: anHour, idle: anHour },
    });
    sisId = await world.connect(
      'oneroster',
      { baseUrl: sis.baseUrls['1.1'], tokenUrl: sis.tokenUrl, version: '1.1' },
      { clientId: 'homeroom', clientSecret: 'secret' },
    );
    peopleId = await world.connect(people.connector.id, {}, {});
    owner = world.database.connect('owner', { max: 1 });
  });
  after(async () => {
    await sis.close();
    await world.database.drop();
  });

  const act = () => ({ tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() });
  const start = async (integrationId: string, by?: Engine) => {
    const { tenantId, now } = act();
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
    return (await world.worker(by)).take(integrationId, 'BULK');
  };
  const cancel = (runId: string) => world.write((tx) => world.api.cancelRun(tx, { ...act(), runId }));
  const stopped = async (run: { id: string; ended: Promise<RunSeen> }) => {
    await cancel(run.id);
    return within(soon, run.ended, () => 'the run goes on');
  };
  const made = async () => {
    const [row] = await world.write(
      (tx) => tx<{ n: number }[]>`
        select count(*)::int as n from link where integration_id = ${peopleId} and record_id is not null`,
    );
    return row?.n ?? 0;
  };
  const leftOver = async () => {
    const [row] = await world.write((tx) => tx<{ n: number }[]>`select count(*)::int as n from staging`);
    return row?.n;
  };

  it('while its provider does not answer stops, leaves nothing behind, and hinders no later one', async () => {
    sis.faults.add({ kind: 'hang', route: 'getAllEnrollments', times: 'always' });
    const run = await start(sisId);
    await sis.journal.waitFor({ route: 'getAllEnrollments' }, { timeoutMs: soon });
    const seen = await stopped(run);
    assert.deepEqual([seen.status, seen.created, seen.error, await leftOver()], ['CANCELLED', 0, null, 0]);

    sis.faults.clear();
    const next = await world.sync(sisId);
    assert.deepEqual([next.status, next.created > 0], ['SUCCEEDED', true]);
  });

  it('while it waits for a quota stops', async () => {
    const { promise: waits, resolve } = Promise.withResolvers<void>();
    const patient: Engine = {
      ...world.engine,
      http({ limits, quotaKeys, signal, permit }) {
        return makeHttp({
          allowedHosts: [new URL(sis.origin).host],
          limits,
          quotaKeys,
          signal,
          permit,
          async takeCalls() {
            resolve();
            return { granted: 1, waitMs: anHour };
          },
        });
      },
    };
    const run = await start(sisId, patient);
    await waits;
    const seen = await stopped(run);
    assert.deepEqual([seen.status, seen.error], ['CANCELLED', null]);
  });

  it('between two commits keeps what was made, tells the rest as not done, and the next one does it', async () => {
    people.people = Array.from({ length: everybody }, (_, index) => ({
      id: `p${String(index).padStart(4, '0')}`,
      givenName: 'P',
      familyName: String(index),
      role: 'student',
    }));
    // A database under load: a second for each thousand records.
    await owner`create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return null; end $$`;
    await owner`create trigger slowly after insert on person for each statement execute function slowly()`;
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const seenAtWork: Engine = {
      ...world.engine,
      wake: () => void made().then((count) => count > 0 && resolve()),
    };
    const run = await start(peopleId, seenAtWork);
    await within(soon, begun, () => 'nothing is made');
    const seen = await stopped(run);
    await owner`drop trigger slowly on person`;

    assert.equal(seen.status, 'CANCELLED');
    assert.ok(seen.created > 0 && seen.created < everybody, String(seen.created));
    assert.equal(await made(), seen.created);
    const sizes = Map.groupBy(await world.log(run.id), ({ status }) => status);
    const sum = (status: string) => (sizes.get(status) ?? []).reduce((total, { size }) => total + size, 0);
    assert.deepEqual([...sizes.keys()].toSorted(), ['SKIPPED', 'SUCCESS']);
    assert.deepEqual([sum('SUCCESS'), sum('SKIPPED')], [seen.created, everybody - seen.created]);
    assert.ok(sizes.get('SKIPPED')?.every(({ details }) => details?.why === 'The run was cancelled.'));

    const next = await world.sync(peopleId);
    assert.deepEqual([next.status, next.created, await made()], ['SUCCEEDED', everybody - seen.created, everybody]);
  });
});

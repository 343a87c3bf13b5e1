/** A run that ends whoever carries it out, each time at the same place, is given up and told; one that gets further is not. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemorySource, memorySource } from '../../test/harness/memory.ts';
import type { Connector, From, Pages } from '../connectors/kit/contract.ts';
import { claimRun, moveRun, type RunRow } from '../db/queries/engine/run.ts';
import { carryOut } from './run.ts';

const mostTries = 20;

describe('a run that ends its worker', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let integrationId: string;
  let dies: (() => void) | null = null;

  before(async () => {
    sis = memorySource();
    sis.people = ['Ann', 'Bas'].map((givenName) => ({ id: givenName, givenName, familyName: 'Dee', role: 'student' }));
    world = await testEngine([deadly(sis.connector)]);
    integrationId = await world.connect(sis.connector.id, {}, {});
  });
  after(() => world.database.drop());

  /** The same source; while it is deadly its second page is never taken in. */
  function deadly(source: Connector): Connector {
    const { people } = source.streams;
    assert.ok(people?.pull.all);
    const all = people.pull.all.bind(people.pull);
    async function* pages(from: From<unknown>): Pages {
      for await (const page of all(from)) {
        if (page.next === null && dies) {
          dies();
          throw new Error('Nobody is there to hear this.');
        }
        yield page;
      }
    }

    return { ...source, streams: { ...source.streams, people: { ...people, pull: { ...people.pull, all: pages } } } };
  }

  const request = () => {
    const now = world.engine.clock.now();
    const asked = { tenantId: world.school.tenant.id, integrationId, trigger: 'MANUAL', mode: 'FULL' } as const;
    return world.write((tx) => world.api.requestRun(tx, { ...asked, requestedBy: 'a person', now }));
  };
  /** As a worker that was not there before. */
  const claim = (worker: number): Promise<RunRow | null> => {
    const place = { tenantId: world.school.tenant.id, integrationId, lane: 'BULK' } as const;
    const soon = new Date(world.engine.clock.now().getTime() + 60_000);
    return world.write((tx) => claimRun(tx, place, worker, soon));
  };

  it('at the same place each time is given up, and says whose turn it is', async () => {
    const id = await request();
    let workers = 0;
    for (let run = await claim(1); run; run = await claim(workers + 1)) {
      workers += 1;
      assert.ok(workers < 2 * mostTries, 'it goes round');
      const gone = new AbortController();
      dies = () => gone.abort();
      await carryOut(world.engine, run, gone.signal);
    }
    // The first one read a page, and so got somewhere.
    assert.equal(workers, mostTries + 2);
    const run = await world.run(id);
    assert.deepEqual([run.status, run.error?.code], ['FAILED', 'breaks_off']);
    assert.match(run.error?.message ?? '', /20 times at the same place/);
    const [integration] = await world.write((tx) => tx`select status from integration where id = ${integrationId}`);
    assert.notEqual(integration?.status, 'CONNECTED');

    dies = null;
    const next = await world.sync(integrationId);
    assert.deepEqual([next.status, next.created], ['SUCCEEDED', 2]);
  });

  it('may do so as often as it likes while each gets further than all before', async () => {
    await request();
    for (let worker = 1; worker < 3 * mostTries; worker += 1) {
      const run = await claim(worker);
      assert.ok(run);
      assert.equal(run.tries, 1);
      await world.write((tx) => moveRun(tx, run, { completed: 1 }));
    }
    // What was read may be lost with the database: to read it again is not to get further.
    for (let tries = 1; tries < 5; tries += 1) {
      const run = await claim(1000 + tries);
      assert.ok(run);
      assert.equal(run.tries, tries);
      await world.write((tx) => moveRun(tx, run, { phase: 'PULLING', setCompleted: 0, completed: 3 }));
    }
  });
});

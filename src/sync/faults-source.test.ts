import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { oneroster } from '../connectors/oneroster/index.ts';
import { generateDistrict } from '../simulators/district/generate.ts';
import type { FaultSwitch } from '../simulators/kit/faults.ts';
import { type OneRosterSimulator, startOneRosterSimulator } from '../simulators/oneroster/simulator.ts';

interface Case {
  title: string;
  fault: FaultSwitch;
  /** What the run is called, and its error's code where it failed. */
  ends: { status: string; code?: RegExp; integration: string };
}

const route = 'getAllEnrollments';
const always = { route, times: 'always' } as const;

const cases: readonly Case[] = [
  {
    title: 'asks for patience with 429 and Retry-After: it is waited for',
    fault: { kind: 'status', status: 429, retryAfter: 1, route, nth: 1 },
    ends: { status: 'SUCCEEDED', integration: 'CONNECTED' },
  },
  {
    title: 'answers 500 once: it is asked again',
    fault: { kind: 'status', status: 500, route, nth: 1 },
    ends: { status: 'SUCCEEDED', integration: 'CONNECTED' },
  },
  {
    title: 'answers 500 for good: the run fails, nothing is removed',
    fault: { kind: 'status', status: 500, ...always },
    ends: { status: 'FAILED', code: /./, integration: 'DEGRADED' },
  },
  {
    title: 'answers a login page with 200: nothing of it is believed',
    fault: { kind: 'html', ...always },
    ends: { status: 'FAILED', code: /./, integration: 'DEGRADED' },
  },
  {
    title: 'sends half of a page: nothing of it is believed',
    fault: { kind: 'truncate', ends: 'quietly', ...always },
    ends: { status: 'FAILED', code: /./, integration: 'DEGRADED' },
  },
  {
    title: 'hangs once: it is asked again',
    fault: { kind: 'hang', route, nth: 1 },
    ends: { status: 'SUCCEEDED', integration: 'CONNECTED' },
  },
  {
    title: 'refuses our credentials: the run fails and a person must act',
    fault: { kind: 'status', status: 401, ...always },
    ends: { status: 'FAILED', code: /./, integration: 'ERROR' },
  },
];

describe('a SIS that', () => {
  let sis: OneRosterSimulator;
  let world: TestEngine;
  let integrationId: string;
  const held = async () => {
    const [row] = await world.write(
      (tx) => tx<{ n: number }[]>`select count(*)::int as n from enrollment where status = 'ACTIVE'`,
    );
    return row?.n;
  };
  const integration = async () => {
    const [row] = await world.write(
      (tx) => tx<{ status: string; reason: string | null }[]>`
      select status, status_reason as reason from integration where id = ${integrationId}`,
    );
    return row;
  };

  before(async () => {
    const district = generateDistrict({ seed: 'faults', size: 'small', schools: 1, asOf: new Date() });
    sis = await startOneRosterSimulator({ district, clients: [{ id: 'homeroom', secret: 'secret' }], pageCap: 200 });
    world = await testEngine([oneroster]);
    integrationId = await world.connect(
      'oneroster',
      { baseUrl: sis.baseUrls['1.1'], tokenUrl: sis.tokenUrl, version: '1.1' },
      { clientId: 'homeroom', clientSecret: 'secret' },
    );
    assert.equal((await world.sync(integrationId)).status, 'SUCCEEDED');
  });

  after(async () => {
    await sis.close();
    await world.database.drop();
  });

  afterEach(() => sis.faults.clear());

  for (const { title, fault, ends } of cases) {
    it(title, async () => {
      const before = await held();
      sis.faults.add(fault);
      const run = await world.sync(integrationId, { mode: 'FULL' });

      assert.deepEqual(
        [run.status, (await integration())?.status],
        [ends.status, ends.integration],
        JSON.stringify(run.error),
      );
      if (ends.code) {
        assert.match(run.error?.code ?? '', ends.code);
        assert.notEqual(run.error?.code, 'internal');
        assert.ok((run.error?.remedy ?? '').length > 10);
        assert.match((await integration())?.reason ?? '', /\w/);
      }
      assert.ok((await world.log(run.id)).every((entry) => entry.status !== 'PENDING'));
      assert.equal(await held(), before);

      sis.faults.clear();
      const next = await world.sync(integrationId, { mode: 'FULL' });
      assert.deepEqual([next.status, (await integration())?.status], ['SUCCEEDED', 'CONNECTED']);
    });
  }
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { type SeededIntegration, type SeededTenant, seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

interface Page {
  totalCount: number;
  edges: { cursor: string; node: { id: string } }[];
  nodes: { id: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const page = `{
  totalCount
  edges { cursor node { id } }
  nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}`;
const runs = `query ($id: ID!, $first: Int, $after: String, $order: SyncRunOrder, $filter: SyncRunFilter) {
  integration(id: $id) { list: syncRuns(first: $first, after: $after, orderBy: $order, filter: $filter) ${page} } }`;
const logs = `query ($id: ID!, $first: Int, $after: String, $filter: SyncLogFilter) {
  node(id: $id) { ... on SyncRun { list: logs(first: $first, after: $after, filter: $filter) ${page} } } }`;

describe('lists that grow', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let integration: SeededIntegration;
  let caller: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    integration = await (await tenant.school()).integration();
    caller = gateway.as(tenant.id);
  });
  after(() => gateway.close());

  async function list(document: string, variables: Record<string, unknown>): Promise<Page> {
    const data = await caller.ask<Record<string, { list: Page }>>(document, variables);

    return Object.values(data)[0]?.list ?? assert.fail('no list');
  }

  async function all(document: string, variables: Record<string, unknown>, first: number): Promise<string[]> {
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const { nodes, edges, pageInfo }: Page = await list(document, { ...variables, first, after });
      ids.push(...nodes.map(({ id }) => id));
      assert.deepEqual(
        edges.map(({ node }) => node),
        nodes,
      );
      assert.equal(pageInfo.startCursor, edges[0]?.cursor ?? null);
      assert.equal(pageInfo.endCursor, edges.at(-1)?.cursor ?? null);
      assert.equal(pageInfo.hasPreviousPage, after !== null);
      if (!pageInfo.hasNextPage) return ids;
      assert.equal(nodes.length, first);
      after = pageInfo.endCursor;
    }
  }

  test('come newest first, or oldest first when told so, in pages of any size', async () => {
    const own = await (await tenant.school()).integration();
    const id = encodeId('Integration', own.id);
    const made: string[] = [];
    for (let n = 0; n < 9; n += 1) made.push(encodeId('SyncRun', (await own.run()).id));

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.boolean(), async (size, descending) => {
        const order = { field: 'CREATED_AT', direction: descending ? 'DESC' : 'ASC' };
        const expected = descending ? made.toReversed() : made;

        assert.deepEqual(await all(runs, { id, order }, size), expected);
      }),
      { numRuns: 15 },
    );
    assert.equal((await list(runs, { id })).totalCount, 9);
    assert.deepEqual(
      (await list(runs, { id })).nodes.map((node) => node.id),
      made.toReversed(),
    );
  });

  test('keep their place while new items arrive and old ones change', async () => {
    const run = await integration.run();
    const id = encodeId('SyncRun', run.id);
    const first = (await run.logs(6, { status: 'PENDING' })).map((log) => encodeId('SyncLog', log));
    const top = await list(logs, { id, first: 3 });

    await run.logs(4);
    await tenant.write(
      (tx) => tx`update sync_log set status = 'SUCCESS', at = now() where run_id = ${run.id} and seq <= 2`,
    );
    const rest = await list(logs, { id, first: 3, after: top.pageInfo.endCursor });

    assert.deepEqual(
      [...top.nodes, ...rest.nodes].map((node) => node.id),
      first.toReversed(),
    );
    assert.equal(rest.pageInfo.hasNextPage, false);
  });

  test('count and page what the filter lets through', async () => {
    const run = await integration.run();
    const id = encodeId('SyncRun', run.id);
    await run.logs(3, { status: 'FAILED' });
    await run.logs(2, { status: 'SKIPPED', action: 'google_classroom.course.update' });
    await run.logs(1);
    const numbers = async (filter: object) => (await list(logs, { id, first: 2, filter })).totalCount;

    assert.equal(await numbers({}), 6);
    assert.equal(await numbers({ status: ['FAILED', 'SKIPPED'] }), 5);
    assert.equal(await numbers({ status: 'FAILED' }), 3);
    assert.equal(await numbers({ status: [] }), 0);
    assert.equal(await numbers({ action: 'google_classroom.roster' }), 4);
    assert.equal(await numbers({ action: 'google_classroom', status: ['SUCCESS'] }), 1);
    assert.equal(await numbers({ action: 'google%' }), 0);
    assert.equal((await all(logs, { id, filter: { status: ['FAILED', 'SKIPPED'] } }, 2)).length, 5);
  });

  test('show the records that are in use, and the archived ones when asked', async () => {
    const school = await tenant.school();
    await school.person();
    await school.person({ status: 'ARCHIVED' });
    const document =
      'query ($id: ID!, $filter: PersonFilter) { school(id: $id) { people(filter: $filter) { totalCount nodes { status } } } }';
    const ask = (filter?: object) => caller.ask<object>(document, { id: encodeId('School', school.id), filter });
    const [active, archived] = [{ status: 'ACTIVE' }, { status: 'ARCHIVED' }];

    assert.deepEqual(await ask(), { school: { people: { totalCount: 1, nodes: [active] } } });
    assert.deepEqual(await ask({ status: ['ACTIVE', 'ARCHIVED'] }), {
      school: { people: { totalCount: 2, nodes: [active, archived] } },
    });
  });

  test('refuse a page size out of bounds, and take 1 to 200', async () => {
    const id = encodeId('Integration', integration.id);
    for (const first of [0, -1, 201, 2_147_483_647]) {
      assert.deepEqual((await caller.run(runs, { id, first })).codes, ['BAD_USER_INPUT'], String(first));
    }
    for (const first of [1, 200, null])
      assert.deepEqual((await caller.run(runs, { id, first })).codes, [], String(first));
  });

  test('refuse a cursor that is not theirs', async () => {
    const id = encodeId('Integration', integration.id);
    const run = await integration.run();
    await run.logs(1);
    const ofLogs = (await list(logs, { id: encodeId('SyncRun', run.id) })).pageInfo.endCursor;
    const own = (await list(runs, { id })).pageInfo.endCursor;
    assert.ok(ofLogs && own);
    const forged = Buffer.from('syncRuns:no-uuid').toString('base64url');

    for (const after of ['', 'garbage', '🦉', `${own}=`, ofLogs, forged, encodeId('SyncRun', run.id)]) {
      assert.deepEqual((await caller.run(runs, { id, after })).codes, ['INVALID_CURSOR'], after);
    }
    for (const key of ['9'.repeat(30), '-1', '1.5', '1 or 1=1']) {
      const after = Buffer.from(`logs:${key}`).toString('base64url');
      assert.deepEqual(
        (await caller.run(logs, { id: encodeId('SyncRun', run.id), after })).codes,
        ['INVALID_CURSOR'],
        key,
      );
    }
    assert.deepEqual((await caller.run(runs, { id, after: own })).codes, []);
  });
});

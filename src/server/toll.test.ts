import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSchema, parse } from 'graphql';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { asTenant } from '../db/client.ts';
import type { Identity } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { createToll, type TollOptions } from './toll.ts';

const schema = buildSchema('type Query { things(ids: [ID!]!): [Thing!]! } type Thing { id: ID! }');

describe('the toll', () => {
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  async function makeTenant(): Promise<string> {
    const id = newId();
    await asTenant(
      database.app,
      { tenantId: id, schoolIds: null, actor: 'test' },
      (tx) => tx`insert into tenant (id, name) values (${id}, 'District')`,
    );

    return id;
  }

  const callerOf = (tenantId: string): Identity => ({
    tenantId,
    schoolIds: null,
    actor: { kind: 'API_KEY', id: newId(), name: 'Key' },
    scopes: new Set(),
  });

  // A point in a quarter of an hour: what comes back during the test does not matter.
  const slow = (capacity: number) => ({ capacity, perSecond: 0.001 });
  const open = (options: Partial<TollOptions> = {}) =>
    createToll({ app: database.app, perOperation: 500, perCaller: slow(20), perTenant: slow(1_000), ...options });
  const things = (points: number) => {
    const variableValues = { ids: Array.from({ length: points * 100 }, String) };
    return { schema, document: parse('query ($ids: [ID!]!) { things(ids: $ids) { id } }'), variableValues };
  };
  const codeOf = ({ refusal }: { refusal?: { extensions: Record<string, unknown> } }) => refusal?.extensions.code;

  test('tells what an operation cost and what is left', async () => {
    const caller = callerOf(await makeTenant());
    const toll = open();
    assert.deepEqual(await toll.charge(things(3), caller), {
      cost: { requested: 3, limit: 500, remaining: 17, restoreRate: 0.001 },
    });
    assert.equal((await toll.charge(things(10), caller)).cost.remaining, 7);
  });

  test('refuses what costs too much, and takes nothing for it', async () => {
    const caller = callerOf(await makeTenant());
    const toll = open({ perOperation: 5 });
    const bill = await toll.charge(things(6), caller);
    assert.equal(codeOf(bill), 'COST_EXCEEDED');
    assert.deepEqual([bill.cost.requested, bill.cost.limit, bill.cost.remaining], [6, 5, 20]);
  });

  test('refuses who has spent all, with the seconds to wait, and lets others of the tenant go on', async () => {
    const tenantId = await makeTenant();
    const [greedy, modest] = [callerOf(tenantId), callerOf(tenantId)];
    const toll = open({ perCaller: { capacity: 20, perSecond: 0.5 } });
    await toll.charge(things(20), greedy);
    const { refusal } = await toll.charge(things(10), greedy);
    assert.equal(refusal?.extensions.code, 'RATE_LIMITED');
    const { retryAfter, http } = refusal.extensions as { retryAfter: number; http: { status: number } };
    assert.ok(retryAfter > 15 && retryAfter <= 20, `${retryAfter} s`);
    assert.equal(http.status, 429);
    assert.equal((await toll.charge(things(10), modest)).refusal, undefined);
  });

  test('counts all callers of a tenant together, and not those of another', async () => {
    const tenantId = await makeTenant();
    const toll = open({ perTenant: slow(25) });
    assert.equal(codeOf(await toll.charge(things(15), callerOf(tenantId))), undefined);
    const second = callerOf(tenantId);
    const bill = await toll.charge(things(15), second);
    assert.equal(codeOf(bill), 'RATE_LIMITED');
    assert.equal(bill.cost.remaining, 10, 'the emptier bucket is told');
    // What the caller had paid before its tenant was asked is not lost.
    assert.equal(codeOf(await toll.charge(things(10), second)), undefined);
    assert.equal(codeOf(await toll.charge(things(15), callerOf(await makeTenant()))), undefined);
  });

  test('spans gateways, which draw some points ahead', async () => {
    const caller = callerOf(await makeTenant());
    const options = { perCaller: { capacity: 100, perSecond: 0.001 }, perTenant: slow(10_000) };
    const [first, second] = [open(options), open(options)];
    const bills = await Promise.all(
      Array.from({ length: 150 }, (_, turn) => (turn % 2 === 0 ? first : second).charge(things(1), caller)),
    );
    assert.equal(bills.filter(({ refusal }) => !refusal).length, 100);
  });

  test('fills again with time', async () => {
    const caller = callerOf(await makeTenant());
    const toll = open();
    await toll.charge(things(20), caller);
    assert.equal(codeOf(await toll.charge(things(5), caller)), 'RATE_LIMITED');
    await asTenant(
      database.app,
      { tenantId: caller.tenantId, schoolIds: null, actor: 'test' },
      (tx) => tx`update token_bucket set refilled_at = refilled_at - interval '6000 seconds'`,
    );
    assert.equal(codeOf(await toll.charge(things(5), caller)), undefined);
  });
});

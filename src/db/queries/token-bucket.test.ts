import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { freshDatabase, type TestDatabase } from '../../../test/harness/database.ts';
import { newId } from '../../model/ids.ts';
import { asTenant, type TransactionSql } from '../client.ts';
import { type Bucket, takeCalls } from './token-bucket.ts';

describe('a bucket of calls', () => {
  let database: TestDatabase;
  const tenants = [newId(), newId()] as const;
  before(async () => {
    database = await freshDatabase();
    for (const id of tenants) await as(id, (tx) => tx`insert into tenant (id, name) values (${id}, 'District')`);
  });
  after(() => database.drop());

  const as = <T>(tenantId: string, fn: (tx: TransactionSql) => PromiseLike<T>) =>
    asTenant(database.worker, { tenantId, schoolIds: null, actor: 'test' }, async (tx) => fn(tx));
  const take = (name: string, want: number, bucket: Bucket, tenantId: string = tenants[0]) =>
    as(tenantId, (tx) => takeCalls(tx, tenantId, name, want, bucket));
  /** As if so many seconds had gone by since the last draw. */
  const pass = (name: string, seconds: number) =>
    as(
      tenants[0],
      (tx) =>
        tx`update token_bucket set refilled_at = refilled_at - make_interval(secs => ${seconds}) where name = ${name}`,
    );

  // A call in a quarter of an hour: what runs in during the test does not matter.
  const slow = { capacity: 5, perSecond: 0.001 };

  test('grants at once what it holds, and more than that only later', async () => {
    assert.deepEqual(await take('slow', 3, slow), { granted: 3, waitMs: 0 });
    assert.deepEqual(await take('slow', 2, slow), { granted: 2, waitMs: 0 });
    const first = await take('slow', 1, slow);
    const second = await take('slow', 1, slow);
    assert.equal(first.granted, 1);
    assert.ok(first.waitMs > 990_000 && first.waitMs <= 1_000_000, `${first.waitMs} ms for the first`);
    assert.ok(second.waitMs > 1_990_000 && second.waitMs <= 2_000_000, `${second.waitMs} ms for the second`);
  });

  test('fills again with time, never beyond its size', async () => {
    await take('filling', 5, slow);
    await pass('filling', 2_000);
    assert.equal((await take('filling', 2, slow)).waitMs, 0);
    assert.ok((await take('filling', 1, slow)).waitMs > 0);
    await pass('filling', 1_000_000_000);
    assert.equal((await take('filling', 5, slow)).waitMs, 0);
    assert.ok((await take('filling', 1, slow)).waitMs > 0);
  });

  test('gains nothing when the clock is set back, and fills on from there', async () => {
    await take('back', 5, slow);
    await pass('back', -1_000_000);
    const { waitMs } = await take('back', 1, slow);
    assert.ok(waitMs > 990_000 && waitMs <= 1_000_000);
    await pass('back', 2_000);
    assert.equal((await take('back', 1, slow)).waitMs, 0);
  });

  test('gives many who ask at the same time no more than it holds', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => take('crowd', 1, slow)));
    assert.equal(taken.filter(({ waitMs }) => waitMs === 0).length, 5);
    assert.equal(new Set(taken.map(({ waitMs }) => Math.round(waitMs / 100_000))).size, 16);
  });

  test('is one for each tenant', async () => {
    await take('own', 5, slow);
    assert.equal((await take('own', 5, slow, tenants[1])).waitMs, 0);
  });
});
